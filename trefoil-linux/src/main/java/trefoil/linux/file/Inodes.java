package trefoil.linux.file;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/** What a file is, beside its contents: statx(2), fchownat(2), fchmod(2), xattr(7), ioctl_iflags(2). Thread-safe. */
public final class Inodes {
    /** Do not follow the last component. */
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    /** An empty name means the descriptor itself. */
    public static final int AT_EMPTY_PATH = 0x1000;
    /** ioctl_iflags(2): the file cannot be changed, renamed or removed. */
    public static final int FS_IMMUTABLE_FL = 0x10;
    /** ioctl_iflags(2): the file can only grow and not be removed. */
    public static final int FS_APPEND_FL = 0x20;

    private static final int SYS_IOCTL = 16;
    private static final int SYS_FCHMOD = 91;
    private static final int SYS_FSETXATTR = 190;
    private static final int SYS_FGETXATTR = 193;
    private static final int SYS_FREMOVEXATTR = 199;
    private static final int SYS_FCHOWNAT = 260;
    private static final int SYS_FCHMODAT = 268;
    private static final int SYS_UTIMENSAT = 280;
    private static final int SYS_STATX = 332;
    private static final int STATX_SIZE = 256;
    private static final int STATX_BASIC_STATS = 0x7FF;
    private static final int XATTR_SIZE_MAX = 65536;
    private static final long FS_IOC_GETFLAGS = 0x80086601L;
    private static final long FS_IOC_SETFLAGS = 0x40086602L;

    private Inodes() {}

    /** statx(2) of a name in a directory; {@code flags} are {@code AT_…}. */
    public static FileStatus statx(FileDescriptor directory, String name, int flags) throws ErrnoException {
        String call = "statx(" + directory + ", \"" + name + "\")";
        try (Arena arena = Arena.ofConfined()) {
            long path = PathBytes.zeroTerminated(arena, call, name).address();
            MemorySegment buffer = arena.allocate(STATX_SIZE, 8);
            Syscall.call(
                    call, SYS_STATX, directory.number(), path, flags, STATX_BASIC_STATS, buffer.address(), 0);
            return status(buffer);
        }
    }

    /** statx(2) of what a descriptor is open on; an {@code O_PATH} descriptor serves. */
    public static FileStatus fstat(FileDescriptor fd) throws ErrnoException {
        return statx(fd, "", AT_EMPTY_PATH);
    }

    /** Reads {@code struct statx} (linux/stat.h). */
    private static FileStatus status(MemorySegment s) {
        return new FileStatus(
                s.get(ValueLayout.JAVA_SHORT, 28) & 0xFFFF,
                s.get(ValueLayout.JAVA_INT, 16),
                s.get(ValueLayout.JAVA_INT, 20),
                s.get(ValueLayout.JAVA_INT, 24),
                s.get(ValueLayout.JAVA_LONG, 32),
                s.get(ValueLayout.JAVA_LONG, 40),
                s.get(ValueLayout.JAVA_LONG, 48),
                s.get(ValueLayout.JAVA_LONG, 8),
                time(s, 112),
                time(s, 96),
                device(s, 136),
                device(s, 128));
    }

    private static long time(MemorySegment s, long at) {
        return s.get(ValueLayout.JAVA_LONG, at) * 1_000_000_000L + s.get(ValueLayout.JAVA_INT, at + 8);
    }

    private static long device(MemorySegment s, long at) {
        long major = s.get(ValueLayout.JAVA_INT, at) & 0xFFFFFFFFL;
        return major << 32 | s.get(ValueLayout.JAVA_INT, at + 4) & 0xFFFFFFFFL;
    }

    /** fchownat(2). */
    public static void fchownat(FileDescriptor directory, String name, int uid, int gid, int flags)
            throws ErrnoException {
        String call = "fchownat(" + directory + ", \"" + name + "\", " + uid + ", " + gid + ")";
        try (Arena arena = Arena.ofConfined()) {
            long path = PathBytes.zeroTerminated(arena, call, name).address();
            Syscall.call(call, SYS_FCHOWNAT, directory.number(), path, uid, gid, flags, 0);
        }
    }

    /** Changes the owner of what a descriptor is open on; an {@code O_PATH} descriptor serves. */
    public static void fchown(FileDescriptor fd, int uid, int gid) throws ErrnoException {
        fchownat(fd, "", uid, gid, AT_EMPTY_PATH);
    }

    /** fchmod(2); not for {@code O_PATH} descriptors. */
    public static void fchmod(FileDescriptor fd, int mode) throws ErrnoException {
        Syscall.call("fchmod(" + fd + ", 0" + Integer.toOctalString(mode) + ")", SYS_FCHMOD, fd.number(), mode, 0);
    }

    /** fchmodat(2). Follows a symbolic link: for directories that nobody else can change. */
    public static void fchmodat(FileDescriptor directory, String name, int mode) throws ErrnoException {
        String call = "fchmodat(" + directory + ", \"" + name + "\", 0" + Integer.toOctalString(mode) + ")";
        try (Arena arena = Arena.ofConfined()) {
            long path = PathBytes.zeroTerminated(arena, call, name).address();
            Syscall.call(call, SYS_FCHMODAT, directory.number(), path, mode);
        }
    }

    /** utimensat(2): sets access and modification time, nanoseconds since the epoch, not following a link. */
    public static void utimensat(FileDescriptor directory, String name, long accessed, long modified)
            throws ErrnoException {
        String call = "utimensat(" + directory + ", \"" + name + "\")";
        try (Arena arena = Arena.ofConfined()) {
            long path = PathBytes.zeroTerminated(arena, call, name).address();
            MemorySegment times = arena.allocate(32, 8);
            times.set(ValueLayout.JAVA_LONG, 0, Math.floorDiv(accessed, 1_000_000_000L));
            times.set(ValueLayout.JAVA_LONG, 8, Math.floorMod(accessed, 1_000_000_000L));
            times.set(ValueLayout.JAVA_LONG, 16, Math.floorDiv(modified, 1_000_000_000L));
            times.set(ValueLayout.JAVA_LONG, 24, Math.floorMod(modified, 1_000_000_000L));
            Syscall.call(
                    call, SYS_UTIMENSAT, directory.number(), path, times.address(), AT_SYMLINK_NOFOLLOW, 0, 0);
        }
    }

    /** fgetxattr(2); {@code null} when the file has no such attribute or its file system has none at all. */
    public static byte[] fgetxattr(FileDescriptor fd, String name) throws ErrnoException {
        String call = "fgetxattr(" + fd + ", \"" + name + "\")";
        try (Arena arena = Arena.ofConfined()) {
            long path = PathBytes.zeroTerminated(arena, call, name).address();
            MemorySegment value = arena.allocate(XATTR_SIZE_MAX);
            long length = Syscall.call(
                    call, SYS_FGETXATTR, fd.number(), path, value.address(), XATTR_SIZE_MAX, 0, 0);
            return value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODATA || e.errno() == Errno.EOPNOTSUPP) {
                return null;
            }
            throw e;
        }
    }

    /** fsetxattr(2): makes or replaces. */
    public static void fsetxattr(FileDescriptor fd, String name, byte[] value) throws ErrnoException {
        String call = "fsetxattr(" + fd + ", \"" + name + "\")";
        try (Arena arena = Arena.ofConfined()) {
            long path = PathBytes.zeroTerminated(arena, call, name).address();
            MemorySegment content = arena.allocate(Math.max(1, value.length));
            MemorySegment.copy(value, 0, content, ValueLayout.JAVA_BYTE, 0, value.length);
            Syscall.call(call, SYS_FSETXATTR, fd.number(), path, content.address(), value.length, 0, 0);
        }
    }

    /** fremovexattr(2). */
    public static void fremovexattr(FileDescriptor fd, String name) throws ErrnoException {
        String call = "fremovexattr(" + fd + ", \"" + name + "\")";
        try (Arena arena = Arena.ofConfined()) {
            long path = PathBytes.zeroTerminated(arena, call, name).address();
            Syscall.call(call, SYS_FREMOVEXATTR, fd.number(), path, 0);
        }
    }

    /** FS_IOC_GETFLAGS of ioctl_iflags(2); {@code ENOTTY} or {@code EOPNOTSUPP} where the file system has none. */
    public static int flags(FileDescriptor fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flags = arena.allocate(8, 8);
            String call = "ioctl(" + fd + ", FS_IOC_GETFLAGS)";
            Syscall.call(call, SYS_IOCTL, fd.number(), FS_IOC_GETFLAGS, flags.address());
            return flags.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** FS_IOC_SETFLAGS of ioctl_iflags(2). */
    public static void flags(FileDescriptor fd, int value) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flags = arena.allocate(8, 8);
            flags.set(ValueLayout.JAVA_INT, 0, value);
            String call = "ioctl(" + fd + ", FS_IOC_SETFLAGS, 0x" + Integer.toHexString(value) + ")";
            Syscall.call(call, SYS_IOCTL, fd.number(), FS_IOC_SETFLAGS, flags.address());
        }
    }
}
