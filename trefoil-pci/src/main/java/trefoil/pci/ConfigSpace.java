package trefoil.pci;

import java.util.ArrayList;
import java.util.List;
import trefoil.machine.Bus;
import trefoil.machine.InterruptLine;
import trefoil.machine.Mmio;
import trefoil.machine.PortIo;

/**
 * The 256 bytes by which a function without a bridge is configured (PCI 3.0, chapter 6, header type 0): bytes, which of their bits a guest may write, and who is told. Thread-safe.
 *
 * <p>Deviations: no expansion ROM, no built-in self test, no parity; no bit of Status but Capabilities List and Interrupt Status is ever set.
 */
public final class ConfigSpace {
    /** All bytes; the base addresses are in them. */
    public record State(byte[] bytes, boolean pin) {}

    /** Who a function says that it is. {@code classCode}: class, subclass and interface, 24 bits. */
    public record Identity(int vendor, int device, int revision, int classCode, int subsystemVendor, int subsystem) {}

    /** Told after a write, or before a read, under this space's lock. */
    @FunctionalInterface
    public interface Listener {
        void written();
    }

    private record Watch(int offset, int length, Listener listener) {}

    public static final int SIZE = 256;
    public static final int COMMAND = 0x04;
    public static final int INTERRUPT_LINE = 0x3C;
    /** Where the first capability is, unless {@link #capabilitiesFrom} says otherwise. */
    public static final int FIRST_CAPABILITY = 0x40;

    public static final int COMMAND_IO = 0x001;
    public static final int COMMAND_MEMORY = 0x002;
    public static final int COMMAND_MASTER = 0x004;
    public static final int COMMAND_INTX_DISABLE = 0x400;

    private static final int COMMAND_WRITABLE = 0x547;
    private static final int STATUS = 0x06;
    private static final int STATUS_INTERRUPT = 0x08;
    private static final int STATUS_CAPABILITIES = 0x10;
    private static final int HEADER_TYPE = 0x0E;
    private static final int MULTIFUNCTION = 0x80;
    private static final int BAR0 = 0x10;
    private static final int CAPABILITIES = 0x34;
    private static final int INTERRUPT_PIN = 0x3D;

    private final byte[] bytes = new byte[SIZE];
    private final byte[] writable = new byte[SIZE];
    private final byte[] initial = new byte[SIZE];
    private final List<Watch> watches = new ArrayList<>();
    private final List<Watch> refreshes = new ArrayList<>();
    private final List<Bar> bars = new ArrayList<>();
    private int lastCapability = CAPABILITIES;
    private int nextCapability = FIRST_CAPABILITY;
    private InterruptLine intx = InterruptLine.UNCONNECTED;
    private boolean pin;

    public ConfigSpace(Identity identity) {
        set(0x00, 2, identity.vendor);
        set(0x02, 2, identity.device);
        set(0x08, 1, identity.revision);
        set(0x09, 3, identity.classCode);
        set(0x2C, 2, identity.subsystemVendor);
        set(0x2E, 2, identity.subsystem);
        allow(COMMAND, 2, COMMAND_WRITABLE);
        allow(0x0C, 1, 0xFF);
        allow(INTERRUPT_LINE, 1, 0xFF);
        watch(COMMAND, 2, this::commanded);
    }

    // ---- making ----

    /** Sets bytes, little-endian, to what they are after reset. */
    public ConfigSpace set(int offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            bytes[offset + i] = initial[offset + i] = (byte) (value >>> 8 * i);
        }
        return this;
    }

    /** Makes bits writable. */
    public ConfigSpace allow(int offset, int size, long mask) {
        for (int i = 0; i < size; i++) {
            writable[offset + i] |= (byte) (mask >>> 8 * i);
        }
        return this;
    }

    /** Sets who is told after a guest's write that touches the range, and after {@link #reset} and {@link #restore}. */
    public ConfigSpace watch(int offset, int length, Listener listener) {
        watches.add(new Watch(offset, length, listener));
        return this;
    }

    /** Sets who is told before a guest's read that touches the range, so that it may {@link #put} what is to be read. */
    public ConfigSpace refresh(int offset, int length, Listener listener) {
        refreshes.add(new Watch(offset, length, listener));
        return this;
    }

    /**
     * Adds a capability, in the order of the list.
     *
     * @param body its bytes behind id and next pointer
     * @return offset of the id
     */
    public int capability(int id, byte[] body) {
        int offset = nextCapability;
        int end = offset + 2 + body.length;
        if (end > SIZE) {
            throw new IllegalArgumentException("no room for capability " + id);
        }
        set(offset, 1, id);
        for (int i = 0; i < body.length; i++) {
            set(offset + 2 + i, 1, body[i]);
        }
        set(lastCapability, 1, offset);
        set(STATUS, 1, STATUS_CAPABILITIES);
        lastCapability = offset + 1;
        nextCapability = end + 3 & ~3;
        return offset;
    }

    /** Keeps capabilities out of the device's own registers below an offset. */
    public ConfigSpace capabilitiesFrom(int offset) {
        nextCapability = offset;
        return this;
    }

    /** A base address register for memory; one of 64 bits takes the next register too. */
    public Bar memoryBar(int index, Bar.Kind kind, long size, Mmio device, Bus bus) {
        Bar bar = new Bar(this, index, kind, size, bus.attach(device, 0, size));
        return add(bar);
    }

    /** A base address register for ports. */
    public Bar portBar(int index, int size, PortIo device, Bus bus) {
        return add(new Bar(this, index, Bar.Kind.IO, size, bus.attach(device, 0, size)));
    }

    private Bar add(Bar bar) {
        bars.add(bar);
        int offset = BAR0 + 4 * bar.index();
        int length = bar.kind().is64() ? 8 : 4;
        set(offset, length, bar.kind().bits());
        allow(offset, length, -bar.size() & ~(bar.kind() == Bar.Kind.IO ? 3L : 15L));
        watch(offset, length, bar::settle);
        bar.settle();
        return bar;
    }

    /** Wires INTA# (1) to INTD# (4). */
    public ConfigSpace intx(int number, InterruptLine line) {
        set(INTERRUPT_PIN, 1, number);
        intx = line;
        return this;
    }

    void multifunction() {
        set(HEADER_TYPE, 1, MULTIFUNCTION);
    }

    // ---- the guest's side ----

    /** Reads 1, 2 or 4 bytes; beyond the end it is ones. */
    public synchronized int read(int offset, int size) {
        tell(refreshes, offset, offset + size);
        int value = 0;
        for (int i = 0; i < size; i++) {
            value |= (offset + i < SIZE ? bytes[offset + i] & 0xFF : 0xFF) << 8 * i;
        }
        return value;
    }

    /** Writes 1, 2 or 4 bytes, as far as their bits are writable. */
    public synchronized void write(int offset, int size, int value) {
        int end = Math.min(offset + size, SIZE);
        for (int at = offset; at < end; at++) {
            int written = value >>> 8 * (at - offset);
            bytes[at] = (byte) (bytes[at] & ~writable[at] | written & writable[at]);
        }
        tell(watches, offset, end);
    }

    private static void tell(List<Watch> watches, int offset, int end) {
        for (Watch watch : watches) {
            if (offset < watch.offset + watch.length && watch.offset < end) {
                watch.listener.written();
            }
        }
    }

    // ---- the device's side ----

    /** A register's value, up to 8 bytes. */
    public synchronized long get(int offset, int size) {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | bytes[offset + i] & 0xFF;
        }
        return value;
    }

    /** Puts a value where a guest could not, without telling anybody. */
    public synchronized void put(int offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            bytes[offset + i] = (byte) (value >>> 8 * i);
        }
    }

    boolean has(int commandBit) {
        return (get(COMMAND, 2) & commandBit) != 0;
    }

    public boolean isBusMaster() {
        return has(COMMAND_MASTER);
    }

    public List<Bar> bars() {
        return List.copyOf(bars);
    }

    /** Which pin it uses: 1 to 4, 0 for none. */
    public int interruptPin() {
        return (int) get(INTERRUPT_PIN, 1);
    }

    /** Asserts or releases its interrupt pin; the line follows unless Interrupt Disable is set. */
    public synchronized void interrupt(boolean asserted) {
        pin = asserted;
        driveIntx();
    }

    private void driveIntx() {
        int status = bytes[STATUS] & ~STATUS_INTERRUPT;
        bytes[STATUS] = (byte) (pin ? status | STATUS_INTERRUPT : status);
        if (pin && !has(COMMAND_INTX_DISABLE)) {
            intx.raise();
        } else {
            intx.lower();
        }
    }

    private void commanded() {
        bars.forEach(Bar::settle);
        driveIntx();
    }

    /** As after power-up. */
    public synchronized void reset() {
        System.arraycopy(initial, 0, bytes, 0, SIZE);
        pin = false;
        watches.forEach(watch -> watch.listener.written());
    }

    public synchronized State state() {
        return new State(bytes.clone(), pin);
    }

    public synchronized void restore(State state) {
        System.arraycopy(state.bytes, 0, bytes, 0, SIZE);
        pin = state.pin;
        watches.forEach(watch -> watch.listener.written());
    }
}
