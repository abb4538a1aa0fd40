package trefoil.linux.unpack;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/**
 * System calls relative to an open directory, under their names in section 2 of the manual. Names are raw (see the
 * package). Thread-safe; every failure is an {@link ErrnoException} that tells the name.
 */
public final class At {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_DIRECTORY = 0200000;
    public static final int O_NOFOLLOW = 0400000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;
    /** {@code openat2}: absolute links and {@code ..} stay below the directory, as after chroot(2). */
    public static final long RESOLVE_IN_ROOT = 0x10;
    /** {@code openat2}: no links of the /proc kind. */
    public static final long RESOLVE_NO_MAGICLINKS = 0x02;

    private static final int AT_FDCWD = -100;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int NAME_LIMIT = 4096;

    private static final int SYS_READ = 0;
    private static final int SYS_WRITE = 1;
    private static final int SYS_LSEEK = 8;
    private static final int SYS_FTRUNCATE = 77;
    private static final int SYS_FCHMOD = 91;
    private static final int SYS_FCHOWN = 93;
    private static final int SYS_FSETXATTR = 190;
    private static final int SYS_FGETXATTR = 193;
    private static final int SYS_FLISTXATTR = 196;
    private static final int SYS_GETDENTS64 = 217;
    private static final int SYS_OPENAT = 257;
    private static final int SYS_MKDIRAT = 258;
    private static final int SYS_MKNODAT = 259;
    private static final int SYS_FCHOWNAT = 260;
    private static final int SYS_UNLINKAT = 263;
    private static final int SYS_LINKAT = 265;
    private static final int SYS_SYMLINKAT = 266;
    private static final int SYS_READLINKAT = 267;
    private static final int SYS_UTIMENSAT = 280;
    private static final int SYS_SYNCFS = 306;
    private static final int SYS_STATX = 332;
    private static final int SYS_OPENAT2 = 437;

    private At() {}

    /** A Java string as a raw name: its UTF-8 bytes, one per {@code char}. */
    public static String raw(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** A raw name fit for one line of a message: UTF-8 where it is that, control characters and other bytes as {@code \xNN}, at most 200 characters. */
    public static String readable(String raw) {
        byte[] bytes = raw.getBytes(StandardCharsets.ISO_8859_1);
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            text = raw;
        }
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(200).forEach(c -> show(shown, c));
        return text.codePointCount(0, text.length()) > 200 ? shown + "…" : shown.toString();
    }

    private static void show(StringBuilder out, int codePoint) {
        int type = Character.getType(codePoint);
        if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) {
            out.append(String.format("\\x%02x", codePoint));
        } else if (type == Character.FORMAT || type == Character.LINE_SEPARATOR || type == Character.SURROGATE) {
            out.append(String.format("\\u%04x", codePoint));
        } else {
            out.appendCodePoint(codePoint);
        }
    }

    /** openat(2) of a directory by its absolute path, which the caller vouches for. */
    public static FileDescriptor openDirectory(String path) throws ErrnoException {
        return open(AT_FDCWD, raw(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    }

    /** openat(2), with {@code O_CLOEXEC}. {@code flags} should hold {@code O_NOFOLLOW}. */
    public static FileDescriptor openat(FileDescriptor dir, String name, int flags, int mode) throws ErrnoException {
        return open(dir.number(), name, flags | O_CLOEXEC, mode);
    }

    private static FileDescriptor open(int dir, String name, int flags, int mode) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long fd = Syscall.raw(SYS_OPENAT, dir, address(arena, name), flags, mode, 0, 0);
            return new FileDescriptor((int) checked("openat", name, fd), readable(name));
        }
    }

    /** openat2(2), with {@code O_CLOEXEC}; see {@link #RESOLVE_IN_ROOT}. */
    public static FileDescriptor openat2(FileDescriptor dir, String path, int flags, long resolve) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocate(24, 8); // struct open_how { u64 flags, mode, resolve; }
            how.set(ValueLayout.JAVA_LONG, 0, flags | O_CLOEXEC);
            how.set(ValueLayout.JAVA_LONG, 16, resolve);
            long fd = Syscall.raw(SYS_OPENAT2, dir.number(), address(arena, path), how.address(), 24, 0, 0);
            return new FileDescriptor((int) checked("openat2", path, fd), readable(path));
        }
    }

    /** mkdirat(2). */
    public static void mkdirat(FileDescriptor dir, String name, int mode) throws ErrnoException {
        named("mkdirat", SYS_MKDIRAT, dir, name, mode, 0);
    }

    /** mknodat(2); {@code mode} carries the type. */
    public static void mknodat(FileDescriptor dir, String name, int mode, long device) throws ErrnoException {
        named("mknodat", SYS_MKNODAT, dir, name, mode, device);
    }

    /** unlinkat(2) of anything but a directory. */
    public static void unlinkat(FileDescriptor dir, String name) throws ErrnoException {
        named("unlinkat", SYS_UNLINKAT, dir, name, 0, 0);
    }

    /** unlinkat(2) with {@code AT_REMOVEDIR}: the directory must be empty. */
    public static void rmdirat(FileDescriptor dir, String name) throws ErrnoException {
        named("unlinkat", SYS_UNLINKAT, dir, name, AT_REMOVEDIR, 0);
    }

    /** fchownat(2) that does not follow a link. */
    public static void lchownat(FileDescriptor dir, String name, int uid, int gid) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            checked("fchownat", name, Syscall.raw(
                    SYS_FCHOWNAT, dir.number(), address(arena, name), uid, gid, AT_SYMLINK_NOFOLLOW, 0));
        }
    }

    /** symlinkat(2). */
    public static void symlinkat(String target, FileDescriptor dir, String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            checked("symlinkat", name, Syscall.raw(
                    SYS_SYMLINKAT, address(arena, target), dir.number(), address(arena, name)));
        }
    }

    /** linkat(2) that does not follow a link at {@code oldName}. */
    public static void linkat(FileDescriptor oldDir, String oldName, FileDescriptor dir, String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            checked("linkat", oldName, Syscall.raw(
                    SYS_LINKAT, oldDir.number(), address(arena, oldName), dir.number(), address(arena, name), 0, 0));
        }
    }

    /** readlinkat(2). */
    public static String readlinkat(FileDescriptor dir, String name) throws ErrnoException {
        return readlink(dir.number(), name);
    }

    /** Where an open file is, as readlink(2) of {@link FileDescriptor#path} tells. */
    public static String location(FileDescriptor fd) throws ErrnoException {
        return readlink(AT_FDCWD, fd.path());
    }

    private static String readlink(int dir, String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(NAME_LIMIT + 1);
            long length = checked("readlinkat", name, Syscall.raw(
                    SYS_READLINKAT, dir, address(arena, name), buffer.address(), NAME_LIMIT + 1, 0, 0));
            return text(buffer, 0, (int) length);
        }
    }

    /** statx(2) that does not follow a link; {@code null} where there is no such name. */
    public static Stat lstatat(FileDescriptor dir, String name) throws ErrnoException {
        return statx(dir, name, AT_SYMLINK_NOFOLLOW);
    }

    /** statx(2) of the open file. */
    public static Stat fstat(FileDescriptor fd) throws ErrnoException {
        return statx(fd, "", AT_EMPTY_PATH);
    }

    private static Stat statx(FileDescriptor dir, String name, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(256, 8);
            long result = Syscall.raw(
                    SYS_STATX, dir.number(), address(arena, name), flags, STATX_BASIC_STATS, s.address(), 0);
            if (result == -Errno.ENOENT && !name.isEmpty()) {
                return null;
            }
            checked("statx", name, result);
            return decode(s);
        }
    }

    /** Offsets of {@code struct statx}, {@code linux/stat.h}. */
    private static Stat decode(MemorySegment s) {
        return new Stat(
                s.get(ValueLayout.JAVA_SHORT, 28) & 0xffff,
                s.get(ValueLayout.JAVA_INT, 20),
                s.get(ValueLayout.JAVA_INT, 24),
                s.get(ValueLayout.JAVA_INT, 16),
                s.get(ValueLayout.JAVA_LONG, 32),
                s.get(ValueLayout.JAVA_LONG, 40),
                s.get(ValueLayout.JAVA_LONG, 48),
                s.get(ValueLayout.JAVA_LONG, 112),
                s.get(ValueLayout.JAVA_INT, 120),
                s.get(ValueLayout.JAVA_INT, 128),
                s.get(ValueLayout.JAVA_INT, 132),
                (long) s.get(ValueLayout.JAVA_INT, 136) << 32 | s.get(ValueLayout.JAVA_INT, 140) & 0xffffffffL);
    }

    /** utimensat(2) that does not follow a link: sets access and modification time. */
    public static void lutimesat(FileDescriptor dir, String name, long seconds, int nanos) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            checked("utimensat", name, Syscall.raw(
                    SYS_UTIMENSAT, dir.number(), address(arena, name), times(arena, seconds, nanos), AT_SYMLINK_NOFOLLOW, 0, 0));
        }
    }

    /** futimens(3): sets access and modification time of the open file. */
    public static void futimens(FileDescriptor fd, long seconds, int nanos) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            checked("utimensat", fd.toString(), Syscall.raw(
                    SYS_UTIMENSAT, fd.number(), 0, times(arena, seconds, nanos)));
        }
    }

    private static long times(Arena arena, long seconds, int nanos) {
        MemorySegment times = arena.allocate(32, 8); // struct timespec[2]
        for (int i = 0; i < 2; i++) {
            times.set(ValueLayout.JAVA_LONG, i * 16L, seconds);
            times.set(ValueLayout.JAVA_LONG, i * 16L + 8, nanos);
        }
        return times.address();
    }

    /** fchown(2). Clears set-user-id and file capabilities: call before {@link #fchmod} and {@link #fsetxattr}. */
    public static void fchown(FileDescriptor fd, int uid, int gid) throws ErrnoException {
        checked("fchown", fd.toString(), Syscall.raw(SYS_FCHOWN, fd.number(), uid, gid));
    }

    /** fchmod(2). */
    public static void fchmod(FileDescriptor fd, int mode) throws ErrnoException {
        checked("fchmod", fd.toString(), Syscall.raw(SYS_FCHMOD, fd.number(), mode, 0));
    }

    /** ftruncate(2). */
    public static void ftruncate(FileDescriptor fd, long size) throws ErrnoException {
        checked("ftruncate", fd.toString(), Syscall.raw(SYS_FTRUNCATE, fd.number(), size, 0));
    }

    /** lseek(2) from the file's beginning. */
    public static void lseek(FileDescriptor fd, long offset) throws ErrnoException {
        checked("lseek", fd.toString(), Syscall.raw(SYS_LSEEK, fd.number(), offset, 0));
    }

    /** write(2) until all {@code length} bytes of the native {@code buffer} are written. */
    public static void writeFully(FileDescriptor fd, MemorySegment buffer, long length) throws ErrnoException {
        long done = 0;
        while (done < length) {
            done += Syscall.call("write(" + fd + ")", SYS_WRITE, fd.number(), buffer.address() + done, length - done, 0, 0, 0);
        }
    }

    /** read(2) into the native {@code buffer}; 0 at the end. */
    public static int read(FileDescriptor fd, MemorySegment buffer) throws ErrnoException {
        return (int) Syscall.call("read(" + fd + ")", SYS_READ, fd.number(), buffer.address(), buffer.byteSize(), 0, 0, 0);
    }

    /** syncfs(2): everything written to the file system that holds {@code fd} is on the disk when it returns. */
    public static void syncfs(FileDescriptor fd) throws ErrnoException {
        checked("syncfs", fd.toString(), Syscall.raw(SYS_SYNCFS, fd.number(), 0, 0));
    }

    /** fsetxattr(2). */
    public static void fsetxattr(FileDescriptor fd, String name, byte[] value) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.max(1, value.length));
            MemorySegment.copy(value, 0, bytes, ValueLayout.JAVA_BYTE, 0, value.length);
            checked("fsetxattr", name, Syscall.raw(
                    SYS_FSETXATTR, fd.number(), address(arena, name), bytes.address(), value.length, 0, 0));
        }
    }

    /** fgetxattr(2); {@code null} where the file has no such attribute or its file system has none. */
    public static byte[] fgetxattr(FileDescriptor fd, String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(65536); // XATTR_SIZE_MAX
            long n = Syscall.raw(SYS_FGETXATTR, fd.number(), address(arena, name), buffer.address(), 65536, 0, 0);
            if (n == -Errno.ENODATA || n == -Errno.EOPNOTSUPP) {
                return null;
            }
            checked("fgetxattr", name, n);
            return buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** flistxattr(2), in the kernel's order. */
    public static List<String> flistxattr(FileDescriptor fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(65536); // XATTR_LIST_MAX
            long n = Syscall.raw(SYS_FLISTXATTR, fd.number(), buffer.address(), 65536);
            if (n == -Errno.EOPNOTSUPP) {
                return List.of();
            }
            String all = text(buffer, 0, (int) checked("flistxattr", fd.toString(), n));
            return all.isEmpty() ? List.of() : List.of(all.split("\0"));
        }
    }

    /** getdents64(2) to the end: the names in the directory but {@code .} and {@code ..}, in the kernel's order. {@code dir} must be fresh or rewound. */
    public static List<String> list(FileDescriptor dir) throws ErrnoException {
        List<String> names = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(65536, 8);
            while (true) {
                int n = (int) checked("getdents64", dir.toString(), Syscall.raw(
                        SYS_GETDENTS64, dir.number(), buffer.address(), buffer.byteSize()));
                if (n == 0) {
                    return names;
                }
                namesIn(buffer, n, names);
            }
        }
    }

    /** {@code struct linux_dirent64 { u64 ino; s64 off; u16 reclen; u8 type; char name[]; }}. */
    private static void namesIn(MemorySegment buffer, int length, List<String> names) {
        for (int at = 0; at < length; ) {
            int size = buffer.get(ValueLayout.JAVA_SHORT, at + 16) & 0xffff;
            int end = at + 19;
            while (buffer.get(ValueLayout.JAVA_BYTE, end) != 0) {
                end++;
            }
            String name = text(buffer, at + 19, end);
            if (!name.equals(".") && !name.equals("..")) {
                names.add(name);
            }
            at += size;
        }
    }

    private static String text(MemorySegment buffer, int from, int to) {
        byte[] bytes = buffer.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static void named(String call, int nr, FileDescriptor dir, String name, long a2, long a3)
            throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            checked(call, name, Syscall.raw(nr, dir.number(), address(arena, name), a2, a3, 0, 0));
        }
    }

    private static long address(Arena arena, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        if (name.indexOf(0) >= 0) {
            throw new IllegalArgumentException("a NUL in a name: " + readable(name));
        }
        MemorySegment segment = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment.address();
    }

    private static long checked(String call, String name, long result) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call + "(" + readable(name) + ")", (int) -result);
        }
        return result;
    }
}
