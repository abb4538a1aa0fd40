package trefoil.pc.interrupt;

import trefoil.machine.Bus;
import trefoil.machine.InterruptLine;
import trefoil.machine.Mmio;

/**
 * The 82093AA I/O APIC (Intel, 290566-001) as it is in the ICH9 (316972-004, 13.5): 24 inputs, version 0x20, with the EOI register of later parts. Thread-safe.
 *
 * <p>Level-triggered: while the input is active and the entry neither masked nor waiting for an EOI (Remote IRR), a message is sent. Edge-triggered: at each change to active; what comes while the
 * entry is masked is lost (82093AA, 3.2.4, bit 16).
 *
 * <p>Deviations: messages arrive at once, so Delivery Status always reads 0. A level-triggered message that no local APIC takes does not set Remote IRR and is sent again when the entry is
 * written or the input becomes active anew. Arbitration id exists as a register only. An access must lie within one register's 32 bits; of others reads give 0 and writes are dropped.
 */
public final class IoApic implements Mmio {
    /** Registers and inputs. */
    public record State(int select, int id, int wires, long[] redirections) {}

    public static final long ADDRESS = 0xFEC0_0000L;
    public static final int SIZE = 0x1000;
    public static final int PINS = 24;

    private static final int IOREGSEL = 0x00;
    private static final int IOWIN = 0x10;
    private static final int EOIR = 0x40;

    private static final int IOAPICID = 0x00;
    private static final int IOAPICVER = 0x01;
    private static final int IOAPICARB = 0x02;
    private static final int IOREDTBL = 0x10;

    private static final long POLARITY_LOW = 1 << 13;
    private static final long REMOTE_IRR = 1 << 14;
    private static final long LEVEL = 1 << 15;
    private static final long MASKED = 1 << 16;
    private static final long WRITABLE = 0xFF00_0000_0001_AFFFL;

    private final ApicBus bus;
    private final long[] redirections = new long[PINS];
    private int select;
    private int id;
    /** Levels on the wires, not what they mean. */
    private int wires;

    public IoApic(ApicBus bus) {
        this.bus = bus;
        reset();
        bus.join(this);
    }

    public Bus.Window attach(Bus to) {
        return to.attach(this, ADDRESS, SIZE);
    }

    /** As after power-up, with the wires as they are. */
    public synchronized void reset() {
        java.util.Arrays.fill(redirections, MASKED);
        select = 0;
        id = 0;
    }

    /** An input. One that is active low is high until it is asserted. */
    public InterruptLine input(int pin, Wiring wiring) {
        if (pin < 0 || pin >= PINS) {
            throw new IllegalArgumentException("pin " + pin);
        }
        Input input = new Input(pin, wiring);
        input.lower();
        return input;
    }

    @Override
    public synchronized long read(long offset, int size) {
        int shift = (int) offset & 0xF;
        if (shift + size > 4) {
            return 0;
        }
        return switch ((int) offset & ~0xF) {
            case IOREGSEL -> (long) select >>> 8 * shift;
            case IOWIN -> (readRegister() & 0xFFFF_FFFFL) >>> 8 * shift;
            default -> 0;
        };
    }

    @Override
    public synchronized void write(long offset, int size, long value) {
        switch ((int) offset) {
            case IOREGSEL -> select = (int) value & 0xFF;
            case IOWIN -> {
                if (size == 4) {
                    writeRegister((int) value);
                }
            }
            case EOIR -> endOfInterrupt((int) value & 0xFF);
            default -> {}
        }
    }

    private int readRegister() {
        return switch (select) {
            case IOAPICID, IOAPICARB -> id;
            case IOAPICVER -> PINS - 1 << 16 | 0x20;
            default -> {
                int pin = select - IOREDTBL >> 1;
                yield select < IOREDTBL || pin >= PINS ? 0 : (int) (redirections[pin] >>> 32 * (select & 1));
            }
        };
    }

    private void writeRegister(int value) {
        int pin = select - IOREDTBL >> 1;
        if (select == IOAPICID) {
            id = value & 0x0F00_0000;
        } else if (select >= IOREDTBL && pin < PINS) {
            writeRedirection(pin, value);
        }
    }

    private void writeRedirection(int pin, int value) {
        int shift = 32 * (select & 1);
        long half = 0xFFFF_FFFFL << shift;
        long written = redirections[pin] & ~half | (long) value << shift & half;
        boolean wasActive = isActive(pin);
        long entry = written & WRITABLE | redirections[pin] & REMOTE_IRR;
        redirections[pin] = (entry & LEVEL) == 0 ? entry & ~REMOTE_IRR : entry;
        if ((entry & LEVEL) != 0 || !wasActive) {
            evaluate(pin);
        }
    }

    private boolean isActive(int pin) {
        return (wires >> pin & 1) != 0 ^ (redirections[pin] & POLARITY_LOW) != 0;
    }

    private synchronized void set(int pin, boolean high) {
        boolean wasActive = isActive(pin);
        wires = high ? wires | 1 << pin : wires & ~(1 << pin);
        if (!wasActive) {
            evaluate(pin);
        }
    }

    /** Sends what is due at an input that is, or has just become, active. */
    private void evaluate(int pin) {
        long entry = redirections[pin];
        if (!isActive(pin) || (entry & (MASKED | REMOTE_IRR)) != 0) {
            return;
        }
        boolean level = (entry & LEVEL) != 0;
        int destination = InterruptMessage.wide((int) (entry >>> 56));
        boolean taken = bus.send(new InterruptMessage(destination, (entry & 0x800) != 0, DeliveryMode.of((int) entry), (int) entry & 0xFF, level));
        if (level && taken) {
            redirections[pin] |= REMOTE_IRR;
        }
    }

    /** What a local APIC, or a write to EOIR, tells: entries with this vector wait no longer. */
    synchronized void endOfInterrupt(int vector) {
        for (int pin = 0; pin < PINS; pin++) {
            if ((redirections[pin] & (REMOTE_IRR | 0xFF)) == (REMOTE_IRR | vector)) {
                redirections[pin] &= ~REMOTE_IRR;
                evaluate(pin);
            }
        }
    }

    public synchronized State state() {
        return new State(select, id, wires, redirections.clone());
    }

    /** Sends nothing: what was sent is in the local APICs' states. */
    public synchronized void restore(State state) {
        select = state.select;
        id = state.id;
        wires = state.wires;
        System.arraycopy(state.redirections, 0, redirections, 0, PINS);
    }

    private final class Input implements InterruptLine {
        private final int pin;
        private final boolean inverted;

        Input(int pin, Wiring wiring) {
            this.pin = pin;
            this.inverted = wiring == Wiring.ACTIVE_LOW;
        }

        @Override
        public void raise() {
            set(pin, !inverted);
        }

        @Override
        public void lower() {
            set(pin, inverted);
        }
    }
}
