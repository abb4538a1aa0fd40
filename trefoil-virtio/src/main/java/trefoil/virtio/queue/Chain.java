package trefoil.virtio.queue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One buffer that the driver made available: bytes for the device to read, then bytes for it to write (virtio 1.2, 2.7.4.2), each wherever the guest put them. Where descriptors end has no meaning. */
public final class Chain {
    /** Guest-physical range that the device may write. */
    record Range(long address, long length) {}

    private final int head;
    private final List<MemorySegment> readable = new ArrayList<>();
    private final List<MemorySegment> writable = new ArrayList<>();
    private final List<Range> ranges = new ArrayList<>();
    private long readableLength;
    private long writableLength;

    Chain(int head) {
        this.head = head;
    }

    int head() {
        return head;
    }

    List<MemorySegment> readableSegments() {
        return readable;
    }

    List<MemorySegment> writableSegments() {
        return writable;
    }

    List<Range> ranges() {
        return ranges;
    }

    void addedReadable(long length) {
        readableLength += length;
    }

    void addedWritable(long address, long length) {
        ranges.add(new Range(address, length));
        writableLength += length;
    }

    /** Bytes for the device to read. */
    public long readableLength() {
        return readableLength;
    }

    /** Bytes for the device to write. */
    public long writableLength() {
        return writableLength;
    }

    /** A part of what is to be read; it must lie inside. */
    public List<MemorySegment> readable(long offset, long length) {
        return part(readable, offset, length);
    }

    /** A part of what is to be written; it must lie inside. */
    public List<MemorySegment> writable(long offset, long length) {
        return part(writable, offset, length);
    }

    /** Copies bytes out of the guest, as many as there are from {@code offset} on and {@code into} holds; says how many. */
    public int read(long offset, byte[] into) {
        int length = Math.clamp(readableLength - offset, 0, into.length);
        int done = 0;
        for (MemorySegment segment : readable(offset, length)) {
            MemorySegment.copy(segment, 0, MemorySegment.ofArray(into), done, segment.byteSize());
            done += (int) segment.byteSize();
        }
        return done;
    }

    /** Copies bytes into the guest, as many of {@code from} as there is room for from {@code offset} on; says how many. */
    public int write(long offset, MemorySegment from) {
        long length = Math.clamp(writableLength - offset, 0, from.byteSize());
        long done = 0;
        for (MemorySegment segment : writable(offset, length)) {
            MemorySegment.copy(from, done, segment, 0, segment.byteSize());
            done += segment.byteSize();
        }
        return (int) done;
    }

    /** As {@link #write(long, MemorySegment)}. */
    public int write(long offset, byte[] from) {
        return write(offset, MemorySegment.ofArray(from));
    }

    private static List<MemorySegment> part(List<MemorySegment> segments, long offset, long length) {
        List<MemorySegment> part = new ArrayList<>(segments.size());
        long skip = offset;
        long left = length;
        for (MemorySegment segment : segments) {
            long size = segment.byteSize();
            if (skip < size && left > 0) {
                long n = Math.min(size - skip, left);
                part.add(segment.asSlice(skip, n));
                left -= n;
            }
            skip = Math.max(0, skip - size);
        }
        if (left > 0) {
            throw new IndexOutOfBoundsException(length + " bytes at " + offset);
        }
        return part;
    }
}
