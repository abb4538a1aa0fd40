package trefoil.machine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.List;

/**
 * The physical memory of one machine: regions of RAM and ROM that do not overlap, addressed by guest-physical address, little-endian.
 *
 * <p><b>Devices</b> use the {@code get}, {@code put} and copying methods and the slices. Each checks its range; what is not entirely in a region (or
 * in regions that touch) throws {@link GuestMemoryFault} and has changed nothing. Writes into ROM are dropped. Ordered and atomic accesses must be naturally
 * aligned, else they fault too.
 *
 * <p><b>Processors</b> take a page's host address ({@link #readableHost}, {@link #writableHost}) and go on with {@link RawMemory}, under its invariant.
 * A processor that has decoded code from a page asks to {@link #watch} it first and is then told of every device's write into it. Its own writes, and
 * those of other processors, are for the engine to notice. While nobody listens, a write costs one null check for this; else a fence and a look at one byte per page.
 *
 * <p>Thread-safe. The map may be replaced while others read: they see the old or the new one.
 */
public final class GuestMemory {
    public static final int PAGE_SHIFT = 12;
    public static final long PAGE_SIZE = 1L << PAGE_SHIFT;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(LE);
    private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(LE);
    private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(LE);
    private static final VarHandle ORDERED_SHORT = JAVA_SHORT.withOrder(LE).varHandle();
    private static final VarHandle ORDERED_INT = JAVA_INT.withOrder(LE).varHandle();
    private static final VarHandle ORDERED_LONG = JAVA_LONG.withOrder(LE).varHandle();

    private volatile MemoryRegion[] regions;
    private volatile MemoryListener listener;

    public GuestMemory(List<MemoryRegion> regions) {
        this.regions = sorted(regions);
    }

    private static MemoryRegion[] sorted(List<MemoryRegion> regions) {
        MemoryRegion[] sorted = regions.stream()
                .sorted(Comparator.comparingLong(MemoryRegion::start))
                .toArray(MemoryRegion[]::new);
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i - 1].end() > sorted[i].start) {
                throw new IllegalArgumentException(sorted[i - 1] + " overlaps " + sorted[i]);
            }
        }
        return sorted;
    }

    /** The regions, by address. */
    public List<MemoryRegion> regions() {
        return List.of(regions);
    }

    /** Replaces the map: shadowed ROM turned to RAM, memory plugged in. The listener has let go of the old one when this returns. */
    public void remap(List<MemoryRegion> map) {
        regions = sorted(map);
        MemoryListener told = listener;
        if (told != null) {
            told.remapped();
        }
    }

    /** Sets who hears of writes into watched pages, one per machine. */
    public void listen(MemoryListener told) {
        listener = told;
    }

    // ---- processors ----

    /** Host address of a guest-physical one that can be read; valid to the end of its page. 0 where there is no memory. */
    public long readableHost(long address) {
        MemoryRegion region = find(address);
        return region == null ? 0 : region.memory.address() + (address - region.start);
    }

    /** As {@link #readableHost}, 0 for ROM also. */
    public long writableHost(long address) {
        MemoryRegion region = find(address);
        return region == null || region.kind == MemoryRegion.Kind.ROM ? 0 : region.memory.address() + (address - region.start);
    }

    /** From now on the listener hears of devices' writes into this page: to be called before the page is read. Nothing where there is no memory. */
    public void watch(long address) {
        MemoryRegion region = find(address);
        if (region != null) {
            region.setWatched(address, (byte) 1);
        }
    }

    /** Ends {@link #watch}. */
    public void unwatch(long address) {
        MemoryRegion region = find(address);
        if (region != null) {
            region.setWatched(address, (byte) 0);
        }
    }

    public boolean isWatched(long address) {
        MemoryRegion region = find(address);
        return region != null && region.isWatched(address);
    }

    // ---- devices: scalars; bytes and shorts are read zero-extended ----

    public int getByte(long address) throws GuestMemoryFault {
        MemoryRegion region = whole(address, 1);
        return Byte.toUnsignedInt(region.memory.get(JAVA_BYTE, address - region.start));
    }

    public int getShort(long address) throws GuestMemoryFault {
        MemoryRegion region = whole(address, 2);
        if (region == null) {
            return (int) assembled(address, 2);
        }
        return Short.toUnsignedInt(region.memory.get(SHORT, address - region.start));
    }

    public int getInt(long address) throws GuestMemoryFault {
        MemoryRegion region = whole(address, 4);
        return region == null ? (int) assembled(address, 4) : region.memory.get(INT, address - region.start);
    }

    public long getLong(long address) throws GuestMemoryFault {
        MemoryRegion region = whole(address, 8);
        return region == null ? assembled(address, 8) : region.memory.get(LONG, address - region.start);
    }

    /** Stores the low byte. */
    public void putByte(long address, int value) throws GuestMemoryFault {
        MemoryRegion region = whole(address, 1);
        if (region.kind == MemoryRegion.Kind.RAM) {
            region.memory.set(JAVA_BYTE, address - region.start, (byte) value);
            notify(region, address, 1);
        }
    }

    /** Stores the low 16 bits. */
    public void putShort(long address, int value) throws GuestMemoryFault {
        MemoryRegion region = whole(address, 2);
        if (region == null) {
            scatter(address, 2, value);
        } else if (region.kind == MemoryRegion.Kind.RAM) {
            region.memory.set(SHORT, address - region.start, (short) value);
            notify(region, address, 2);
        }
    }

    public void putInt(long address, int value) throws GuestMemoryFault {
        MemoryRegion region = whole(address, 4);
        if (region == null) {
            scatter(address, 4, value);
        } else if (region.kind == MemoryRegion.Kind.RAM) {
            region.memory.set(INT, address - region.start, value);
            notify(region, address, 4);
        }
    }

    public void putLong(long address, long value) throws GuestMemoryFault {
        MemoryRegion region = whole(address, 8);
        if (region == null) {
            scatter(address, 8, value);
        } else if (region.kind == MemoryRegion.Kind.RAM) {
            region.memory.set(LONG, address - region.start, value);
            notify(region, address, 8);
        }
    }

    // ---- devices: ordered and atomic ----

    public int getShortAcquire(long address) throws GuestMemoryFault {
        MemoryRegion region = aligned(address, 2);
        return Short.toUnsignedInt((short) ORDERED_SHORT.getAcquire(region.memory, address - region.start));
    }

    public int getIntAcquire(long address) throws GuestMemoryFault {
        MemoryRegion region = aligned(address, 4);
        return (int) ORDERED_INT.getAcquire(region.memory, address - region.start);
    }

    public long getLongAcquire(long address) throws GuestMemoryFault {
        MemoryRegion region = aligned(address, 8);
        return (long) ORDERED_LONG.getAcquire(region.memory, address - region.start);
    }

    public void putShortRelease(long address, int value) throws GuestMemoryFault {
        MemoryRegion region = aligned(address, 2);
        if (region.kind == MemoryRegion.Kind.RAM) {
            ORDERED_SHORT.setRelease(region.memory, address - region.start, (short) value);
            notify(region, address, 2);
        }
    }

    public void putIntRelease(long address, int value) throws GuestMemoryFault {
        MemoryRegion region = aligned(address, 4);
        if (region.kind == MemoryRegion.Kind.RAM) {
            ORDERED_INT.setRelease(region.memory, address - region.start, value);
            notify(region, address, 4);
        }
    }

    public void putLongRelease(long address, long value) throws GuestMemoryFault {
        MemoryRegion region = aligned(address, 8);
        if (region.kind == MemoryRegion.Kind.RAM) {
            ORDERED_LONG.setRelease(region.memory, address - region.start, value);
            notify(region, address, 8);
        }
    }

    /** Whether {@code expected} was there; then {@code value} is, in RAM. A full fence. */
    public boolean compareAndSetInt(long address, int expected, int value) throws GuestMemoryFault {
        MemoryRegion region = aligned(address, 4);
        if (region.kind == MemoryRegion.Kind.ROM) {
            return region.memory.get(INT, address - region.start) == expected;
        }
        boolean done = ORDERED_INT.compareAndSet(region.memory, address - region.start, expected, value);
        if (done) {
            notify(region, address, 4);
        }
        return done;
    }

    /** As {@link #compareAndSetInt}. */
    public boolean compareAndSetLong(long address, long expected, long value) throws GuestMemoryFault {
        MemoryRegion region = aligned(address, 8);
        if (region.kind == MemoryRegion.Kind.ROM) {
            return region.memory.get(LONG, address - region.start) == expected;
        }
        boolean done = ORDERED_LONG.compareAndSet(region.memory, address - region.start, expected, value);
        if (done) {
            notify(region, address, 8);
        }
        return done;
    }

    // ---- devices: bulk ----

    /** Copies memory out of the guest, as much as {@code into} holds. */
    public void read(long address, MemorySegment into) throws GuestMemoryFault {
        MemoryRegion[] map = covering(address, into.byteSize());
        for (long done = 0; done < into.byteSize(); ) {
            MemoryRegion region = find(map, address + done);
            long n = Math.min(into.byteSize() - done, region.end() - (address + done));
            MemorySegment.copy(region.memory, address + done - region.start, into, done, n);
            done += n;
        }
    }

    public void read(long address, byte[] into, int offset, int length) throws GuestMemoryFault {
        read(address, MemorySegment.ofArray(into).asSlice(offset, length));
    }

    /** Fills what remains of the buffer, and moves its position. */
    public void read(long address, ByteBuffer into) throws GuestMemoryFault {
        read(address, MemorySegment.ofBuffer(into));
        into.position(into.limit());
    }

    /** Copies memory into the guest, all of {@code from}. */
    public void write(long address, MemorySegment from) throws GuestMemoryFault {
        MemoryRegion[] map = covering(address, from.byteSize());
        for (long done = 0; done < from.byteSize(); ) {
            MemoryRegion region = find(map, address + done);
            long n = Math.min(from.byteSize() - done, region.end() - (address + done));
            if (region.kind == MemoryRegion.Kind.RAM) {
                MemorySegment.copy(from, done, region.memory, address + done - region.start, n);
                notify(region, address + done, n);
            }
            done += n;
        }
    }

    public void write(long address, byte[] from, int offset, int length) throws GuestMemoryFault {
        write(address, MemorySegment.ofArray(from).asSlice(offset, length));
    }

    /** Writes what remains of the buffer, and moves its position. */
    public void write(long address, ByteBuffer from) throws GuestMemoryFault {
        write(address, MemorySegment.ofBuffer(from));
        from.position(from.limit());
    }

    /** Fills a range with one byte. */
    public void fill(long address, long length, byte value) throws GuestMemoryFault {
        MemoryRegion[] map = covering(address, length);
        for (long done = 0; done < length; ) {
            MemoryRegion region = find(map, address + done);
            long n = Math.min(length - done, region.end() - (address + done));
            if (region.kind == MemoryRegion.Kind.RAM) {
                region.memory.asSlice(address + done - region.start, n).fill(value);
                notify(region, address + done, n);
            }
            done += n;
        }
    }

    // ---- devices: slices, for input and output without a copy ----

    /** Adds to {@code slices} the memory of a range, to be read; one slice for each region that it lies in. */
    public void readable(long address, long length, List<? super MemorySegment> slices) throws GuestMemoryFault {
        MemoryRegion[] map = covering(address, length);
        for (long done = 0; done < length; ) {
            MemoryRegion region = find(map, address + done);
            long n = Math.min(length - done, region.end() - (address + done));
            slices.add(region.memory.asSlice(address + done - region.start, n).asReadOnly());
            done += n;
        }
    }

    /**
     * Adds to {@code slices} the memory of a range, to be written by the caller, who says so with {@link #written} when the bytes are there. ROM faults.
     */
    public void writable(long address, long length, List<? super MemorySegment> slices) throws GuestMemoryFault {
        MemoryRegion[] map = covering(address, length);
        for (long done = 0; done < length; ) {
            MemoryRegion region = find(map, address + done);
            if (region.kind == MemoryRegion.Kind.ROM) {
                throw new GuestMemoryFault(address, length);
            }
            done += region.end() - (address + done);
        }
        for (long done = 0; done < length; ) {
            MemoryRegion region = find(map, address + done);
            long n = Math.min(length - done, region.end() - (address + done));
            slices.add(region.memory.asSlice(address + done - region.start, n));
            done += n;
        }
    }

    /** Tells of bytes that came in through slices. What is not memory (any more) is passed over. */
    public void written(long address, long length) {
        MemoryRegion[] map = regions;
        for (MemoryRegion region : map) {
            long from = Math.max(address, region.start);
            long to = Math.min(address + length, region.end());
            if (from < to) {
                notify(region, from, to - from);
            }
        }
    }

    // ---- within ----

    private void notify(MemoryRegion region, long address, long length) {
        MemoryListener told = listener;
        if (told == null) {
            return;
        }
        // Pairs with the volatile store in watch(): either the watcher reads these bytes, or its flag is seen here.
        VarHandle.fullFence();
        if (region.isWatched(address, length)) {
            told.written(address, length);
        }
    }

    private MemoryRegion find(long address) {
        return find(regions, address);
    }

    private static MemoryRegion find(MemoryRegion[] map, long address) {
        for (MemoryRegion region : map) {
            if (region.holds(address)) {
                return region;
            }
        }
        return null;
    }

    /** The region that holds all of it; null if more than one does. */
    private MemoryRegion whole(long address, int length) throws GuestMemoryFault {
        MemoryRegion region = find(address);
        if (region != null && length <= region.end() - address) {
            return region;
        }
        covering(address, length);
        return null;
    }

    private MemoryRegion aligned(long address, int length) throws GuestMemoryFault {
        MemoryRegion region = find(address);
        if (region == null || (address & (length - 1)) != 0) {
            throw new GuestMemoryFault(address, length);
        }
        return region;
    }

    /** The map, in which every byte of the range is somewhere. */
    private MemoryRegion[] covering(long address, long length) throws GuestMemoryFault {
        MemoryRegion[] map = regions;
        for (long at = address, left = length; left > 0; ) {
            MemoryRegion region = find(map, at);
            if (region == null) {
                throw new GuestMemoryFault(address, length);
            }
            left -= region.end() - at;
            at = region.end();
        }
        if (length < 0) {
            throw new GuestMemoryFault(address, length);
        }
        return map;
    }

    private long assembled(long address, int length) throws GuestMemoryFault {
        long value = 0;
        for (int i = length - 1; i >= 0; i--) {
            value = value << 8 | getByte(address + i);
        }
        return value;
    }

    private void scatter(long address, int length, long value) throws GuestMemoryFault {
        for (int i = 0; i < length; i++) {
            putByte(address + i, (int) (value >>> 8 * i));
        }
    }
}
