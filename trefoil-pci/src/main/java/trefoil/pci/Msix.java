package trefoil.pci;

import trefoil.machine.Mmio;
import trefoil.machine.Msi;
import trefoil.machine.MsiSink;

/**
 * MSI-X (PCI 3.0, 6.8.2): the capability, and table and pending bits as a device's registers, the table at offset 0 and the pending bits at {@link #pendingOffset}. Thread-safe.
 *
 * <p>While a vector or the function is masked, or the function may not master the bus, a message waits as a pending bit. Deviations: accesses of 1 and 2 bytes to table and pending bits, which the specification
 * leaves undefined, read 0 and write nothing.
 */
public final class Msix implements Mmio {
    /** Table, four words to a vector, and pending bits. */
    public record State(int[] table, long[] pending) {}

    private static final int CAPABILITY = 0x11;
    private static final int ENABLE = 0x8000;
    private static final int FUNCTION_MASK = 0x4000;
    private static final int MASKED = 1;

    private final ConfigSpace config;
    private final MsiSink sink;
    private final int vectors;
    private final int[] table;
    private final long[] pending;
    private final int control;

    /**
     * @param vectors 1 to 2048
     * @param bar index of the base address behind which the device shows this, at {@code offset}
     */
    public Msix(ConfigSpace config, int vectors, int bar, int offset, MsiSink sink) {
        if (vectors < 1 || vectors > 2048) {
            throw new IllegalArgumentException(vectors + " vectors");
        }
        this.config = config;
        this.sink = sink;
        this.vectors = vectors;
        this.table = new int[4 * vectors];
        this.pending = new long[(vectors + 63) / 64];
        int pba = offset + pendingOffset() | bar;
        int entries = offset | bar;
        byte[] body = new byte[10];
        java.nio.ByteBuffer.wrap(body).order(java.nio.ByteOrder.LITTLE_ENDIAN).putShort((short) (vectors - 1)).putInt(entries).putInt(pba);
        this.control = config.capability(CAPABILITY, body) + 2;
        config.allow(control, 2, ENABLE | FUNCTION_MASK);
        config.watch(control, 2, this::sendPending);
        config.watch(ConfigSpace.COMMAND, 2, this::sendPending);
        clear();
    }

    /** Where the pending bits begin. */
    public int pendingOffset() {
        return 16 * vectors + 0x7F & ~0x7F;
    }

    /** Bytes of table and pending bits. */
    public int length() {
        return pendingOffset() + 8 * pending.length;
    }

    public int vectors() {
        return vectors;
    }

    /** Whether the guest uses it, and the interrupt pin is silent therefore. */
    public boolean isEnabled() {
        return (config.get(control, 2) & ENABLE) != 0;
    }

    /** An event of the device; nothing happens while MSI-X is not enabled, or for a vector that is not there. */
    public void signal(int vector) {
        if (vector < 0 || vector >= vectors || !isEnabled()) {
            return;
        }
        boolean open = isOpen();
        synchronized (this) {
            if (open && !isMasked(vector)) {
                send(vector);
            } else {
                pending[vector >> 6] |= 1L << vector;
            }
        }
        if (isOpen() != open) {
            sendPending();
        }
    }

    private boolean isOpen() {
        return (config.get(control, 2) & (ENABLE | FUNCTION_MASK)) == ENABLE && config.isBusMaster();
    }

    private boolean isMasked(int vector) {
        return (table[4 * vector + 3] & MASKED) != 0;
    }

    private void send(int vector) {
        int entry = 4 * vector;
        sink.send(new Msi((long) table[entry + 1] << 32 | table[entry] & 0xFFFF_FFFCL, table[entry + 2]));
    }

    private void sendPending() {
        if (!isOpen()) {
            return;
        }
        synchronized (this) {
            for (int vector = 0; vector < vectors; vector++) {
                sendPending(vector);
            }
        }
    }

    private void sendPending(int vector) {
        long bit = 1L << vector;
        if ((pending[vector >> 6] & bit) != 0 && !isMasked(vector)) {
            pending[vector >> 6] &= ~bit;
            send(vector);
        }
    }

    @Override
    public synchronized long read(long offset, int size) {
        if (size < 4 || (offset & 3) != 0) {
            return 0;
        }
        long low = word((int) offset) & 0xFFFF_FFFFL;
        return size == 8 ? low | (long) word((int) offset + 4) << 32 : low;
    }

    private int word(int offset) {
        int at = offset - pendingOffset();
        if (at >= 0) {
            return at / 8 < pending.length ? (int) (pending[at / 8] >>> 8 * (at & 4)) : 0;
        }
        return offset / 4 < table.length ? table[offset / 4] : 0;
    }

    @Override
    public void write(long offset, int size, long value) {
        if (size < 4 || (offset & 3) != 0) {
            return;
        }
        boolean open = isOpen();
        synchronized (this) {
            write((int) offset / 4, (int) value, open);
            if (size == 8) {
                write((int) offset / 4 + 1, (int) (value >>> 32), open);
            }
        }
    }

    private void write(int word, int value, boolean open) {
        if (word >= table.length) {
            return;
        }
        table[word] = (word & 3) == 3 ? value & MASKED : (word & 3) == 0 ? value & ~3 : value;
        if (open) {
            sendPending(word / 4);
        }
    }

    private void clear() {
        java.util.Arrays.fill(table, 0);
        java.util.Arrays.fill(pending, 0);
        for (int vector = 0; vector < vectors; vector++) {
            table[4 * vector + 3] = MASKED;
        }
    }

    /** As after power-up; the configuration space is reset by its own. */
    public synchronized void reset() {
        clear();
    }

    public synchronized State state() {
        return new State(table.clone(), pending.clone());
    }

    /** To be called before the configuration space is restored. */
    public synchronized void restore(State state) {
        System.arraycopy(state.table, 0, table, 0, table.length);
        System.arraycopy(state.pending, 0, pending, 0, pending.length);
    }
}
