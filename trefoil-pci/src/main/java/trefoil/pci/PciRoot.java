package trefoil.pci;

import java.util.ArrayList;
import java.util.List;
import trefoil.machine.Bus;
import trefoil.machine.Mmio;
import trefoil.machine.PortIo;

/**
 * Bus 0, and the two ways to its configuration spaces: CONFIG_ADDRESS and CONFIG_DATA at ports 0xCF8 and 0xCFC (PCI 3.0, 3.2.2.3.2) and the memory window of the enhanced mechanism (PCI Express 3.0, 7.2.2), whose
 * place the host bridge's PCIEXBAR says. Thread-safe once the board is built.
 *
 * <p>Where no function is, reads give ones and writes are dropped. Port 0xCF9 lies within CONFIG_ADDRESS: accesses to it of one byte belong to the reset control register.
 */
public final class PciRoot {
    /** CONFIG_ADDRESS. */
    public record State(int configAddress) {}

    /** A function and where it sits. */
    public record Seat(int slot, int function, ConfigSpace config) {}

    public static final int CONFIG_ADDRESS = 0xCF8;
    public static final int CONFIG_DATA = 0xCFC;
    public static final int SLOTS = 32;

    private static final int FUNCTIONS = 8;
    private static final int ENABLE = 0x8000_0000;
    private static final int ABSENT = -1;

    private final PortIo resetControl;
    private final ConfigSpace[] functions = new ConfigSpace[SLOTS * FUNCTIONS];
    private volatile int configAddress;

    /** @param resetControl the register at port 0xCF9 */
    public PciRoot(PortIo resetControl) {
        this.resetControl = resetControl;
    }

    public void attach(Bus bus) {
        bus.attach(addressPort(), CONFIG_ADDRESS, 4);
        bus.attach(dataPort(), CONFIG_DATA, 4);
    }

    /** Puts a function into a slot. */
    public void add(int slot, int function, ConfigSpace config) {
        int seat = slot * FUNCTIONS + function;
        if (slot < 0 || slot >= SLOTS || function < 0 || function >= FUNCTIONS || functions[seat] != null) {
            throw new IllegalArgumentException("slot " + slot + "." + function);
        }
        functions[seat] = config;
        ConfigSpace first = functions[slot * FUNCTIONS];
        if (first != null && hasMore(slot)) {
            first.multifunction();
        }
    }

    private boolean hasMore(int slot) {
        for (int function = 1; function < FUNCTIONS; function++) {
            if (functions[slot * FUNCTIONS + function] != null) {
                return true;
            }
        }
        return false;
    }

    /** All functions, by slot. */
    public List<Seat> seats() {
        List<Seat> seats = new ArrayList<>();
        for (int seat = 0; seat < functions.length; seat++) {
            if (functions[seat] != null) {
                seats.add(new Seat(seat / FUNCTIONS, seat % FUNCTIONS, functions[seat]));
            }
        }
        return seats;
    }

    /** @param bus bus, device and function, as bits 23:8 of CONFIG_ADDRESS */
    private ConfigSpace find(int bus) {
        return bus < functions.length ? functions[bus] : null;
    }

    private int read(int bus, int register, int size) {
        ConfigSpace config = find(bus);
        return config == null ? ABSENT : config.read(register, size);
    }

    private void write(int bus, int register, int size, int value) {
        ConfigSpace config = find(bus);
        if (config != null) {
            config.write(register, size, value);
        }
    }

    private PortIo addressPort() {
        return new PortIo() {
            @Override
            public int read(int offset, int size) {
                return offset == 1 && size == 1 ? resetControl.read(0, 1) : size == 4 ? configAddress : ABSENT;
            }

            @Override
            public void write(int offset, int size, int value) {
                if (offset == 1 && size == 1) {
                    resetControl.write(0, 1, value);
                } else if (size == 4) {
                    configAddress = value & 0x80FF_FFFC;
                }
            }
        };
    }

    private PortIo dataPort() {
        return new PortIo() {
            @Override
            public int read(int offset, int size) {
                int address = configAddress;
                return (address & ENABLE) == 0 ? ABSENT : PciRoot.this.read(address >>> 8 & 0xFFFF, (address & 0xFC) + offset, size);
            }

            @Override
            public void write(int offset, int size, int value) {
                int address = configAddress;
                if ((address & ENABLE) != 0) {
                    PciRoot.this.write(address >>> 8 & 0xFFFF, (address & 0xFC) + offset, size, value);
                }
            }
        };
    }

    /** The enhanced mechanism: 4 KiB for each function. An access must be aligned; others read ones and write nothing. */
    Mmio ecam() {
        return new Mmio() {
            @Override
            public long read(long offset, int size) {
                if ((offset & size - 1) != 0) {
                    return ABSENT;
                }
                int bus = (int) (offset >>> 12);
                int register = (int) offset & 0xFFF;
                long low = PciRoot.this.read(bus, register, Math.min(size, 4)) & 0xFFFF_FFFFL;
                return size < 8 ? low : low | (long) PciRoot.this.read(bus, register + 4, 4) << 32;
            }

            @Override
            public void write(long offset, int size, long value) {
                if ((offset & size - 1) == 0) {
                    int bus = (int) (offset >>> 12);
                    int register = (int) offset & 0xFFF;
                    PciRoot.this.write(bus, register, Math.min(size, 4), (int) value);
                    if (size == 8) {
                        PciRoot.this.write(bus, register + 4, 4, (int) (value >>> 32));
                    }
                }
            }
        };
    }

    public State state() {
        return new State(configAddress);
    }

    public void restore(State state) {
        configAddress = state.configAddress;
    }
}
