package trefoil.pc.nvme;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Asynchronous events (NVMe 1.4, 5.2): requests are held until there is something to tell; an event waits for a request; when one of a type has been told, those of its type are silent until the log page that goes with it
 * has been read. Each event waits once, however often it happens. Thread-safe.
 */
final class AsyncEvents {
    /** An event: type, information and log page, as in DW0 of the completion. */
    enum Event {
        INVALID_DOORBELL(0, 0, HealthLog.ERRORS),
        INVALID_DOORBELL_VALUE(0, 1, HealthLog.ERRORS),
        TEMPERATURE(1, 1, HealthLog.HEALTH),
        NAMESPACE_CHANGED(2, 0, HealthLog.CHANGED_NAMESPACES);

        private final int type;
        private final int result;

        Event(int type, int information, int log) {
            this.type = type;
            this.result = log << 16 | information << 8 | type;
        }
    }

    /** What ends a request. */
    record Ended(int command, int result, int status) {}

    /** Requests that are held at most. */
    static final int MOST_HELD = 4;

    private final Deque<Integer> held = new ArrayDeque<>();
    private final Deque<Integer> aborted = new ArrayDeque<>();
    private int waiting;
    private int silent;

    synchronized void hold(int command) throws CommandFault {
        CommandFault.unless(held.size() + aborted.size() < MOST_HELD, Status.EVENT_LIMIT_EXCEEDED);
        held.add(command);
    }

    /** Whether a request of this number was held; it is to be given back then. */
    synchronized boolean abort(int command) {
        boolean found = held.removeFirstOccurrence(command);
        if (found) {
            aborted.add(command);
        }
        return found;
    }

    synchronized void raise(Event event) {
        waiting |= 1 << event.ordinal();
    }

    /** A log page was read. */
    synchronized void readLog(int log) {
        for (Event event : Event.values()) {
            if (event.result >>> 16 == log) {
                silent &= ~(1 << event.type);
            }
        }
    }

    /** A request that ends now; null if none does. */
    synchronized Ended next() {
        if (!aborted.isEmpty()) {
            return new Ended(aborted.remove(), 0, Status.ABORT_REQUESTED);
        }
        for (Event event : Event.values()) {
            boolean told = (waiting >> event.ordinal() & 1) != 0 && (silent >> event.type & 1) == 0;
            if (told && !held.isEmpty()) {
                waiting &= ~(1 << event.ordinal());
                silent |= 1 << event.type;
                return new Ended(held.remove(), event.result, Status.SUCCESS);
            }
        }
        return null;
    }

    synchronized void reset() {
        held.clear();
        aborted.clear();
        waiting = 0;
        silent = 0;
    }

    synchronized NvmeState.Events state() {
        return new NvmeState.Events(array(held), array(aborted), waiting, silent);
    }

    private static int[] array(Deque<Integer> commands) {
        int[] array = new int[commands.size()];
        Iterator<Integer> at = commands.iterator();
        for (int i = 0; i < array.length; i++) {
            array[i] = at.next();
        }
        return array;
    }

    synchronized void restore(NvmeState.Events state) {
        reset();
        for (int command : state.held()) {
            held.add(command);
        }
        for (int command : state.aborted()) {
            aborted.add(command);
        }
        waiting = state.waiting();
        silent = state.silent();
    }
}
