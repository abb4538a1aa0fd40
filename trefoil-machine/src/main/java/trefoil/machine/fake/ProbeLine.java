package trefoil.machine.fake;

import trefoil.machine.InterruptLine;

/** A line that shows its level and counts rising edges. Thread-safe. */
public final class ProbeLine implements InterruptLine {
    private boolean high;
    private int rises;

    @Override
    public synchronized void raise() {
        rises += high ? 0 : 1;
        high = true;
    }

    @Override
    public synchronized void lower() {
        high = false;
    }

    public synchronized boolean isHigh() {
        return high;
    }

    /** How often it went from low to high. */
    public synchronized int rises() {
        return rises;
    }
}
