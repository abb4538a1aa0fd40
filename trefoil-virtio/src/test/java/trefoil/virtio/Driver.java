package trefoil.virtio;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.BooleanSupplier;
import trefoil.machine.Bus;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.machine.MemoryRegion;
import trefoil.machine.fake.ProbeLine;
import trefoil.machine.fake.ProbeSink;
import trefoil.virtio.device.VirtioDevice;
import trefoil.virtio.pci.VirtioPci;

/** A driver that finds its way by the capabilities and builds rings in guest memory. */
final class Driver {
    static final long BAR = 0xC000_0000L;
    static final long MSIX = 0xC010_0000L;
    static final long RINGS = 0x10000;
    static final long BUFFERS = 0x80000;
    static final int NEXT = 1;
    static final int WRITE = 2;
    static final int INDIRECT = 4;
    static final long VERSION_1 = 1L << 32;
    static final long EVENT_IDX = 1L << 29;
    static final long INDIRECT_DESC = 1L << 28;

    /** A descriptor. */
    record Piece(long address, int length, int flags) {}

    final Bus bus = new Bus();
    final GuestMemory memory;
    final ProbeLine line = new ProbeLine();
    final ProbeSink sink = new ProbeSink();
    final VirtioPci pci;
    final int[] available = new int[80];
    final int[] used = new int[80];
    int size = 16;

    Driver(VirtioDevice device) {
        this(device, new GuestMemory(List.of(MemoryRegion.ram(0, Arena.ofAuto().allocate(0x100000, 4096)))));
    }

    Driver(VirtioDevice device, GuestMemory memory) {
        this.memory = memory;
        this.pci = new VirtioPci(device, memory, bus, sink, line);
    }

    void plug() {
        pci.config().write(0x10, 4, (int) BAR);
        pci.config().write(0x18, 4, (int) MSIX);
        pci.config().write(4, 2, 6);
    }

    /** Address of the structure that a capability of this type names (4.1.4). */
    long structure(int type) {
        int at = capability(type);
        return at == 0 ? -1 : BAR + (pci.config().read(at + 8, 4) & 0xFFFF_FFFFL);
    }

    int capability(int type) {
        int at = pci.config().read(0x34, 1);
        while (at != 0 && !(pci.config().read(at, 1) == 9 && pci.config().read(at + 3, 1) == type)) {
            at = pci.config().read(at + 1, 1);
        }
        return at;
    }

    long common(int offset, int width) {
        return bus.read(structure(1) + offset, width);
    }

    void common(int offset, int width, long value) {
        bus.write(structure(1) + offset, width, value);
    }

    int status() {
        return (int) common(20, 1);
    }

    long offered() {
        common(0, 4, 0);
        long low = common(4, 4);
        common(0, 4, 1);
        return low | common(4, 4) << 32;
    }

    /** 3.1.1, up to FEATURES_OK. */
    boolean negotiate(long features) {
        common(20, 1, 0);
        common(20, 1, 1);
        common(20, 1, 3);
        common(8, 4, 0);
        common(12, 4, features & 0xFFFF_FFFFL);
        common(8, 4, 1);
        common(12, 4, features >>> 32);
        common(20, 1, 11);
        return (status() & 8) != 0;
    }

    /** All of 3.1.1. */
    Driver begin(long features) {
        plug();
        check(negotiate(features | VERSION_1), "FEATURES_OK");
        for (int queue = 0; queue < common(18, 2); queue++) {
            setUp(queue);
        }
        common(20, 1, 15);
        return this;
    }

    void setUp(int queue) {
        common(22, 2, queue);
        common(24, 2, size);
        common(32, 4, descriptors(queue));
        common(36, 4, 0);
        common(40, 8, driver(queue));
        common(48, 8, device(queue));
        common(28, 2, 1);
        available[queue] = used[queue] = 0;
        try {
            memory.fill(descriptors(queue), 0x1000, (byte) 0);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    static long descriptors(int queue) {
        return RINGS + 0x1000L * queue;
    }

    static long driver(int queue) {
        return descriptors(queue) + 0x800;
    }

    static long device(int queue) {
        return descriptors(queue) + 0xC00;
    }

    void descriptor(long table, int index, Piece piece, int next) {
        try {
            memory.putLong(table + 16L * index, piece.address);
            memory.putInt(table + 16L * index + 8, piece.length);
            memory.putShort(table + 16L * index + 12, piece.flags);
            memory.putShort(table + 16L * index + 14, next);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    /** Writes a chain from descriptor {@code first} on and makes it available. */
    void offer(int queue, int first, Piece... pieces) {
        for (int i = 0; i < pieces.length; i++) {
            int more = i + 1 < pieces.length ? NEXT : 0;
            descriptor(descriptors(queue), first + i, new Piece(pieces[i].address, pieces[i].length, pieces[i].flags | more), first + i + 1);
        }
        offerHead(queue, first);
    }

    void offerHead(int queue, int head) {
        try {
            memory.putShort(driver(queue) + 4 + 2L * (available[queue] & size - 1), head);
            available[queue] = available[queue] + 1 & 0xFFFF;
            memory.putShortRelease(driver(queue) + 2, available[queue]);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    void kick(int queue) {
        common(22, 2, queue);
        bus.write(structure(2) + 4 * common(30, 2), 2, queue);
    }

    int usedIndex(int queue) {
        return get(device(queue) + 2, 2);
    }

    /** Waits for the next used element and says its length. */
    int take(int queue) {
        await(() -> usedIndex(queue) != used[queue]);
        int element = (int) device(queue) + 4 + 8 * (used[queue] & size - 1);
        used[queue] = used[queue] + 1 & 0xFFFF;
        return get(element + 4, 4);
    }

    int get(long address, int width) {
        try {
            return width == 1 ? memory.getByte(address) : width == 2 ? memory.getShortAcquire(address) : memory.getInt(address);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    void put(long address, byte[] bytes) {
        try {
            memory.write(address, bytes, 0, bytes.length);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    byte[] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        try {
            memory.read(address, bytes, 0, length);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
        return bytes;
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            check(System.nanoTime() < end, "in time");
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    static void check(boolean good, String what) {
        if (!good) {
            throw new AssertionError("not " + what);
        }
    }
}
