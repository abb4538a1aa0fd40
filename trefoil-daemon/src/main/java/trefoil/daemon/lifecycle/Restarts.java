package trefoil.daemon.lifecycle;

import java.time.Duration;

/**
 * Counts the restarts of a server whose process 1 keeps ending by itself: the pause before each doubles from one second
 * to a minute; after {@value #MOST} ends in a row, none of which came later than a minute after its start, it is given
 * up. Thread-safe.
 */
final class Restarts {
    /** Ends in a row before it is given up. */
    static final int MOST = 6;

    private static final long STEADY_MILLIS = 60_000;
    private static final long LONGEST_MILLIS = 60_000;

    private int row;
    private long epoch;

    /** It ended after so long a life. @return how long to wait before the next start; {@code null} to give up */
    synchronized Duration after(long lifeMillis) {
        row = lifeMillis >= STEADY_MILLIS ? 1 : row + 1;
        if (row >= MOST) {
            return null;
        }
        return Duration.ofMillis(Math.min(LONGEST_MILLIS, 1000L << (row - 1)));
    }

    /** A command took over: what was counted and planned is void. */
    synchronized void reset() {
        row = 0;
        epoch++;
    }

    /** Changes with every command that voids a planned restart. */
    synchronized long epoch() {
        return epoch;
    }
}
