package trefoil.pc.timer;

import trefoil.machine.Bus;
import trefoil.machine.Clock;
import trefoil.machine.InterruptLine;
import trefoil.pc.ByteRegisters;
import trefoil.pc.Frequency;

/**
 * The 8254 programmable interval timer (Intel 231164-005) at ports 0x40 to 0x43, and the ICH9's NMI Status and Control register at port 0x61 (316972-004, 13.7.1), by which counter 2 is gated and
 * seen. Thread-safe.
 *
 * <p>Deviations: a count is loaded at the tick in which it is written, not at the next. IRQ0 stays high between two rising edges of OUT0 in the periodic and strobe modes; edges that fall due
 * within 10 microseconds, or that the host was late for, become one. A digit above 9 in a decimal count counts as its value. Nobody hears the speaker, nothing causes an NMI, and the refresh bit toggles every 15,085 ns,
 * whatever counter 1 does.
 */
public final class Pit8254 {
    /** {@code control}: what was written into port 0x61. */
    public record State(PitCounter.State counter0, PitCounter.State counter1, PitCounter.State counter2, int control, boolean irq) {}

    public static final int PORT = 0x40;
    public static final int NMI_SC = 0x61;
    public static final Frequency RATE = new Frequency(1_193_182);

    private static final int TIM_CNT2_EN = 0x01;
    private static final int REF_TOGGLE = 0x10;
    private static final int TMR2_OUT_STS = 0x20;
    private static final long REFRESH = 15_085;
    private static final long SHORTEST = 10_000;

    private final Clock clock;
    private final InterruptLine irq0;
    private final Clock.Timer alarm;
    private final PitCounter[] counters = {new PitCounter(true), new PitCounter(true), new PitCounter(false)};
    private int control;
    private boolean irq;

    public Pit8254(Clock clock, InterruptLine irq0) {
        this.clock = clock;
        this.irq0 = irq0;
        this.alarm = clock.timer(this::due);
        counters[0].control(0x36);
    }

    public void attach(Bus bus) {
        bus.attach(ports(), PORT, 4);
        bus.attach(nmiStatusAndControl(), NMI_SC, 1);
    }

    private long tick() {
        long tick = RATE.ticks(clock.nanos());
        for (PitCounter counter : counters) {
            counter.settle(tick);
        }
        return tick;
    }

    /** The counters and the control word register. */
    public ByteRegisters ports() {
        return new ByteRegisters() {
            @Override
            public int read(int offset) {
                synchronized (Pit8254.this) {
                    return offset == 3 ? 0 : counters[offset].read(tick());
                }
            }

            @Override
            public void write(int offset, int value) {
                synchronized (Pit8254.this) {
                    if (offset == 3) {
                        command(value);
                    } else {
                        counters[offset].write(value, tick());
                    }
                    follow();
                }
            }
        };
    }

    private void command(int word) {
        long tick = tick();
        int counter = word >> 6;
        if (counter == 3) {
            readBack(word, tick);
        } else if ((word & 0x30) == 0) {
            counters[counter].latchCount(tick);
        } else {
            counters[counter].control(word);
        }
    }

    private void readBack(int word, long tick) {
        for (int i = 0; i < 3; i++) {
            if ((word >> i + 1 & 1) != 0) {
                if ((word & 0x20) == 0) {
                    counters[i].latchCount(tick);
                }
                if ((word & 0x10) == 0) {
                    counters[i].latchStatus(tick);
                }
            }
        }
    }

    /** Port 0x61. */
    public ByteRegisters nmiStatusAndControl() {
        return new ByteRegisters() {
            @Override
            public int read(int offset) {
                synchronized (Pit8254.this) {
                    int refresh = (clock.nanos() / REFRESH & 1) != 0 ? REF_TOGGLE : 0;
                    return control | refresh | (counters[2].out(tick()) ? TMR2_OUT_STS : 0);
                }
            }

            @Override
            public void write(int offset, int value) {
                synchronized (Pit8254.this) {
                    control = value & 0x0F;
                    counters[2].gate((value & TIM_CNT2_EN) != 0, tick());
                }
            }
        };
    }

    /** Lets IRQ0 follow OUT0 after it was programmed, and sets the alarm for its next edge. */
    private void follow() {
        long tick = tick();
        drive(counters[0].out(tick));
        arm(tick, 0);
    }

    private void drive(boolean high) {
        irq = high;
        if (high) {
            irq0.raise();
        } else {
            irq0.lower();
        }
    }

    private void arm(long tick, long earliest) {
        long rise = counters[0].nextRise(tick);
        if (rise == Long.MAX_VALUE) {
            alarm.cancel();
        } else {
            alarm.at(Math.max(earliest, RATE.nanos(rise)));
        }
    }

    private synchronized void due() {
        long before = RATE.ticks(clock.nanos());
        long tick = tick();
        if (counters[0].out(before)) {
            drive(false);
            drive(true);
        }
        arm(tick, clock.nanos() + SHORTEST);
    }

    public synchronized State state() {
        return new State(counters[0].state(), counters[1].state(), counters[2].state(), control, irq);
    }

    public synchronized void restore(State state) {
        counters[0].restore(state.counter0);
        counters[1].restore(state.counter1);
        counters[2].restore(state.counter2);
        control = state.control;
        drive(state.irq);
        arm(tick(), 0);
    }
}
