package trefoil.pc.timer;

/**
 * One counter of the 8254 (Intel 231164-005, "Mode definitions"), as a function of the tick at which it is asked. Guarded by {@link Pit8254}.
 *
 * <p>{@code origin} is the tick at which the count that is being counted was loaded; while the gate holds the counter, {@code held} is how far it had come.
 */
public final class PitCounter {
    /** {@code latch} and {@code statusLatch}: -1 when there is none. {@code coming}: a count that is loaded at tick {@code comingAt}, or -1. */
    public record State(
            int mode,
            int access,
            boolean bcd,
            boolean gate,
            boolean loaded,
            boolean counting,
            int count,
            long origin,
            long held,
            int coming,
            long comingAt,
            int writtenLow,
            boolean writeHigh,
            boolean readHigh,
            int latch,
            int statusLatch) {}

    private static final long NEVER = Long.MAX_VALUE;
    private static final int LOW = 1;
    private static final int HIGH = 2;
    private static final int BOTH = 3;

    private int mode;
    private int access = BOTH;
    private boolean bcd;
    private boolean gate;
    /** A count was written since the control word. */
    private boolean loaded;
    /** That count is being counted; in modes 1 and 5 from the first trigger on. */
    private boolean counting;
    private int count = 1;
    private long origin;
    private long held = -1;
    private int coming = -1;
    private long comingAt;
    private int writtenLow;
    private boolean writeHigh;
    private boolean readHigh;
    private int latch = -1;
    private int statusLatch = -1;

    PitCounter(boolean gate) {
        this.gate = gate;
    }

    // ---- programming ----

    void control(int word) {
        mode = word >> 1 & 7;
        mode = mode > 5 ? mode & 3 : mode;
        access = word >> 4 & 3;
        bcd = (word & 1) != 0;
        loaded = false;
        counting = false;
        coming = -1;
        held = -1;
        writeHigh = false;
        readHigh = false;
        latch = -1;
        statusLatch = -1;
    }

    void write(int value, long tick) {
        if (access == LOW) {
            load(value, tick);
        } else if (access == HIGH) {
            load(value << 8, tick);
        } else if (!writeHigh) {
            writtenLow = value;
            writeHigh = true;
            if (mode == 0) {
                counting = false; // the first byte stops mode 0
            }
        } else {
            writeHigh = false;
            load(value << 8 | writtenLow, tick);
        }
    }

    private void load(int written, long tick) {
        int value = bcd ? decimal(written) : written;
        value = value == 0 ? modulus() : value;
        if (isPeriodic() && counting && held < 0 && count > 1) {
            coming = value;
            comingAt = nextBoundary(tick);
            return;
        }
        boolean waits = mode == 1 || mode == 5;
        loaded = true;
        if (waits && counting) {
            coming = value; // taken by the next trigger
            comingAt = NEVER;
            return;
        }
        coming = -1;
        count = value;
        counting = !waits;
        begin(tick);
    }

    private void begin(long tick) {
        origin = tick;
        held = gate || mode == 1 || mode == 5 ? -1 : 0;
    }

    private boolean isPeriodic() {
        return mode == 2 || mode == 3;
    }

    private int modulus() {
        return bcd ? 10_000 : 0x1_0000;
    }

    void gate(boolean level, long tick) {
        boolean rises = level && !gate;
        boolean falls = gate && !level;
        gate = level;
        if (rises) {
            trigger(tick);
        } else if (falls && counting && mode != 1 && mode != 5) {
            held = elapsed(tick);
        }
    }

    private void trigger(long tick) {
        switch (mode) {
            case 0, 4 -> {
                if (counting && held >= 0) {
                    origin = tick - held;
                    held = -1;
                }
            }
            default -> {
                if (loaded) {
                    count = coming >= 0 ? coming : count;
                    coming = -1;
                    counting = true;
                    begin(tick);
                }
            }
        }
    }

    // ---- time ----

    /** Loads a count that was to be loaded by now. */
    void settle(long tick) {
        if (coming >= 0 && tick >= comingAt && held < 0) {
            boolean afterHigh = mode == 3 && (comingAt - origin) % count != 0;
            count = coming;
            origin = afterHigh ? comingAt - highTicks() : comingAt;
            coming = -1;
        }
    }

    private long elapsed(long tick) {
        return held >= 0 ? held : tick - origin;
    }

    private long highTicks() {
        return mode == 3 ? (count + 1) / 2 : count - 1L;
    }

    /** End of the period of mode 2, or half-period of mode 3, that runs at a tick. */
    private long nextBoundary(long tick) {
        long into = elapsed(tick) % count;
        long start = tick - into;
        return mode == 3 && into < highTicks() ? start + highTicks() : start + count;
    }

    /** Pin OUT. */
    boolean out(long tick) {
        if (!counting) {
            return mode != 0;
        }
        long elapsed = elapsed(tick);
        return switch (mode) {
            case 0, 1 -> elapsed >= count;
            case 2, 3 -> held >= 0 || elapsed % count < highTicks() || count == 1;
            default -> elapsed != count;
        };
    }

    /** The first tick after this one at which OUT goes from low to high; {@link Long#MAX_VALUE} if never. */
    long nextRise(long tick) {
        if (!counting || held >= 0 || isPeriodic() && count == 1) {
            return NEVER;
        }
        long elapsed = elapsed(tick);
        return switch (mode) {
            case 0, 1 -> elapsed < count ? origin + count : NEVER;
            case 2, 3 -> coming >= 0 && comingAt > tick && comingAt < origin + (elapsed / count + 1) * count ? comingAt + coming / 2 : origin + (elapsed / count + 1) * count;
            default -> elapsed <= count ? origin + count + 1 : NEVER;
        };
    }

    /** The counting element, as it is read. */
    private int value(long tick) {
        if (!loaded) {
            return 0;
        }
        long elapsed = counting ? elapsed(tick) : 0;
        int value =
                switch (mode) {
                    case 2 -> (int) (count - elapsed % count);
                    case 3 -> squareWave(elapsed % count);
                    default -> (int) Math.floorMod(count - elapsed, (long) modulus());
                };
        value %= modulus();
        return bcd ? packed(value) : value;
    }

    /** Counts by two, twice in a period. */
    private int squareWave(long into) {
        long half = into < highTicks() ? into : into - highTicks();
        return (int) Math.max(0, (count & ~1) - 2 * half);
    }

    // ---- reading ----

    int read(long tick) {
        if (statusLatch >= 0) {
            int status = statusLatch;
            statusLatch = -1;
            return status;
        }
        int value = latch >= 0 ? latch : value(tick);
        boolean high = access == HIGH || access == BOTH && readHigh;
        readHigh = access == BOTH && !readHigh;
        if (!readHigh) {
            latch = -1;
        }
        return high ? value >> 8 : value & 0xFF;
    }

    void latchCount(long tick) {
        if (latch < 0) {
            latch = value(tick);
        }
    }

    void latchStatus(long tick) {
        if (statusLatch < 0) {
            boolean nullCount = !counting || coming >= 0;
            statusLatch = (out(tick) ? 0x80 : 0) | (nullCount ? 0x40 : 0) | access << 4 | mode << 1 | (bcd ? 1 : 0);
        }
    }

    private static int decimal(int packed) {
        return (packed >> 12 & 15) * 1000 + (packed >> 8 & 15) * 100 + (packed >> 4 & 15) * 10 + (packed & 15);
    }

    private static int packed(int decimal) {
        return decimal / 1000 % 10 << 12 | decimal / 100 % 10 << 8 | decimal / 10 % 10 << 4 | decimal % 10;
    }

    State state() {
        return new State(mode, access, bcd, gate, loaded, counting, count, origin, held, coming, comingAt, writtenLow, writeHigh, readHigh, latch, statusLatch);
    }

    void restore(State state) {
        mode = state.mode;
        access = state.access;
        bcd = state.bcd;
        gate = state.gate;
        loaded = state.loaded;
        counting = state.counting;
        count = Math.max(1, state.count);
        origin = state.origin;
        held = state.held;
        coming = state.coming;
        comingAt = state.comingAt;
        writtenLow = state.writtenLow;
        writeHigh = state.writeHigh;
        readHigh = state.readHigh;
        latch = state.latch;
        statusLatch = state.statusLatch;
    }
}
