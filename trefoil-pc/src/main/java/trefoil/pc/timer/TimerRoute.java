package trefoil.pc.timer;

import trefoil.machine.InterruptLine;

/**
 * Who drives IRQ0 and IRQ8: the 8254 and the real-time clock, or, in legacy replacement, timers 0 and 1 of the HPET (IA-PC HPET Specification 1.0a, 2.3.5, LEG_RT_CNF). Thread-safe.
 */
public final class TimerRoute {
    private final Junction irq0;
    private final Junction irq8;

    public TimerRoute(InterruptLine irq0, InterruptLine irq8) {
        this.irq0 = new Junction(irq0);
        this.irq8 = new Junction(irq8);
    }

    /** For the 8254. */
    public InterruptLine pit() {
        return irq0.input(0);
    }

    /** For the real-time clock. */
    public InterruptLine rtc() {
        return irq8.input(0);
    }

    /** For the HPET: timer 0 or 1. */
    InterruptLine hpet(int timer) {
        return (timer == 0 ? irq0 : irq8).input(1);
    }

    void replace(boolean legacy) {
        irq0.select(legacy ? 1 : 0);
        irq8.select(legacy ? 1 : 0);
    }

    /** A switch between two lines. */
    private static final class Junction {
        private final InterruptLine output;
        private int levels;
        private int selected;

        Junction(InterruptLine output) {
            this.output = output;
        }

        InterruptLine input(int number) {
            return new InterruptLine() {
                @Override
                public void raise() {
                    set(1 << number, 1 << number);
                }

                @Override
                public void lower() {
                    set(1 << number, 0);
                }
            };
        }

        private synchronized void set(int bit, int level) {
            levels = levels & ~bit | level;
            drive();
        }

        synchronized void select(int number) {
            selected = number;
            drive();
        }

        private void drive() {
            if ((levels >> selected & 1) != 0) {
                output.raise();
            } else {
                output.lower();
            }
        }
    }
}
