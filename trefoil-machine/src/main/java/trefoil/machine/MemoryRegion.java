package trefoil.machine;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * A run of guest-physical pages backed by host memory. Knows which of its pages are watched; that survives its being mapped anew. No two regions
 * share host memory, else a write through one would go unnoticed by a watch on the other.
 */
public final class MemoryRegion {
    /** What a write does. */
    public enum Kind {
        /** It is stored. */
        RAM,
        /** It is dropped, as by a PC's ROM. */
        ROM
    }

    private static final VarHandle FLAG = MethodHandles.arrayElementVarHandle(byte[].class);

    final long start;
    final long size;
    final MemorySegment memory;
    final Kind kind;
    private final byte[] watched;

    /**
     * @param start guest-physical, a multiple of the page size
     * @param memory native memory, reachable by all threads and alive as long as the machine; its size is a multiple of the page size
     */
    public MemoryRegion(long start, MemorySegment memory, Kind kind) {
        this.start = start;
        this.size = memory.byteSize();
        this.memory = memory;
        this.kind = Objects.requireNonNull(kind);
        long offsets = start | size | memory.address();
        if ((offsets & (GuestMemory.PAGE_SIZE - 1)) != 0 || size == 0 || start < 0 || start + size < 0) {
            throw new IllegalArgumentException("not whole pages: " + this);
        }
        if (!memory.isNative() || memory.isReadOnly()) {
            throw new IllegalArgumentException("not native memory that can be written: " + memory);
        }
        this.watched = new byte[Math.toIntExact(size / GuestMemory.PAGE_SIZE)];
    }

    /** Ordinary RAM. */
    public static MemoryRegion ram(long start, MemorySegment memory) {
        return new MemoryRegion(start, memory, Kind.RAM);
    }

    public static MemoryRegion rom(long start, MemorySegment memory) {
        return new MemoryRegion(start, memory, Kind.ROM);
    }

    /** First guest-physical address. */
    public long start() {
        return start;
    }

    /** Bytes. */
    public long size() {
        return size;
    }

    /** First guest-physical address behind it. */
    public long end() {
        return start + size;
    }

    public Kind kind() {
        return kind;
    }

    /** Its host memory, for whoever fills or saves it. */
    public MemorySegment memory() {
        return memory;
    }

    boolean holds(long address) {
        return Long.compareUnsigned(address - start, size) < 0;
    }

    void setWatched(long address, byte flag) {
        FLAG.setVolatile(watched, page(address), flag);
    }

    boolean isWatched(long address) {
        return (byte) FLAG.getVolatile(watched, page(address)) != 0;
    }

    /** Whether a page of this range, which lies inside, is watched. */
    boolean isWatched(long address, long length) {
        int last = page(address + length - 1);
        for (int page = page(address); page <= last; page++) {
            if ((byte) FLAG.getOpaque(watched, page) != 0) {
                return true;
            }
        }
        return false;
    }

    private int page(long address) {
        return (int) ((address - start) >>> GuestMemory.PAGE_SHIFT);
    }

    @Override
    public String toString() {
        return kind + " 0x" + Long.toHexString(start) + "-0x" + Long.toHexString(start + size - 1);
    }
}
