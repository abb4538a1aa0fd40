package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Something opened when it is first needed, so that the daemon's start does not wait for it. Thread-safe. An opening
 * that fails is tried again by the next who needs it.
 */
public final class Lazily<T> {
    /** Opens it. */
    @FunctionalInterface
    public interface Opening<T> {
        T open() throws IOException;
    }

    private final Opening<T> opening;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile T value;

    /** Not opened yet. */
    public Lazily(Opening<T> opening) {
        this.opening = opening;
    }

    /** The opened thing. */
    public T get() throws IOException {
        T there = value;
        if (there != null) {
            return there;
        }
        lock.lock();
        try {
            if (value == null) {
                value = opening.open();
            }
            return value;
        } finally {
            lock.unlock();
        }
    }

    /** The opened thing, or {@code null} when nobody needed it yet. */
    public T ifOpen() {
        return value;
    }
}
