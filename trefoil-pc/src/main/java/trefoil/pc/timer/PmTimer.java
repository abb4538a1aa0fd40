package trefoil.pc.timer;

import trefoil.machine.Clock;
import trefoil.machine.PortIo;
import trefoil.pc.Frequency;

/**
 * The power-management timer (ACPI 6.5, 4.8.3.3): a free-running counter of 3.579545 MHz, read-only. It has no state but the machine's time. Thread-safe.
 */
public final class PmTimer implements PortIo {
    public static final Frequency RATE = new Frequency(3_579_545);

    /** Bits of the counter, as the FADT's TMR_VAL_EXT says. */
    public enum Width {
        BITS_24(24),
        BITS_32(32);

        private final int bits;

        Width(int bits) {
            this.bits = bits;
        }
    }

    private final Clock clock;
    private final int bits;

    public PmTimer(Clock clock, Width width) {
        this.clock = clock;
        this.bits = width.bits;
    }

    /** TMR_VAL. */
    public long value() {
        return RATE.ticks(clock.nanos()) & (1L << bits) - 1;
    }

    /** How often the most significant bit has changed, which is what sets TMR_STS. */
    public long toggles() {
        return RATE.ticks(clock.nanos()) >> bits - 1;
    }

    /** When {@link #toggles} becomes this. */
    public long nanosAtToggle(long toggles) {
        return RATE.nanos(toggles << bits - 1);
    }

    @Override
    public int read(int offset, int size) {
        return (int) (value() >>> 8 * offset);
    }

    @Override
    public void write(int offset, int size, int value) {}
}
