package trefoil.daemon;

import java.util.concurrent.atomic.AtomicInteger;
import trefoil.daemon.journal.Crashpoint;

/** Kills the daemon at one step, counted from one; from then on the daemon does nothing any more. */
final class CrashAt implements Crashpoint {
    /** The daemon is dead. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed(String step) {
            super("killed at: " + step);
        }
    }

    private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
    private volatile String died;

    /** Arms it: the {@code n}th step from now on is the last. */
    void arm(int n) {
        left.set(n);
    }

    /** Where it died; {@code null} when it did not. */
    String died() {
        return died;
    }

    @Override
    public void at(String step) {
        if (died != null || left.decrementAndGet() <= 0) {
            if (died == null) {
                died = step;
            }
            throw new Killed(step);
        }
    }
}
