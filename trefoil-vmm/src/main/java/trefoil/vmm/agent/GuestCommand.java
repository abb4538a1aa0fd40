package trefoil.vmm.agent;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A command that runs in the guest. Thread-safe; one thread writes, one reads each stream. */
public final class GuestCommand implements AutoCloseable {
    private static final long RELEASE_SECONDS = 5;
    private static final int SIGKILL = 9;

    private final Agent agent;
    private final Agent.Slot slot;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final AtomicLong received = new AtomicLong();
    private int pid;
    private boolean over;
    private int status;
    private boolean closed;

    GuestCommand(Agent agent, Agent.Slot slot) {
        this.agent = agent;
        this.slot = slot;
    }

    void begun(int process) {
        lock.lock();
        try {
            pid = process;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void ended(int how) {
        lock.lock();
        try {
            over = true;
            status = how;
            change.signalAll();
        } finally {
            lock.unlock();
        }
        if (pid == 0) {
            endOutput(); // the guest could not open its ends: nobody will close them
        }
    }

    /** Writes to its standard input; waits while it does not read. False when nobody reads any more. */
    public boolean write(byte[] data, int offset, int length) throws InterruptedException {
        return slot.in().send(data, offset, length);
    }

    /** Ends its standard input, once it has read what was written. */
    public void endInput() throws InterruptedException {
        if (slot.in().drained()) {
            agent.endInput(slot);
        }
    }

    /** Reads its standard output; −1 when that is at its end. */
    public int read(byte[] into) throws InterruptedException {
        return counted(slot.out().receive(into));
    }

    /** Reads its standard error; −1 when that is at its end. */
    public int readError(byte[] into) throws InterruptedException {
        return counted(slot.error().receive(into));
    }

    private int counted(int bytes) {
        received.addAndGet(Math.max(0, bytes));
        return bytes;
    }

    /** How many bytes of its output were read so far. */
    public long received() {
        return received.get();
    }

    /** Sends its process group a signal; nothing when it has ended. */
    public void signal(int number) throws InterruptedException {
        int process = awaitBegin(RELEASE_SECONDS);
        if (process > 0) {
            agent.tell("signal " + number + " " + process);
        }
    }

    /** Waits until the guest has begun it, or ended it without that. False when it has done neither within that time: it hangs. */
    public boolean begins(long seconds) throws InterruptedException {
        return awaitBegin(seconds) > 0 || over();
    }

    private boolean over() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }

    private int awaitBegin(long seconds) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.SECONDS.toNanos(seconds);
            while (!over && pid == 0 && left > 0) {
                left = change.awaitNanos(left);
            }
            return over ? 0 : pid;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it has ended: its status as a shell tells it, or −1 when the machine went. */
    public int await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!over) {
                change.await();
            }
            return status;
        } finally {
            lock.unlock();
        }
    }

    /** What its output has not ended by some time after it did belongs to a descendant of its: whoever reads then is told the end. */
    public void endOutput() {
        slot.out().finish();
        slot.error().finish();
    }

    /** Lets go of it; kills it when it still runs. Its way is free again when it has ended. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        Thread.ofVirtual().start(this::finish);
    }

    private void finish() {
        try {
            signal(SIGKILL);
            slot.renew(); // who prints without a reader is not to wait for room
            await();
            slot.renew();
            agent.release(slot);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
