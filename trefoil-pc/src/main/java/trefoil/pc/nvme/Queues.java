package trefoil.pc.nvme;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;

/**
 * The queues of one controller (NVMe 1.4, 4.1): number 0 for administration, and up to {@link #PAIRS} of each kind for input and output. Processors move a submission queue's tail and a completion queue's head; the worker
 * alone moves the other ends, makes and deletes queues. Thread-safe; guest memory is touched outside the lock.
 */
final class Queues {
    /** Pairs of queues for input and output. */
    static final int PAIRS = 16;
    /** Entries of a queue for input and output. */
    static final int MOST_ENTRIES = 1024;

    private static final int COMPLETION_LENGTH = 16;

    /** What a doorbell's write meant. */
    enum Doorbell {
        RUNG,
        NO_QUEUE,
        BAD_VALUE
    }

    private static final class Submission {
        private final int id;
        private final long base;
        private final int size;
        private final Completion completion;
        private int head;
        private int tail;

        Submission(int id, long base, int size, Completion completion) {
            this.id = id;
            this.base = base;
            this.size = size;
            this.completion = completion;
        }
    }

    private static final class Completion {
        private final int id;
        private final long base;
        private final int size;
        private final boolean interrupts;
        private final int vector;
        private int head;
        private int tail;
        private boolean phase = true;

        Completion(int id, long base, int size, boolean interrupts, int vector) {
            this.id = id;
            this.base = base;
            this.size = size;
            this.interrupts = interrupts;
            this.vector = vector;
        }

        boolean hasRoom() {
            return (tail + 1) % size != head;
        }
    }

    private final GuestMemory memory;
    private final IntConsumer interrupt;
    private final Submission[] submissions = new Submission[PAIRS + 1];
    private final Completion[] completions = new Completion[PAIRS + 1];

    /** @param interrupt told the vector after an entry of a queue that interrupts */
    Queues(GuestMemory memory, IntConsumer interrupt) {
        this.memory = memory;
        this.interrupt = interrupt;
    }

    // ---- making and deleting ----

    synchronized boolean hasSubmission(int id) {
        return id >= 0 && id <= PAIRS && submissions[id] != null;
    }

    synchronized boolean hasCompletion(int id) {
        return id >= 0 && id <= PAIRS && completions[id] != null;
    }

    /** Whether any queue but those for administration is there. */
    synchronized boolean hasPairs() {
        for (int id = 1; id <= PAIRS; id++) {
            if (submissions[id] != null || completions[id] != null) {
                return true;
            }
        }
        return false;
    }

    /** Whether a queue's memory is there: {@code size} entries of {@code length} bytes, to be written or only to be read. */
    boolean isInMemory(long base, int size, int length, boolean written) {
        try {
            if (written) {
                memory.writable(base, (long) size * length, new ArrayList<>());
            } else {
                memory.readable(base, (long) size * length, new ArrayList<>());
            }
            return true;
        } catch (GuestMemoryFault e) {
            return false;
        }
    }

    synchronized void addCompletion(int id, long base, int size, boolean interrupts, int vector) {
        completions[id] = new Completion(id, base, size, interrupts, vector);
    }

    synchronized void addSubmission(int id, long base, int size, int completion) {
        submissions[id] = new Submission(id, base, size, completions[completion]);
    }

    synchronized void removeSubmission(int id) {
        submissions[id] = null;
    }

    /** False if a submission queue needs it. */
    synchronized boolean removeCompletion(int id) {
        for (Submission submission : submissions) {
            if (submission != null && submission.completion.id == id) {
                return false;
            }
        }
        completions[id] = null;
        return true;
    }

    synchronized void clear() {
        java.util.Arrays.fill(submissions, null);
        java.util.Arrays.fill(completions, null);
    }

    // ---- doorbells ----

    synchronized Doorbell submit(int id, int tail) {
        if (!hasSubmission(id)) {
            return Doorbell.NO_QUEUE;
        }
        Submission queue = submissions[id];
        if (tail >= queue.size) {
            return Doorbell.BAD_VALUE;
        }
        queue.tail = tail;
        return Doorbell.RUNG;
    }

    /** The head may go no further than to what has been written. */
    synchronized Doorbell consume(int id, int head) {
        if (!hasCompletion(id)) {
            return Doorbell.NO_QUEUE;
        }
        Completion queue = completions[id];
        if (head >= queue.size || Math.floorMod(head - queue.head, queue.size) > Math.floorMod(queue.tail - queue.head, queue.size)) {
            return Doorbell.BAD_VALUE;
        }
        queue.head = head;
        return Doorbell.RUNG;
    }

    /** Whether an entry that interrupts has not been consumed. */
    synchronized boolean isInterrupting() {
        for (Completion queue : completions) {
            if (queue != null && queue.interrupts && queue.head != queue.tail) {
                return true;
            }
        }
        return false;
    }

    // ---- the worker's side ----

    /** The next command; null if there is none, or no room for its completion. */
    Command fetch(int id) throws GuestMemoryFault {
        long address;
        synchronized (this) {
            Submission queue = submissions[id];
            if (queue == null || queue.head == queue.tail || !queue.completion.hasRoom()) {
                return null;
            }
            address = queue.base + (long) Command.LENGTH * queue.head;
        }
        byte[] entry = new byte[Command.LENGTH];
        memory.read(address, entry, 0, entry.length);
        synchronized (this) {
            submissions[id].head = (submissions[id].head + 1) % submissions[id].size;
        }
        return Command.of(entry);
    }

    /** Whether the queue's completion queue takes one more. */
    synchronized boolean hasRoom(int id) {
        return submissions[id] != null && submissions[id].completion.hasRoom();
    }

    /** Writes a completion (4.6), for which there is room, and interrupts. A queue that its own command deleted is passed over. */
    void complete(int id, int command, int result, int status) throws GuestMemoryFault {
        Submission from;
        Completion queue;
        long address;
        long high;
        synchronized (this) {
            from = submissions[id];
            if (from == null) {
                return;
            }
            queue = from.completion;
            address = queue.base + (long) COMPLETION_LENGTH * queue.tail;
            int last = status << 17 | (queue.phase ? 1 << 16 : 0) | command;
            high = (long) last << 32 | (from.head | id << 16) & 0xFFFF_FFFFL;
            queue.tail = (queue.tail + 1) % queue.size; // before a guest can see the entry, and say that it has consumed it
            queue.phase ^= queue.tail == 0;
        }
        memory.putLong(address, result & 0xFFFF_FFFFL);
        memory.putLongRelease(address + 8, high);
        if (queue.interrupts) {
            interrupt.accept(queue.vector);
        }
    }

    // ---- state ----

    synchronized List<NvmeState.Submission> submissions() {
        List<NvmeState.Submission> states = new ArrayList<>();
        for (Submission at : submissions) {
            if (at != null) {
                states.add(new NvmeState.Submission(at.id, at.base, at.size, at.head, at.tail, at.completion.id));
            }
        }
        return states;
    }

    synchronized List<NvmeState.Completion> completions() {
        List<NvmeState.Completion> states = new ArrayList<>();
        for (Completion at : completions) {
            if (at != null) {
                states.add(new NvmeState.Completion(at.id, at.base, at.size, at.head, at.tail, at.phase, at.interrupts, at.vector));
            }
        }
        return states;
    }

    synchronized void restore(List<NvmeState.Submission> submitted, List<NvmeState.Completion> completed) {
        clear();
        for (NvmeState.Completion state : completed) {
            addCompletion(state.id(), state.base(), state.size(), state.interrupts(), state.vector());
            Completion queue = completions[state.id()];
            queue.head = state.head();
            queue.tail = state.tail();
            queue.phase = state.phase();
        }
        for (NvmeState.Submission state : submitted) {
            addSubmission(state.id(), state.base(), state.size(), state.completion());
            submissions[state.id()].head = state.head();
            submissions[state.id()].tail = state.tail();
        }
    }
}
