package trefoil.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What an image wants of the file that it lies in. Thread-safe. Errors are {@link trefoil.linux.ErrnoException}s. Writes may reach the disk in any order; only
 * {@link #sync} makes them durable. Vectors hold native memory.
 */
public interface BlockFile extends AutoCloseable {
    /** Bytes. */
    long length();

    /** Fills the vector; what lies behind the end reads as zeroes. */
    void read(long offset, List<MemorySegment> into) throws IOException;

    /** Writes all of the vector; the file grows where needed. */
    void write(long offset, List<MemorySegment> from) throws IOException;

    /** Sets the length; what is added reads as zeroes. */
    void truncate(long length) throws IOException;

    /** Returns when all writes that ended before are durable. */
    void sync() throws IOException;

    /** The range reads as zeroes, and takes no room if the file system can do that. False if it cannot, and nothing has happened. */
    boolean punch(long offset, long length) throws IOException;

    /** The range reads as zeroes and stays allocated. False if the file system cannot do that, and nothing has happened. */
    boolean zero(long offset, long length) throws IOException;

    /** Lets go, without a sync. Idempotent. */
    @Override
    void close();
}
