package trefoil.linux.file;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/**
 * Reading and writing: read(2), pwrite(2), ftruncate(2), copy_file_range(2) and family. Thread-safe. On a non-blocking
 * descriptor {@code EAGAIN} is thrown as any other error.
 */
public final class Contents {
    /** For {@link #fallocate}: do not change the size. */
    public static final int FALLOC_FL_KEEP_SIZE = 1;
    /** For {@link #fallocate}, with {@link #FALLOC_FL_KEEP_SIZE}: give the range back to the file system. */
    public static final int FALLOC_FL_PUNCH_HOLE = 2;
    /** For {@link #fallocate}: the range reads as zeroes and stays allocated. */
    public static final int FALLOC_FL_ZERO_RANGE = 16;
    /** Most segments that preadv(2) and pwritev(2) take: {@code UIO_MAXIOV}. */
    public static final int IOV_MAX = 1024;

    private static final int SYS_READ = 0;
    private static final int SYS_WRITE = 1;
    private static final int SYS_PREAD64 = 17;
    private static final int SYS_PWRITE64 = 18;
    private static final int SYS_SENDFILE = 40;
    private static final int SYS_FSYNC = 74;
    private static final int SYS_FDATASYNC = 75;
    private static final int SYS_FTRUNCATE = 77;
    private static final int SYS_FALLOCATE = 285;
    private static final int SYS_PREADV = 295;
    private static final int SYS_PWRITEV = 296;
    private static final int SYS_SYNCFS = 306;
    private static final int SYS_COPY_FILE_RANGE = 326;

    private Contents() {}

    /** read(2); returns 0 at the end. */
    public static int read(FileDescriptor fd, byte[] into, int offset, int length) throws ErrnoException {
        return in("read", SYS_READ, fd, into, offset, length, 0);
    }

    /** read(2) into native memory. */
    public static int read(FileDescriptor fd, MemorySegment into) throws ErrnoException {
        return (int) Syscall.call("read(" + fd + ")", SYS_READ, fd.number(), into.address(), into.byteSize());
    }

    /**
     * read(2) from a non-blocking descriptor into native memory, without the cost of an exception when it is not ready.
     *
     * @return bytes read, 0 at the end, or the negated error number: {@code -EAGAIN} when there is nothing to read now,
     *     {@code -EIO} for a terminal's master without a slave
     */
    public static int tryRead(FileDescriptor fd, MemorySegment into) {
        return (int) Syscall.raw(SYS_READ, fd.number(), into.address(), into.byteSize());
    }

    /** write(2) to a non-blocking descriptor; returns bytes written or the negated error number, as {@link #tryRead}. */
    public static int tryWrite(FileDescriptor fd, byte[] from, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, from.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, length));
            MemorySegment.copy(from, offset, buffer, ValueLayout.JAVA_BYTE, 0, length);
            return (int) Syscall.raw(SYS_WRITE, fd.number(), buffer.address(), length);
        }
    }

    /** pread(2): from {@code position} on; returns 0 at the end. */
    public static int pread(FileDescriptor fd, byte[] into, int offset, int length, long position)
            throws ErrnoException {
        return in("pread64", SYS_PREAD64, fd, into, offset, length, position);
    }

    /** write(2); may write less than asked. */
    public static int write(FileDescriptor fd, byte[] from, int offset, int length) throws ErrnoException {
        return out("write", SYS_WRITE, fd, from, offset, length, 0);
    }

    /** write(2) until all is written. For blocking descriptors. */
    public static void writeFully(FileDescriptor fd, byte[] from, int offset, int length) throws ErrnoException {
        for (int done = 0; done < length; ) {
            done += write(fd, from, offset + done, length - done);
        }
    }

    /** pwrite(2); may write less than asked. */
    public static int pwrite(FileDescriptor fd, byte[] from, int offset, int length, long position)
            throws ErrnoException {
        return out("pwrite64", SYS_PWRITE64, fd, from, offset, length, position);
    }

    /** preadv(2) into native memory, of which no more than {@link #IOV_MAX} segments are used; returns 0 at the end. */
    public static long preadv(FileDescriptor fd, List<MemorySegment> into, long position) throws ErrnoException {
        return vectored("pread", SYS_PREAD64, SYS_PREADV, fd, into, position);
    }

    /** pwritev(2) from native memory, of which no more than {@link #IOV_MAX} segments are used; may write less than asked. */
    public static long pwritev(FileDescriptor fd, List<MemorySegment> from, long position) throws ErrnoException {
        return vectored("pwrite", SYS_PWRITE64, SYS_PWRITEV, fd, from, position);
    }

    private static long vectored(String call, int one, int many, FileDescriptor fd, List<MemorySegment> vector, long position)
            throws ErrnoException {
        for (MemorySegment segment : vector) {
            if (!segment.isNative()) {
                throw new IllegalArgumentException("not native memory: " + segment);
            }
        }
        if (vector.size() == 1) {
            MemorySegment only = vector.getFirst();
            return Syscall.call(call + "64", one, fd.number(), only.address(), only.byteSize(), position, 0, 0);
        }
        int count = Math.min(vector.size(), IOV_MAX);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment iov = arena.allocate(16L * Math.max(1, count), 8); // struct iovec {void *base; size_t len}
            for (int i = 0; i < count; i++) {
                iov.set(ValueLayout.JAVA_LONG, 16L * i, vector.get(i).address());
                iov.set(ValueLayout.JAVA_LONG, 16L * i + 8, vector.get(i).byteSize());
            }
            return Syscall.call(call + "v", many, fd.number(), iov.address(), count, position, 0, 0);
        }
    }

    private static int in(String call, int nr, FileDescriptor fd, byte[] into, int offset, int length, long position)
            throws ErrnoException {
        Objects.checkFromIndexSize(offset, length, into.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, length));
            int got = (int) Syscall.call(
                    call + "(" + fd + ")", nr, fd.number(), buffer.address(), length, position, 0, 0);
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, offset, got);
            return got;
        }
    }

    private static int out(String call, int nr, FileDescriptor fd, byte[] from, int offset, int length, long position)
            throws ErrnoException {
        Objects.checkFromIndexSize(offset, length, from.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, length));
            MemorySegment.copy(from, offset, buffer, ValueLayout.JAVA_BYTE, 0, length);
            return (int) Syscall.call(
                    call + "(" + fd + ")", nr, fd.number(), buffer.address(), length, position, 0, 0);
        }
    }

    /**
     * Makes a file hold this and nothing else; it is made where it is missing, for its owner and for others to read as
     * {@code mode} says. Neither atomic nor durable, and quick: the file is not cut to nothing first, for which ext4 would write it to disk at
     * its closing (ext4(5), {@code auto_da_alloc}).
     */
    public static void overwrite(String path, byte[] bytes, int mode) throws ErrnoException {
        try (FileDescriptor file = Open.open(path, Open.O_WRONLY | Open.O_CREAT | Open.O_NOFOLLOW, mode)) {
            writeFully(file, bytes, 0, bytes.length);
            ftruncate(file, bytes.length);
        }
    }

    /** ftruncate(2): sets the size in bytes; what is added is a hole. */
    public static void ftruncate(FileDescriptor fd, long size) throws ErrnoException {
        Syscall.call("ftruncate(" + fd + ", " + size + ")", SYS_FTRUNCATE, fd.number(), size, 0);
    }

    /** fallocate(2). */
    public static void fallocate(FileDescriptor fd, int mode, long offset, long length) throws ErrnoException {
        String call = "fallocate(" + fd + ", " + mode + ", " + offset + ", " + length + ")";
        Syscall.call(call, SYS_FALLOCATE, fd.number(), mode, offset, length, 0, 0);
    }

    /** fsync(2): returns when contents and metadata are on the disk. */
    public static void fsync(FileDescriptor fd) throws ErrnoException {
        Syscall.call("fsync(" + fd + ")", SYS_FSYNC, fd.number(), 0, 0);
    }

    /** fdatasync(2): returns when contents, and what is needed to find them, are on the disk. */
    public static void fdatasync(FileDescriptor fd) throws ErrnoException {
        Syscall.call("fdatasync(" + fd + ")", SYS_FDATASYNC, fd.number(), 0, 0);
    }

    /** syncfs(2): all of the file system that the descriptor lies on. */
    public static void syncfs(FileDescriptor fd) throws ErrnoException {
        Syscall.call("syncfs(" + fd + ")", SYS_SYNCFS, fd.number(), 0, 0);
    }

    /** copy_file_range(2) at both descriptors' offsets; returns 0 at the end of {@code from}. */
    public static long copy_file_range(FileDescriptor from, FileDescriptor to, long length) throws ErrnoException {
        String call = "copy_file_range(" + from + ", " + to + ")";
        return Syscall.call(call, SYS_COPY_FILE_RANGE, from.number(), 0, to.number(), 0, length, 0);
    }

    /** sendfile(2) at both descriptors' offsets; returns 0 at the end of {@code from}. */
    public static long sendfile(FileDescriptor to, FileDescriptor from, long length) throws ErrnoException {
        String call = "sendfile(" + to + ", " + from + ")";
        return Syscall.call(call, SYS_SENDFILE, to.number(), from.number(), 0, length, 0, 0);
    }
}
