package trefoil.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import trefoil.machine.IoStatus;

/**
 * A file that is not written any more after a sync has failed: the kernel forgets pages that it could not write, so that a later sync would succeed and nobody could say
 * what is on the disk (fsync(2), NOTES).
 */
public final class GuardedFile implements BlockFile {
    private final BlockFile file;
    private volatile boolean lost;

    public GuardedFile(BlockFile file) {
        this.file = file;
    }

    /** Refuses all further writes and syncs. */
    public void freeze() {
        lost = true;
    }

    private void demandSound() throws IoFailure {
        if (lost) {
            throw new IoFailure(IoStatus.IO_ERROR, "not written any more after an earlier failure");
        }
    }

    @Override
    public long length() {
        return file.length();
    }

    @Override
    public void read(long offset, List<MemorySegment> into) throws IOException {
        file.read(offset, into);
    }

    @Override
    public void write(long offset, List<MemorySegment> from) throws IOException {
        demandSound();
        file.write(offset, from);
    }

    @Override
    public void truncate(long length) throws IOException {
        demandSound();
        file.truncate(length);
    }

    @Override
    public void sync() throws IOException {
        demandSound();
        try {
            file.sync();
        } catch (IOException e) {
            lost = true;
            throw e;
        }
    }

    @Override
    public boolean punch(long offset, long length) throws IOException {
        demandSound();
        return file.punch(offset, length);
    }

    @Override
    public boolean zero(long offset, long length) throws IOException {
        demandSound();
        return file.zero(offset, length);
    }

    @Override
    public void close() {
        file.close();
    }
}
