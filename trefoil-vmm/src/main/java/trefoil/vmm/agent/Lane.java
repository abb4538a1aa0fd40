package trefoil.vmm.agent;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.machine.CharBackend;

/**
 * A port of the guest's console device, for threads of the host that may wait: bytes to the guest and bytes from it, each with a bounded ring between. The device's side never waits. Thread-safe; one thread sends and one takes
 * at a time.
 */
public final class Lane implements CharBackend {
    private static final int CAPACITY = 64 << 10;

    /** Bytes on their way in one direction. */
    private static final class Ring {
        private final byte[] bytes = new byte[CAPACITY];
        private int start;
        private int length;

        int put(byte[] from, int offset, int count) {
            int taken = Math.min(count, CAPACITY - length);
            for (int n = 0; n < taken; n++) {
                bytes[(start + length + n) % CAPACITY] = from[offset + n];
            }
            length += taken;
            return taken;
        }

        int take(byte[] into, int offset, int count) {
            int taken = Math.min(count, length);
            for (int n = 0; n < taken; n++) {
                into[offset + n] = bytes[(start + n) % CAPACITY];
            }
            start = (start + taken) % CAPACITY;
            length -= taken;
            return taken;
        }
    }

    /** Guards both rings. The listener is called outside it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition change = lock.newCondition();
    private final Ring toGuest = new Ring();
    private final Ring fromGuest = new Ring();
    private volatile Runnable listener = () -> {};
    private boolean closed;
    private boolean ended;
    /** The guest has opened its end in this use. */
    private boolean opened;
    /** Grows when what is on its way to the guest is nobody's any more. */
    private long use;

    // ---- the host's side ----

    /** Sends all of it; waits while the guest does not read. False when the machine is gone, or the lane was given to another use meanwhile. */
    public boolean send(byte[] data, int offset, int length) throws InterruptedException {
        int done = 0;
        long mine = use();
        while (done < length) {
            lock.lockInterruptibly();
            try {
                while (!closed && use == mine && toGuest.length == CAPACITY) {
                    change.await();
                }
                if (closed || use != mine) {
                    return false;
                }
                done += toGuest.put(data, offset + done, length - done);
            } finally {
                lock.unlock();
            }
            listener.run();
        }
        return true;
    }

    private long use() {
        lock.lock();
        try {
            return use;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for bytes of the guest; −1 when it has closed its end, or the machine is gone. */
    public int receive(byte[] into) throws InterruptedException {
        int taken;
        lock.lockInterruptibly();
        try {
            while (!closed && !ended && fromGuest.length == 0) {
                change.await();
            }
            if (fromGuest.length == 0) {
                return -1;
            }
            taken = fromGuest.take(into, 0, into.length);
        } finally {
            lock.unlock();
        }
        listener.run();
        return taken;
    }

    /** Waits until the guest has taken all that was sent; whether it has. */
    public boolean drained() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long mine = use;
            while (!closed && use == mine && toGuest.length > 0) {
                change.await();
            }
            return !closed && use == mine;
        } finally {
            lock.unlock();
        }
    }

    /** Gives the lane to another use: forgets what is on its way in both directions. */
    public void renew() {
        lock.lock();
        try {
            use++;
            toGuest.length = 0;
            fromGuest.length = 0;
            ended = false;
            opened = false;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whoever receives is told the end, whatever the guest still holds. */
    public void finish() {
        lock.lock();
        try {
            ended = true;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- the device's side ----

    @Override
    public int write(byte[] from, int offset, int length) {
        lock.lock();
        try {
            change.signalAll();
            return closed ? length : fromGuest.put(from, offset, length);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        lock.lock();
        try {
            change.signalAll();
            return toGuest.take(into, offset, length);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void listen(Runnable ready) {
        listener = ready;
    }

    /** The guest has opened or closed its end; all that it wrote before has been written here. A closing that belongs to an earlier use is passed over. */
    public void guest(boolean open) {
        lock.lock();
        try {
            ended = !open && opened;
            opened |= open;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The machine is gone: whoever waits is told so. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
