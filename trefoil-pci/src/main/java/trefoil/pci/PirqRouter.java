package trefoil.pci;

import java.util.List;
import trefoil.machine.InterruptLine;

/**
 * PIRQA# to PIRQH# of the ICH9 (316972-004, 5.8.6, 5.9 and 13.1.17): each goes to its own input of the I/O APIC, 16 to 23, and, if its route register says so, to one of the 8259As. Thread-safe.
 *
 * <p>Slots 0 to 24 are wired in turn to PIRQE# to PIRQH#, INTA# of slot n to number n modulo 4 of them; INTA# to INTD# of slots 25 to 31 to PIRQA# to PIRQD#, as the chipset's DnnIR registers
 * say after reset. Deviation: those registers do not exist.
 */
public final class PirqRouter {
    /** Number of PIRQs. */
    public static final int PIRQS = 8;
    /** I/O APIC input of PIRQA#. */
    public static final int FIRST_GSI = 16;

    private static final int NOT_ROUTED = 0x80;
    private static final int ISA_ALLOWED = 0b1101_1110_1111_1000;

    private final List<InterruptLine> ioApic;
    private final List<InterruptLine> pic;
    private final WiredOr[] pirqs = new WiredOr[PIRQS];
    private final int[] routes = new int[PIRQS];
    private int asserted;

    /**
     * @param ioApic inputs 16 to 23
     * @param pic inputs IRQ0 to IRQ15, of which only those that may be routed to are used
     */
    public PirqRouter(List<InterruptLine> ioApic, List<InterruptLine> pic) {
        if (ioApic.size() != PIRQS || pic.size() != 16) {
            throw new IllegalArgumentException("8 and 16 lines are needed, not " + ioApic.size() + " and " + pic.size());
        }
        this.ioApic = List.copyOf(ioApic);
        this.pic = List.copyOf(pic);
        for (int i = 0; i < PIRQS; i++) {
            pirqs[i] = new WiredOr(new Wire(i));
            routes[i] = NOT_ROUTED;
        }
    }

    /** Which PIRQ a slot's pin (1 to 4) is wired to. */
    public static int pirq(int slot, int pin) {
        return slot < 25 ? 4 + (slot + pin - 1 & 3) : pin - 1;
    }

    /** A line for a slot's pin. */
    public InterruptLine line(int slot, int pin) {
        return pirqs[pirq(slot, pin)].source();
    }

    /** PIRQ[n]_ROUT. */
    synchronized void route(int pirq, int register) {
        routes[pirq] = register;
        drive();
    }

    private synchronized void set(int pirq, boolean on) {
        asserted = on ? asserted | 1 << pirq : asserted & ~(1 << pirq);
        if (on) {
            ioApic.get(pirq).raise();
        } else {
            ioApic.get(pirq).lower();
        }
        drive();
    }

    private void drive() {
        int high = 0;
        for (int i = 0; i < PIRQS; i++) {
            boolean routed = (routes[i] & NOT_ROUTED) == 0;
            high |= routed && (asserted >> i & 1) != 0 ? 1 << (routes[i] & 15) : 0;
        }
        for (int irq = 0; irq < 16; irq++) {
            if ((ISA_ALLOWED >> irq & 1) == 0) {
                continue;
            }
            if ((high >> irq & 1) != 0) {
                pic.get(irq).raise();
            } else {
                pic.get(irq).lower();
            }
        }
    }

    private final class Wire implements InterruptLine {
        private final int pirq;

        Wire(int pirq) {
            this.pirq = pirq;
        }

        @Override
        public void raise() {
            set(pirq, true);
        }

        @Override
        public void lower() {
            set(pirq, false);
        }
    }
}
