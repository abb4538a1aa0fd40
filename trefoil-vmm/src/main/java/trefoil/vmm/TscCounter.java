package trefoil.vmm;

import trefoil.engine.TimeStamp;
import trefoil.machine.Clock;
import trefoil.pc.Frequency;
import trefoil.pc.interrupt.TimeStampCounter;

/** The time-stamp counter of one processor: the machine's time at a constant rate, and what the guest has added to it (Intel SDM Vol. 3, 18.17.3). */
final class TscCounter implements TimeStamp, TimeStampCounter {
    private final Clock clock;
    private final Frequency rate;
    /** Value less the machine's time; IA32_TSC_ADJUST begins at 0, so it is that register. */
    private volatile long adjust;

    TscCounter(Clock clock, Frequency rate) {
        this.clock = clock;
        this.rate = rate;
    }

    @Override
    public long now() {
        return at(clock.nanos());
    }

    /** Its value at a time of the machine's. */
    long at(long nanos) {
        return rate.ticks(nanos) + adjust;
    }

    @Override
    public void set(long value) {
        adjust = value - rate.ticks(clock.nanos());
    }

    @Override
    public long adjust() {
        return adjust;
    }

    @Override
    public void adjust(long value) {
        adjust = value;
    }

    @Override
    public long nanosAt(long value) {
        long ticks = value - adjust;
        return ticks < 0 ? Long.compareUnsigned(value, adjust) < 0 ? 0 : Long.MAX_VALUE : rate.nanos(ticks);
    }
}
