package trefoil.pc.interrupt;

import trefoil.machine.Bus;
import trefoil.machine.InterruptLine;
import trefoil.pc.ByteRegisters;

/**
 * The two cascaded 8259As of a PC at ports 0x20 and 0xA0, and ELCR at 0x4D0 (ICH9 data sheet, 316972-004, 5.8 and 13.7): the slave's INT is the master's IR2. Thread-safe.
 *
 * <p>Deviation: ICW3 is taken and not looked at; the wiring is fixed.
 */
public final class PicPair {
    /** Both chips. */
    public record State(Pic8259.State master, Pic8259.State slave) {}

    public static final int MASTER = 0x20;
    public static final int SLAVE = 0xA0;
    public static final int ELCR1 = 0x4D0;

    private static final int CASCADE = 2;

    private final InterruptLine output;
    private final Pic8259 master = new Pic8259(1 << CASCADE, 0xF8);
    private final Pic8259 slave = new Pic8259(0, 0xDE);

    /** @param output the master's INT */
    public PicPair(InterruptLine output) {
        this.output = output;
    }

    /** Puts the registers at their ports. */
    public void attach(Bus bus) {
        bus.attach(registers(master), MASTER, 2);
        bus.attach(registers(slave), SLAVE, 2);
        bus.attach(new Elcr(), ELCR1, 2);
    }

    /** Input IRQ0 to IRQ15; IRQ2 is the cascade and leads nowhere. */
    public InterruptLine input(int irq) {
        return irq == CASCADE ? InterruptLine.UNCONNECTED : new Input(irq);
    }

    /** The processor's interrupt acknowledge cycles: the vector. */
    public synchronized int acknowledge() {
        int level = master.acknowledge();
        int vector = master.vector(level);
        if (level == CASCADE) {
            vector = slave.vector(slave.acknowledge());
        }
        settle();
        return vector;
    }

    private void settle() {
        if (slave.hasAcknowledged()) {
            master.set(CASCADE, false); // INT falls between two requests, so that the second is an edge again
        }
        master.set(CASCADE, slave.isRequesting());
        if (master.isRequesting()) {
            output.raise();
        } else {
            output.lower();
        }
    }

    public synchronized State state() {
        return new State(master.state(), slave.state());
    }

    public synchronized void restore(State state) {
        master.restore(state.master);
        slave.restore(state.slave);
        settle();
    }

    private synchronized void set(int irq, boolean high) {
        (irq < 8 ? master : slave).set(irq & 7, high);
        settle();
    }

    private ByteRegisters registers(Pic8259 chip) {
        return new ByteRegisters() {
            @Override
            public int read(int offset) {
                synchronized (PicPair.this) {
                    int value = chip.read(offset);
                    settle();
                    return value;
                }
            }

            @Override
            public void write(int offset, int value) {
                synchronized (PicPair.this) {
                    chip.write(offset, value);
                    settle();
                }
            }
        };
    }

    private final class Elcr implements ByteRegisters {
        @Override
        public int read(int offset) {
            synchronized (PicPair.this) {
                return (offset == 0 ? master : slave).elcr();
            }
        }

        @Override
        public void write(int offset, int value) {
            synchronized (PicPair.this) {
                (offset == 0 ? master : slave).elcr(value);
                settle();
            }
        }
    }

    private final class Input implements InterruptLine {
        private final int irq;

        Input(int irq) {
            this.irq = irq;
        }

        @Override
        public void raise() {
            set(irq, true);
        }

        @Override
        public void lower() {
            set(irq, false);
        }
    }
}
