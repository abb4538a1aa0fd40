package trefoil.pc.timer;

import java.util.List;
import trefoil.machine.Bus;
import trefoil.machine.Clock;
import trefoil.machine.InterruptLine;
import trefoil.machine.Mmio;
import trefoil.machine.Msi;
import trefoil.machine.MsiSink;

/**
 * The high-precision event timer (IA-PC HPET Specification 1.0a): a 64-bit main counter of 100 MHz and three 64-bit timers, each one-shot or periodic, each able to send messages ("FSB"), and legacy
 * replacement. Thread-safe.
 *
 * <p>Timers may be routed to I/O APIC inputs 20 to 23. Deviations: the rate is not the ICH9's 14.31818 MHz. Matches of a periodic timer within 10 microseconds of its last one, or that the host was late for, become
 * one. An edge-triggered interrupt leaves its line high until the next or until the timer is disabled. The main counter takes writes while it runs too.
 */
public final class Hpet implements Mmio {
    /** One timer: its configuration, comparator, period, message, and where the main counter next meets it, {@link Long#MIN_VALUE} if never. */
    public record Timer(long configuration, long comparator, long period, long message, boolean armed, long due) {}

    /** {@code counter}: the main counter at {@code since}, in the machine's nanoseconds. */
    public record State(long configuration, long status, long counter, long since, List<Timer> timers) {}

    public static final long ADDRESS = 0xFED0_0000L;
    public static final int SIZE = 0x400;
    /** First I/O APIC input that a timer may be routed to; there are four. */
    public static final int FIRST_ROUTE = 20;
    /** Low half of GCAP_ID, which the ACPI table repeats. */
    public static final int ID = 0x8086_A201;

    private static final int TICK = 10;
    private static final long PERIOD_FEMTOSECONDS = TICK * 1_000_000L;
    private static final long SHORTEST = 10_000;

    private static final int GCAP_ID = 0x000;
    private static final int GEN_CONF = 0x010;
    private static final int GINTR_STA = 0x020;
    private static final int MAIN_CNT = 0x0F0;

    private static final long ENABLE_CNF = 1;
    private static final long LEG_RT_CNF = 2;

    private static final long INT_TYPE_CNF = 1 << 1;
    private static final long INT_ENB_CNF = 1 << 2;
    private static final long TYPE_CNF = 1 << 3;
    private static final long VAL_SET_CNF = 1 << 6;
    private static final long MODE_32 = 1 << 8;
    private static final long FSB_EN_CNF = 1 << 14;
    private static final long WRITABLE = 0x7F4E;
    private static final long CAPABILITIES = 0x00F0_0000_0000_8030L;

    private final Clock clock;
    private final TimerRoute legacy;
    private final List<InterruptLine> routes;
    private final MsiSink sink;
    private final Comparator[] timers;
    private long configuration;
    private long status;
    private long counter;
    private long since;

    /** @param routes I/O APIC inputs 20 to 23 */
    public Hpet(Clock clock, TimerRoute legacy, List<InterruptLine> routes, MsiSink sink) {
        this.clock = clock;
        this.legacy = legacy;
        this.routes = List.copyOf(routes);
        this.sink = sink;
        this.timers = new Comparator[] {new Comparator(0), new Comparator(1), new Comparator(2)};
        if (routes.size() != 4) {
            throw new IllegalArgumentException(routes.size() + " routes");
        }
    }

    public Bus.Window attach(Bus bus) {
        return bus.attach(this, ADDRESS, SIZE);
    }

    private boolean isEnabled() {
        return (configuration & ENABLE_CNF) != 0;
    }

    private long main() {
        return isEnabled() ? counter + (clock.nanos() - since) / TICK : counter;
    }

    // ---- registers: 32 or 64 bits, aligned; of others reads give 0 and writes are dropped ----

    @Override
    public synchronized long read(long offset, int size) {
        if (size < 4 || (offset & size - 1) != 0) {
            return 0;
        }
        long value = readRegister((int) offset & ~7);
        return (offset & 4) != 0 ? value >>> 32 : value;
    }

    @Override
    public synchronized void write(long offset, int size, long value) {
        if (size < 4 || (offset & size - 1) != 0) {
            return;
        }
        int register = (int) offset & ~7;
        if (size == 8) {
            writeRegister(register, value, -1L);
        } else {
            int shift = (offset & 4) != 0 ? 32 : 0;
            writeRegister(register, value << shift, 0xFFFF_FFFFL << shift);
        }
    }

    private long readRegister(int register) {
        return switch (register) {
            case GCAP_ID -> PERIOD_FEMTOSECONDS << 32 | ID & 0xFFFF_FFFFL;
            case GEN_CONF -> configuration;
            case GINTR_STA -> status;
            case MAIN_CNT -> main();
            default -> {
                int number = (register >> 5) - 8;
                yield number < 0 || number >= timers.length ? 0 : timers[number].read(register & 0x18);
            }
        };
    }

    private void writeRegister(int register, long value, long mask) {
        switch (register) {
            case GCAP_ID -> {}
            case GEN_CONF -> configure((configuration & ~mask | value & mask) & (ENABLE_CNF | LEG_RT_CNF));
            case GINTR_STA -> clear(value & mask);
            case MAIN_CNT -> {
                counter = main() & ~mask | value & mask;
                since = clock.nanos();
                armAll();
            }
            default -> {
                int number = (register >> 5) - 8;
                if (number >= 0 && number < timers.length) {
                    timers[number].write(register & 0x18, value, mask);
                }
            }
        }
    }

    private void configure(long value) {
        counter = main();
        since = clock.nanos();
        for (Comparator timer : timers) {
            timer.release();
        }
        configuration = value;
        legacy.replace((value & LEG_RT_CNF) != 0);
        armAll();
        for (Comparator timer : timers) {
            timer.drive();
        }
    }

    private void clear(long bits) {
        status &= ~bits;
        for (Comparator timer : timers) {
            if ((bits >> timer.number & 1) != 0) {
                timer.drive();
            }
        }
    }

    private void armAll() {
        for (Comparator timer : timers) {
            timer.aim();
        }
    }

    /** Timer N. */
    private final class Comparator {
        private final int number;
        private final Clock.Timer alarm;
        private long conf;
        private long comparator = -1;
        private long period;
        private long message;
        private boolean armed;
        private long due = Long.MIN_VALUE;

        Comparator(int number) {
            this.number = number;
            this.alarm = clock.timer(this::due);
        }

        private boolean has(long bit) {
            return (conf & bit) != 0;
        }

        private boolean isNarrow() {
            return has(MODE_32);
        }

        long read(int register) {
            return switch (register) {
                case 0x00 -> conf | CAPABILITIES;
                case 0x08 -> isNarrow() ? comparator & 0xFFFF_FFFFL : comparator;
                case 0x10 -> message;
                default -> 0;
            };
        }

        void write(int register, long value, long mask) {
            switch (register) {
                case 0x00 -> {
                    release();
                    conf = (conf & ~mask | value & mask) & WRITABLE;
                    aim();
                    drive();
                }
                case 0x08 -> compare(value, mask);
                case 0x10 -> message = message & ~mask | value & mask;
                default -> {}
            }
        }

        /** In periodic mode the last value written is the period; with VAL_SET it is where the next match is, too (2.3.9.2.2). */
        private void compare(long value, long mask) {
            if (!has(TYPE_CNF)) {
                comparator = comparator & ~mask | value & mask;
            } else {
                period = period & ~mask | value & mask;
                if (has(VAL_SET_CNF)) {
                    comparator = comparator & ~mask | value & mask;
                    conf &= mask == 0xFFFF_FFFFL && !isNarrow() ? -1 : ~VAL_SET_CNF;
                }
            }
            aim();
        }

        /** Finds when the main counter next meets the comparator. */
        void aim() {
            long now = main();
            long ahead = isNarrow() ? comparator - now & 0xFFFF_FFFFL : comparator - now;
            ahead = ahead == 0 && isNarrow() ? 0x1_0000_0000L : ahead;
            armed = isEnabled() && has(INT_ENB_CNF) && ahead > 0 && ahead < Long.MAX_VALUE / TICK / 2;
            due = armed ? since + (now + ahead - counter) * TICK : Long.MIN_VALUE;
            arm(0);
        }

        private void arm(long earliest) {
            if (armed) {
                alarm.at(Math.max(earliest, due));
            } else {
                alarm.cancel();
            }
        }

        private void due() {
            synchronized (Hpet.this) {
                if (!armed || clock.nanos() < due) {
                    arm(0);
                    return;
                }
                fire();
                if (has(TYPE_CNF) && periodOrZero() != 0) {
                    long late = main() - comparator & (isNarrow() ? 0xFFFF_FFFFL : -1L);
                    comparator += (late / periodOrZero() + 1) * periodOrZero();
                }
                aim();
                arm(clock.nanos() + SHORTEST);
            }
        }

        private long periodOrZero() {
            return isNarrow() ? period & 0xFFFF_FFFFL : Math.max(0, period);
        }

        private void fire() {
            if (has(INT_TYPE_CNF)) {
                status |= 1L << number;
                drive();
            } else if (has(FSB_EN_CNF)) {
                sink.send(new Msi(message >>> 32, (int) message));
            } else {
                line().lower();
                line().raise();
            }
        }

        /** Level-triggered: the line follows the status. */
        void drive() {
            if (!has(INT_TYPE_CNF) || has(FSB_EN_CNF)) {
                return;
            }
            if ((status >> number & 1) != 0 && has(INT_ENB_CNF) && isEnabled()) {
                line().raise();
            } else {
                line().lower();
            }
        }

        void release() {
            line().lower();
        }

        private InterruptLine line() {
            if (number < 2 && (configuration & LEG_RT_CNF) != 0) {
                return legacy.hpet(number);
            }
            int route = (int) (conf >> 9 & 31) - FIRST_ROUTE;
            return route < 0 || route >= routes.size() ? InterruptLine.UNCONNECTED : routes.get(route);
        }

        Timer state() {
            return new Timer(conf, comparator, period, message, armed, due);
        }

        void restore(Timer state) {
            conf = state.configuration;
            comparator = state.comparator;
            period = state.period;
            message = state.message;
            armed = state.armed;
            due = state.due;
        }
    }

    /** As after power-up. */
    public synchronized void reset() {
        for (Comparator timer : timers) {
            timer.release();
        }
        Timer idle = new Timer(0, -1, 0, 0, false, Long.MIN_VALUE);
        restore(new State(0, 0, 0, 0, List.of(idle, idle, idle)));
    }

    // ---- state ----

    public synchronized State state() {
        return new State(configuration, status, counter, since, List.of(timers[0].state(), timers[1].state(), timers[2].state()));
    }

    /** Lines of edge-triggered timers stay as they are: what they have caused is in the controllers' states. */
    public synchronized void restore(State state) {
        configuration = state.configuration;
        status = state.status;
        counter = state.counter;
        since = state.since;
        legacy.replace((configuration & LEG_RT_CNF) != 0);
        for (Comparator timer : timers) {
            timer.restore(state.timers.get(timer.number));
            timer.arm(0);
            timer.drive();
        }
    }
}
