package trefoil.machine;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What lies behind a disk: bytes at offsets, kept. Any range of bytes inside {@link #size} may be read or written; devices use multiples of {@link #blockSize}.
 *
 * <p>Operations block and are thread-safe: several may run at once, in any order. Two that overlap in space and time leave one or the other in each
 * block. Vectors hold native memory (of the guest, mostly), which must stay as it is until the call returns. The status tells all: no exception of the host's comes from here,
 * but {@link IllegalStateException} after {@link #close}, which is the caller's fault.
 */
public interface BlockBackend extends AutoCloseable {
    /** What zeroing may do with the room that the bytes took. */
    enum Zeroing {
        /** It stays allocated: later writes need no more of it. */
        KEEP,
        /** It may be given back. */
        RELEASE
    }

    /** Bytes. */
    long size();

    /** Logical block size: a power of two, at least 512. */
    int blockSize();

    boolean isReadOnly();

    /** Fills the vector from the disk. After another status than OK the vector's content is undefined. */
    IoStatus read(long offset, List<MemorySegment> into);

    /** Writes the vector. After another status than OK any part of the range may hold old or new bytes. Not durable before {@link #flush}. */
    IoStatus write(long offset, List<MemorySegment> from);

    /** Makes durable whatever was written by operations that ended before this one began: it survives the host's power failure. */
    IoStatus flush();

    /** The bytes are not needed; they read as anything that was there or zeroes (which, stays so). Room may be given back. */
    IoStatus discard(long offset, long length);

    /** The bytes read as zeroes. */
    IoStatus writeZeroes(long offset, long length, Zeroing zeroing);

    /** As {@link #flush}, then lets go of everything. Idempotent. */
    @Override
    void close();

    default IoStatus read(long offset, MemorySegment into) {
        return read(offset, List.of(into));
    }

    default IoStatus write(long offset, MemorySegment from) {
        return write(offset, List.of(from));
    }
}
