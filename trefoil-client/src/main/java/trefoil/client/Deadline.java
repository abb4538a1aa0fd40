package trefoil.client;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/**
 * Closes a channel when a wait for the other side takes too long, because a blocking read of a Unix socket knows no time
 * limit of its own. Only the connection's user calls {@link #arm}, {@link #disarm} and {@link #end}.
 */
final class Deadline {
    private static final long NEVER = Long.MAX_VALUE;

    private final Closeable channel;
    private final Watchman watchman;
    private boolean watched;
    private volatile long at = NEVER;
    private volatile boolean passed;

    Deadline(Closeable channel, Watchman watchman) {
        this.channel = channel;
        this.watchman = watchman;
    }

    /** From now on the channel is closed when {@code limit} passes without another call of this class. */
    void arm(Duration limit) {
        at = System.nanoTime() + limit.toNanos();
        if (!watched) {
            watched = true;
            watchman.watch(this);
        }
        watchman.hasten(limit);
    }

    void disarm() {
        at = NEVER;
    }

    /** Whether the time passed and the channel was closed for that. */
    boolean passed() {
        return passed;
    }

    void end() {
        watchman.forget(this);
    }

    /** Nanoseconds that are left at {@code now}; what is not positive is over. */
    long left(long now) {
        long until = at;
        return until == NEVER ? Long.MAX_VALUE : until - now;
    }

    /** Told by the watchman when the time is over. */
    void expire() {
        passed = true;
        try {
            channel.close();
        } catch (IOException e) {
            // The user's read fails either way, and it is that failure which is reported.
            at = NEVER;
        }
    }
}
