package trefoil.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;

/**
 * A file that is the disk, byte for byte. No lock: the kernel keeps requests apart. After a failed sync
 * every later write and flush fails ({@link GuardedFile}).
 */
public final class RawImage implements BlockBackend {
    private static final long CHUNK = 1 << 20;

    private final BlockFile file;
    private final long size;
    private final boolean readOnly;
    private volatile boolean closed;

    /** Takes the file over. */
    public RawImage(BlockFile file, HostFile.Access access) {
        this.file = new GuardedFile(file);
        this.size = file.length();
        this.readOnly = access == HostFile.Access.READ;
    }

    /** What an operation does once its range is known to be good. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private IoStatus inRange(long offset, long length, Work work) {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        if (offset < 0 || length < 0 || length > size - offset) {
            return IoStatus.OUT_OF_RANGE;
        }
        try {
            work.run();
            return IoStatus.OK;
        } catch (IOException e) {
            return IoFailure.status(e);
        }
    }

    private IoStatus change(long offset, long length, Work work) {
        if (readOnly) {
            return IoStatus.READ_ONLY;
        }
        return inRange(offset, length, work);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int blockSize() {
        return 512;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public IoStatus read(long offset, List<MemorySegment> into) {
        return inRange(offset, Vector.length(into), () -> file.read(offset, into));
    }

    @Override
    public IoStatus write(long offset, List<MemorySegment> from) {
        return change(offset, Vector.length(from), () -> file.write(offset, from));
    }

    @Override
    public IoStatus flush() {
        if (readOnly) {
            return IoStatus.OK;
        }
        return change(0, 0, file::sync);
    }

    @Override
    public IoStatus discard(long offset, long length) {
        return change(offset, length, () -> {
            if (length > 0) {
                file.punch(offset, length);
            }
        });
    }

    @Override
    public IoStatus writeZeroes(long offset, long length, Zeroing zeroing) {
        return change(offset, length, () -> {
            if (length == 0) {
                return;
            }
            boolean done =
                    switch (zeroing) {
                        case RELEASE -> file.punch(offset, length);
                        case KEEP -> file.zero(offset, length);
                    };
            if (!done) {
                writeZeroBytes(offset, length);
            }
        });
    }

    private void writeZeroBytes(long offset, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeroes = arena.allocate(Math.min(CHUNK, length));
            for (long done = 0; done < length; ) {
                long n = Math.min(zeroes.byteSize(), length - done);
                file.write(offset + done, List.of(zeroes.asSlice(0, n)));
                done += n;
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            if (!readOnly) {
                flush();
            }
            closed = true;
            file.close();
        }
    }
}
