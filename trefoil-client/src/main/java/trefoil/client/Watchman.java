package trefoil.client;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks after the {@link Deadline}s of a client's connections with one thread, which is made when the first wait begins and
 * ends some seconds after the last connection: connections come and go faster than threads do. Thread-safe.
 */
final class Watchman {
    private static final long ROUND = 1_000_000_000L;
    private static final int IDLE_ROUNDS = 5;

    private final Set<Deadline> watched = ConcurrentHashMap.newKeySet();

    /** Guarded by this object. */
    private Thread guard;

    /** Looks after a deadline from now on. */
    void watch(Deadline deadline) {
        watched.add(deadline);
        synchronized (this) {
            if (guard == null) {
                guard = new Thread(this::rounds, "trefoil-deadline");
                guard.setDaemon(true);
                guard.start();
            }
        }
    }

    /** Told of a limit: one that is over before the next round shortens that. */
    void hasten(Duration limit) {
        if (limit.toNanos() < ROUND) {
            synchronized (this) {
                LockSupport.unpark(guard);
            }
        }
    }

    void forget(Deadline deadline) {
        watched.remove(deadline);
    }

    private void rounds() {
        int idle = 0;
        while (idle < IDLE_ROUNDS || !ended()) {
            idle = watched.isEmpty() ? idle + 1 : 0;
            LockSupport.parkNanos(this, Math.max(1, look(System.nanoTime())));
        }
    }

    /** Ends the thread unless a connection came meanwhile. */
    private synchronized boolean ended() {
        if (!watched.isEmpty()) {
            return false;
        }
        guard = null;
        return true;
    }

    /** Closes those whose time is over; nanoseconds until the next look. */
    private long look(long now) {
        long next = ROUND;
        for (Deadline deadline : watched) {
            long left = deadline.left(now);
            if (left <= 0) {
                watched.remove(deadline);
                deadline.expire();
            } else {
                next = Math.min(next, left);
            }
        }
        return next;
    }
}
