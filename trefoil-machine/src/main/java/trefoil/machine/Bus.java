package trefoil.machine;

import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Who answers at a port or at an address that is no memory. Devices are attached to windows; guests move windows (BARs), which may then overlap: the one
 * attached first wins, and the others are there again when it moves away.
 *
 * <p>An access that lies in one window goes to its device as it is, aligned or not. One that crosses a window's end, or is of another size than 1, 2, 4
 * (and 8 in memory), is split, as a PC's chipset does, into the largest naturally aligned pieces that fit, the lowest first. Where nobody answers reads give all ones and writes are
 * dropped; both are counted.
 *
 * <p>Thread-safe. An access takes no lock and allocates nothing; one that runs while a window moves goes to the old or the new place, and a device may thus be
 * called shortly after its window was moved.
 */
public final class Bus {
    /** What an address is an address of. */
    public enum Space {
        PORT,
        MEMORY
    }

    /** Where a device was attached. */
    public interface Window {
        /** Moves it. A place that is not in the space hides it: a guest may write anything into a BAR. */
        void move(long start);

        /** Takes it out of the space, until it is moved again. */
        void hide();

        /** Takes it out for good. */
        void detach();
    }

    /** Ports: 64 Ki. */
    public static final long PORTS = 0x1_0000;
    /** Physical addresses: 2^52 (Intel SDM volume 1, 3.3.1). */
    public static final long ADDRESSES = 1L << 52;

    private final Side ports = new Side(Space.PORT, PORTS);
    private final Side memory = new Side(Space.MEMORY, ADDRESSES);
    private final LongAdder unclaimedReads = new LongAdder();
    private final LongAdder unclaimedWrites = new LongAdder();
    private volatile BusTrace trace;

    /** Attaches a device to ports. */
    public Window attach(PortIo device, int first, int count) {
        return ports.table.attach(new Ports(Objects.requireNonNull(device)), first, count);
    }

    /** Attaches a device to addresses. */
    public Window attach(Mmio device, long start, long length) {
        return memory.table.attach(Objects.requireNonNull(device), start, length);
    }

    /** Sets who hears of unclaimed accesses; null for nobody. */
    public void trace(BusTrace listener) {
        trace = listener;
    }

    public long unclaimedReads() {
        return unclaimedReads.sum();
    }

    public long unclaimedWrites() {
        return unclaimedWrites.sum();
    }

    /** IN from a port, of 1, 2 or 4 bytes; zero-extended. What goes beyond port 0xFFFF is unclaimed. */
    public int in(int port, int size) {
        return (int) ports.read(ports.table.now(), port, size);
    }

    /** OUT to a port, of 1, 2 or 4 bytes. */
    public void out(int port, int size, int value) {
        ports.write(ports.table.now(), port, size, value);
    }

    /** A load of 1 to 8 bytes; zero-extended. */
    public long read(long address, int size) {
        return memory.read(memory.table.now(), address, size);
    }

    /** A store of 1 to 8 bytes. */
    public void write(long address, int size, long value) {
        memory.write(memory.table.now(), address, size, value);
    }

    private static long mask(int size) {
        return -1L >>> (64 - 8 * size);
    }

    /** Bytes of the first piece: the largest naturally aligned one that is smaller than the whole. */
    private static int piece(long address, int size) {
        int largest = Integer.highestOneBit(size - 1);
        return (int) Math.min(largest, Long.lowestOneBit(address | largest));
    }

    /** A port device as the table knows devices. */
    private record Ports(PortIo device) implements Mmio {
        @Override
        public long read(long offset, int size) {
            return device.read((int) offset, size);
        }

        @Override
        public void write(long offset, int size, long value) {
            device.write((int) offset, size, (int) value);
        }
    }

    /** One of the two spaces. */
    private final class Side {
        private final Space space;
        private final RangeTable table;

        Side(Space space, long limit) {
            this.space = space;
            this.table = new RangeTable(limit);
        }

        long read(RangeTable.Table now, long address, int size) {
            RangeTable.Claim claim = Integer.bitCount(size) == 1 ? now.whole(address, size) : null;
            if (claim != null) {
                return claim.device().read(address - claim.start(), size) & mask(size);
            }
            if (size == 1 || now.isEmpty(address, size)) {
                return unclaimed(address, size);
            }
            int piece = piece(address, size);
            return read(now, address, piece) | read(now, address + piece, size - piece) << 8 * piece;
        }

        void write(RangeTable.Table now, long address, int size, long value) {
            RangeTable.Claim claim = Integer.bitCount(size) == 1 ? now.whole(address, size) : null;
            if (claim != null) {
                claim.device().write(address - claim.start(), size, value & mask(size));
            } else if (size == 1 || now.isEmpty(address, size)) {
                unclaimed(address, size, value & mask(size));
            } else {
                int piece = piece(address, size);
                write(now, address, piece, value);
                write(now, address + piece, size - piece, value >>> 8 * piece);
            }
        }

        private long unclaimed(long address, int size) {
            unclaimedReads.increment();
            BusTrace listener = trace;
            if (listener != null) {
                listener.unclaimedRead(space, address, size);
            }
            return mask(size);
        }

        private void unclaimed(long address, int size, long value) {
            unclaimedWrites.increment();
            BusTrace listener = trace;
            if (listener != null) {
                listener.unclaimedWrite(space, address, size, value);
            }
        }
    }
}
