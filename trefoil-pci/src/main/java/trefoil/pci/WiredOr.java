package trefoil.pci;

import trefoil.machine.InterruptLine;

/** A line that several devices pull: asserted while one of them asserts. Up to 64 of them. Thread-safe. */
public final class WiredOr {
    private final InterruptLine output;
    private int sources;
    private long asserted;

    public WiredOr(InterruptLine output) {
        this.output = output;
    }

    /** One more device's end. */
    public synchronized InterruptLine source() {
        if (sources == Long.SIZE) {
            throw new IllegalStateException("a line of more than 64 devices");
        }
        long bit = 1L << sources++;
        return new InterruptLine() {
            @Override
            public void raise() {
                set(bit, bit);
            }

            @Override
            public void lower() {
                set(bit, 0);
            }
        };
    }

    private synchronized void set(long bit, long level) {
        asserted = asserted & ~bit | level;
        if (asserted != 0) {
            output.raise();
        } else {
            output.lower();
        }
    }
}
