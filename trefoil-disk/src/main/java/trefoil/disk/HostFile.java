package trefoil.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Contents;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;

/** A regular file of the host's, locked: by one writer, or by any number of readers. Its length is known here, since nobody else changes it. */
public final class HostFile implements BlockFile {
    /** What an image is opened for. */
    public enum Access {
        READ,
        WRITE
    }

    private final FileDescriptor fd;
    private final FileStatus status;
    private final AtomicLong length;

    /** Takes the descriptor over, and locks the file. */
    public HostFile(FileDescriptor fd, String name, Access access) throws DiskException {
        this.fd = fd;
        try {
            status = Inodes.fstat(fd);
            if (!status.isRegular()) {
                throw new DiskException(DiskException.Reason.NOT_AN_IMAGE, name + " is not a regular file");
            }
            Open.lock(fd, access == Access.WRITE ? Open.F_WRLCK : Open.F_RDLCK);
            length = new AtomicLong(Inodes.fstat(fd).size());
        } catch (ErrnoException e) {
            fd.close();
            throw e.errno() == Errno.EAGAIN || e.errno() == Errno.EACCES
                    ? new DiskException(
                            DiskException.Reason.IN_USE,
                            name + " is in use: somebody else has it open" + (access == Access.WRITE ? "" : " for writing")
                                    + ". Stop that machine or tool first (lsof " + name + " names it)")
                    : DiskException.of(name, e);
        } catch (DiskException e) {
            fd.close();
            throw e;
        }
    }

    /** Which file it is, whatever its name: device and inode. */
    String identity() {
        return status.device() + ":" + status.inode();
    }

    @Override
    public long length() {
        return length.get();
    }

    @Override
    public void read(long offset, List<MemorySegment> into) throws IOException {
        Vector vector = new Vector(into);
        long at = offset;
        while (vector.remaining() > 0) {
            long n = Contents.preadv(fd, vector.rest(), at);
            if (n == 0) {
                vector.take(vector.remaining()).forEach(segment -> segment.fill((byte) 0));
                return;
            }
            vector.skip(n);
            at += n;
        }
    }

    @Override
    public void write(long offset, List<MemorySegment> from) throws IOException {
        Vector vector = new Vector(from);
        long at = offset;
        while (vector.remaining() > 0) {
            long n = Contents.pwritev(fd, vector.rest(), at);
            vector.skip(n);
            at += n;
            length.accumulateAndGet(at, Math::max);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        Contents.ftruncate(fd, size);
        length.set(size);
    }

    @Override
    public void sync() throws IOException {
        Contents.fdatasync(fd);
    }

    @Override
    public boolean punch(long offset, long size) throws IOException {
        return allocation(Contents.FALLOC_FL_PUNCH_HOLE | Contents.FALLOC_FL_KEEP_SIZE, offset, size);
    }

    @Override
    public boolean zero(long offset, long size) throws IOException {
        return allocation(Contents.FALLOC_FL_ZERO_RANGE | Contents.FALLOC_FL_KEEP_SIZE, offset, size);
    }

    private boolean allocation(int mode, long offset, long size) throws ErrnoException {
        try {
            Contents.fallocate(fd, mode, offset, size);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.ENOSYS) {
                return false;
            }
            throw e;
        }
    }

    /** fallocate(2): the room for this many bytes is taken now. */
    void reserve(long size) throws IOException {
        Contents.fallocate(fd, 0, 0, size);
        length.accumulateAndGet(size, Math::max);
    }

    @Override
    public void close() {
        fd.close();
    }
}
