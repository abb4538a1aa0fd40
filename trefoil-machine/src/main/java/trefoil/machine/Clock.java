package trefoil.machine;

/**
 * The time of one machine. It stands still while the machine is paused; devices and processors know no other. Thread-safe.
 */
public interface Clock {
    /** Nanoseconds since the machine began, without the time that it was paused; never goes back. */
    long nanos();

    /** Nanoseconds since 1970-01-01 UTC: the host's idea of it, which may be set. */
    long epochNanos();

    /** A timer that calls {@code action} once each time that it was set and its time has come. */
    Timer timer(Runnable action);

    /** A one-shot timer. Thread-safe. */
    interface Timer {
        /**
         * Sets it to a time of {@link Clock#nanos}, instead of what it was set to before; a time that has passed is due at once. The action runs on a thread of
         * the clock, never within this call, and must neither block nor take long.
         */
        void at(long nanos);

        /**
         * Unsets it. An action that has begun is not waited for, and the caller may hold the lock that it takes: a chip looks under its own lock whether the
         * time is still meant.
         */
        void cancel();
    }
}
