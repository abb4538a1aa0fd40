package trefoil.pc.interrupt;

import trefoil.machine.Clock;
import trefoil.pc.Frequency;

/**
 * The timer of a local APIC (Intel SDM volume 3, 11.5.4): one-shot, periodic, TSC-deadline. Guarded by the {@link LocalApic} that it belongs to.
 *
 * <p>Deviation: periods that end within {@value #SHORTEST} ns of the last interrupt give none; the count is right nevertheless.
 */
public final class ApicTimer {
    /** {@code start}: when the count was the initial one; {@code next}: when it expires, {@link Long#MAX_VALUE} if never. Both in the machine's time. */
    public record State(int mode, int initial, int divide, long start, long next, long deadline) {}

    static final int ONE_SHOT = 0;
    static final int PERIODIC = 1;
    static final int TSC_DEADLINE = 2;

    static final long SHORTEST = 10_000;
    private static final long NEVER = Long.MAX_VALUE;

    private final Clock clock;
    private final Frequency rate;
    private final TimeStampCounter tsc;
    private final Clock.Timer alarm;
    private int mode;
    private int initial;
    private int divide;
    private long start;
    private long next = NEVER;
    private long deadline;

    /** @param action called on the clock's thread when {@link #hasExpired} should be asked */
    ApicTimer(Clock clock, Frequency rate, TimeStampCounter tsc, Runnable action) {
        this.clock = clock;
        this.rate = rate;
        this.tsc = tsc;
        this.alarm = clock.timer(action);
    }

    /** Whether it has, since this was last asked. A periodic one begins anew. */
    boolean hasExpired() {
        long now = clock.nanos();
        if (now < next) {
            arm();
            return false;
        }
        next = NEVER;
        deadline = 0;
        if (mode == PERIODIC) {
            plan(now + SHORTEST);
        }
        return true;
    }

    private void arm() {
        if (next == NEVER) {
            alarm.cancel();
        } else {
            alarm.at(next);
        }
    }

    /** Finds the next end of a period, not before a time. */
    private void plan(long earliest) {
        if (initial == 0 || mode == TSC_DEADLINE) {
            next = NEVER;
        } else {
            long period = Integer.toUnsignedLong(initial) * divisor();
            long ended = mode == PERIODIC ? rate.ticks(clock.nanos() - start) / period : 0;
            next = Math.max(earliest, start + rate.nanos((ended + 1) * period));
        }
        arm();
    }

    /** The mode in the LVT, bits 18:17; going into or out of TSC-deadline mode stops it. */
    void mode(int value) {
        if (value == mode) {
            return;
        }
        boolean stops = value == TSC_DEADLINE || mode == TSC_DEADLINE;
        int count = current();
        mode = value;
        if (stops) {
            stop();
        } else if (count != 0 || mode == PERIODIC) {
            plan(0);
        }
    }

    void stop() {
        initial = 0;
        start = 0;
        deadline = 0;
        next = NEVER;
        arm();
    }

    int initial() {
        return initial;
    }

    void initial(int value) {
        if (mode == TSC_DEADLINE) {
            return;
        }
        initial = value;
        start = clock.nanos();
        plan(start);
    }

    /** The current count. */
    int current() {
        if (initial == 0 || mode == TSC_DEADLINE) {
            return 0;
        }
        long full = Integer.toUnsignedLong(initial);
        long elapsed = rate.ticks(clock.nanos() - start) / divisor();
        return (int) (mode == PERIODIC ? full - elapsed % full : Math.max(0, full - elapsed));
    }

    int divide() {
        return divide;
    }

    /** The divide configuration register: bits 0, 1 and 3. The count goes on from where it is. */
    void divide(int value) {
        int count = current();
        divide = value & 0b1011;
        if (initial == 0) {
            return;
        }
        start = clock.nanos() - rate.nanos((Integer.toUnsignedLong(initial) - Integer.toUnsignedLong(count)) * divisor());
        if (count != 0) {
            plan(0);
        }
    }

    private int divisor() {
        int code = divide & 3 | divide >> 1 & 4;
        return 1 << (code + 1 & 7);
    }

    /** IA32_TSC_DEADLINE. */
    long deadline() {
        return deadline;
    }

    /** Whether the deadline has passed already. */
    boolean deadline(long value) {
        if (mode != TSC_DEADLINE) {
            return false;
        }
        deadline = value;
        return aim();
    }

    /** The time-stamp counter was set. */
    boolean tscChanged() {
        return mode == TSC_DEADLINE && aim();
    }

    private boolean aim() {
        boolean passed = deadline != 0 && Long.compareUnsigned(deadline, tsc.now()) <= 0;
        deadline = passed ? 0 : deadline;
        next = deadline == 0 ? NEVER : tsc.nanosAt(deadline);
        arm();
        return passed;
    }

    State state() {
        return new State(mode, initial, divide, start, next, deadline);
    }

    void restore(State state) {
        mode = state.mode;
        initial = state.initial;
        divide = state.divide;
        start = state.start;
        next = state.next;
        deadline = state.deadline;
        arm();
    }
}
