package trefoil.pci;

import trefoil.machine.Bus;

/** A base address register (PCI 3.0, 6.2.5), which keeps a window of the bus where the guest has put it, while the command register lets it be decoded. */
public final class Bar {
    /** What lies behind it, and how its address is written. */
    public enum Kind {
        IO(1),
        MEMORY_32(0),
        MEMORY_64(4),
        PREFETCHABLE_32(8),
        PREFETCHABLE_64(12);

        private final int bits;

        Kind(int bits) {
            this.bits = bits;
        }

        /** The register's read-only low bits. */
        int bits() {
            return bits;
        }

        public boolean is64() {
            return (bits & 4) != 0;
        }
    }

    private final ConfigSpace config;
    private final int index;
    private final Kind kind;
    private final long size;
    private final Bus.Window window;

    Bar(ConfigSpace config, int index, Kind kind, long size, Bus.Window window) {
        if (Long.bitCount(size) != 1 || size < (kind == Kind.IO ? 4 : 16) || kind == Kind.IO && size > 256 || index < 0 || index > (kind.is64() ? 4 : 5)) {
            throw new IllegalArgumentException(kind + " of " + size + " bytes in BAR " + index);
        }
        this.config = config;
        this.index = index;
        this.kind = kind;
        this.size = size;
        this.window = window;
    }

    public int index() {
        return index;
    }

    public Kind kind() {
        return kind;
    }

    public long size() {
        return size;
    }

    private int register() {
        return 0x10 + 4 * index;
    }

    /** Where the guest has put it, decoded or not. */
    public long address() {
        long value = config.get(register(), kind.is64() ? 8 : 4);
        return value & ~(kind == Kind.IO ? 3L : 15L);
    }

    /** Puts it somewhere, as firmware does. */
    void place(long address) {
        config.write(register(), 4, (int) address);
        if (kind.is64()) {
            config.write(register() + 4, 4, (int) (address >>> 32));
        }
    }

    void settle() {
        if (config.has(kind == Kind.IO ? ConfigSpace.COMMAND_IO : ConfigSpace.COMMAND_MEMORY)) {
            window.move(address());
        } else {
            window.hide();
        }
    }
}
