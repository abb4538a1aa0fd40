package trefoil.client;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes a channel when a wait for the other side takes too long, because a blocking read of a Unix socket knows no time
 * limit of its own. One thread, made when the first wait begins, ends with the channel. Only the connection's user calls
 * {@link #arm}, {@link #disarm} and {@link #end}.
 */
final class Deadline {
    private static final long NEVER = Long.MAX_VALUE;

    private final Closeable channel;
    private Thread guard;
    private volatile long at = NEVER;
    private volatile boolean ended;
    private volatile boolean passed;

    Deadline(Closeable channel) {
        this.channel = channel;
    }

    /** From now on the channel is closed when {@code limit} passes without another call of this class. */
    void arm(Duration limit) {
        at = System.nanoTime() + limit.toNanos();
        if (guard == null) {
            guard = new Thread(this::watch, "trefoil-deadline");
            guard.setDaemon(true);
            guard.start();
        }
    }

    void disarm() {
        at = NEVER;
    }

    /** Whether the time passed and the channel was closed for that. */
    boolean passed() {
        return passed;
    }

    void end() {
        ended = true;
        if (guard != null) {
            LockSupport.unpark(guard);
        }
    }

    private void watch() {
        while (!ended) {
            long until = at;
            long left = until == NEVER ? Long.MAX_VALUE : until - System.nanoTime();
            if (left <= 0 && until == at) {
                expire();
                return;
            }
            // Re-arming with a later time needs no wake-up; a second bounds the delay of an earlier one.
            LockSupport.parkNanos(this, Math.clamp(left, 1L, 1_000_000_000L));
        }
    }

    private void expire() {
        passed = true;
        try {
            channel.close();
        } catch (IOException e) {
            // The user's read fails either way, and it is that failure which is reported.
            at = NEVER;
        }
    }
}
