package trefoil.disk;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A place in a vector of memory segments, which moves on as pieces are taken. */
public final class Vector {
    private final List<MemorySegment> segments;
    private int index;
    private long offset;
    private long remaining;

    public Vector(List<MemorySegment> segments) {
        this.segments = segments;
        this.remaining = length(segments);
    }

    /** Bytes in all segments. */
    public static long length(List<MemorySegment> segments) {
        long length = 0;
        for (MemorySegment segment : segments) {
            length += segment.byteSize();
        }
        return length;
    }

    public long remaining() {
        return remaining;
    }

    /** All that remains, without moving on. */
    public List<MemorySegment> rest() {
        if (index == 0 && offset == 0) {
            return segments;
        }
        List<MemorySegment> rest = new ArrayList<>(segments.subList(index, segments.size()));
        rest.set(0, rest.getFirst().asSlice(offset));
        return rest;
    }

    /** The next bytes, as segments. */
    public List<MemorySegment> take(long length) {
        List<MemorySegment> taken = peek(length);
        skip(length);
        return taken;
    }

    /** The next bytes, without moving on. */
    public List<MemorySegment> peek(long length) {
        if (length == remaining) {
            return length == 0 ? List.of() : rest();
        }
        List<MemorySegment> next = new ArrayList<>();
        long from = offset;
        long left = length;
        for (int i = index; left > 0; i++) {
            long n = Math.min(left, segments.get(i).byteSize() - from);
            next.add(segments.get(i).asSlice(from, n));
            left -= n;
            from = 0;
        }
        return next;
    }

    /** Moves on. */
    public void skip(long length) {
        remaining -= length;
        offset += length;
        while (index < segments.size() && offset >= segments.get(index).byteSize()) {
            offset -= segments.get(index++).byteSize();
        }
    }

    /** Fills segments from one. */
    public static void copy(MemorySegment from, List<MemorySegment> into) {
        long at = 0;
        for (MemorySegment segment : into) {
            MemorySegment.copy(from, at, segment, 0, segment.byteSize());
            at += segment.byteSize();
        }
    }

    /** Fills one from segments. */
    public static void gather(List<MemorySegment> from, MemorySegment into) {
        long at = 0;
        for (MemorySegment segment : from) {
            MemorySegment.copy(segment, 0, into, at, segment.byteSize());
            at += segment.byteSize();
        }
    }
}
