package trefoil.machine;

/**
 * A wire from a device to an interrupt controller. Idempotent and thread-safe; does not block, and takes no lock that may be held while a device is
 * called, so that a device may use it under its own lock.
 */
public interface InterruptLine {
    /** A line that leads nowhere. */
    InterruptLine UNCONNECTED = new InterruptLine() {
        @Override
        public void raise() {}

        @Override
        public void lower() {}
    };

    /** High: asserted. */
    void raise();

    /** Low. */
    void lower();
}
