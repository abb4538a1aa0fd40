package trefoil.machine.fake;

import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import trefoil.machine.Clock;

/** A clock that goes only when it is told, and fires timers on the thread that tells it. Not thread-safe. */
public final class ManualClock implements Clock {
    private final Set<Entry> armed = new HashSet<>();
    private long nanos;
    private long epochOffset;
    private long serial;

    /** Begins at time 0, on 1970-01-01. */
    public ManualClock() {
        this(0);
    }

    /** Begins at time 0. */
    public ManualClock(long epochNanos) {
        this.epochOffset = epochNanos;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long epochNanos() {
        return epochOffset + nanos;
    }

    /** Sets the time of day, as an administrator would. */
    public void setEpochNanos(long epochNanos) {
        epochOffset = epochNanos - nanos;
    }

    /** Lets time pass. Timers that fall due on the way fire in order, each at its own time. */
    public void advance(long delta) {
        long until = nanos + delta;
        for (Optional<Entry> next = next(until); next.isPresent(); next = next(until)) {
            Entry entry = next.get();
            armed.remove(entry);
            nanos = Math.max(nanos, entry.deadline);
            entry.action.run();
        }
        nanos = until;
    }

    /** Time of the next timer, if any is set. */
    public Optional<Long> nextDeadline() {
        return next(Long.MAX_VALUE).map(entry -> entry.deadline);
    }

    private Optional<Entry> next(long until) {
        return armed.stream()
                .filter(entry -> entry.deadline <= until)
                .min(Comparator.<Entry>comparingLong(entry -> entry.deadline).thenComparingLong(entry -> entry.order));
    }

    @Override
    public Timer timer(Runnable action) {
        return new Entry(action);
    }

    private final class Entry implements Timer {
        private final Runnable action;
        private long deadline;
        private long order;

        Entry(Runnable action) {
            this.action = action;
        }

        @Override
        public void at(long time) {
            deadline = time;
            order = serial++;
            armed.add(this);
        }

        @Override
        public void cancel() {
            armed.remove(this);
        }
    }
}
