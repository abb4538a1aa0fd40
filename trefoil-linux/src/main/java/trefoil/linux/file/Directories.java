package trefoil.linux.file;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Predicate;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/** Names in directories: getdents64(2), mkdirat(2), unlinkat(2), renameat2(2), readlinkat(2) and family. Thread-safe. */
public final class Directories {
    /** For {@link #unlinkat}: remove a directory. */
    public static final int AT_REMOVEDIR = 0x200;
    /** For {@link #renameat2}: fail when the new name is taken. */
    public static final int RENAME_NOREPLACE = 1;
    /** For {@link #renameat2}: swap the two. */
    public static final int RENAME_EXCHANGE = 2;

    /** Entry types of getdents64(2), {@code d_type}. */
    public static final int DT_UNKNOWN = 0;

    public static final int DT_DIR = 4;
    public static final int DT_REG = 8;
    public static final int DT_LNK = 10;

    private static final int SYS_GETDENTS64 = 217;
    private static final int SYS_LSEEK = 8;
    private static final int SYS_MKDIRAT = 258;
    private static final int SYS_MKNODAT = 259;
    private static final int SYS_UNLINKAT = 263;
    private static final int SYS_LINKAT = 265;
    private static final int SYS_SYMLINKAT = 266;
    private static final int SYS_READLINKAT = 267;
    private static final int SYS_RENAMEAT2 = 316;
    private static final int PATH_MAX = 4096;
    private static final int BUFFER = 32 * 1024;

    private Directories() {}

    /**
     * One entry of a directory.
     *
     * @param name its name
     * @param inode its inode number
     * @param type {@code DT_…}; {@link #DT_UNKNOWN} where the file system does not say
     */
    public record Entry(String name, long inode, int type) {}

    /**
     * getdents64(2) from the beginning, without {@code .} and {@code ..}, until all are told or {@code each} says
     * {@code false}. Moves the descriptor's offset.
     */
    public static void getdents64(FileDescriptor directory, Predicate<Entry> each) throws ErrnoException {
        String call = "getdents64(" + directory + ")";
        Syscall.call("lseek(" + directory + ")", SYS_LSEEK, directory.number(), 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER, 8);
            int length;
            while ((length = (int) Syscall.call(call, SYS_GETDENTS64, directory.number(), buffer.address(), BUFFER))
                    > 0) {
                for (int at = 0; at < length; ) {
                    // struct linux_dirent64 {u64 d_ino; s64 d_off; u16 d_reclen; u8 d_type; char d_name[]}
                    int record = buffer.get(ValueLayout.JAVA_SHORT, at + 16L) & 0xFFFF;
                    Entry entry = entry(buffer, at, record);
                    at += record;
                    boolean self = entry.name().equals(".") || entry.name().equals("..");
                    if (!self && !each.test(entry)) {
                        return;
                    }
                }
            }
        }
    }

    private static Entry entry(MemorySegment buffer, int at, int record) {
        int end = at + 19;
        while (end < at + record && buffer.get(ValueLayout.JAVA_BYTE, end) != 0) {
            end++;
        }
        byte[] name = buffer.asSlice(at + 19L, end - at - 19L).toArray(ValueLayout.JAVA_BYTE);
        return new Entry(
                PathBytes.decode(name),
                buffer.get(ValueLayout.JAVA_LONG, at),
                buffer.get(ValueLayout.JAVA_BYTE, at + 18L));
    }

    /** mkdirat(2); the process's umask applies to {@code mode}. */
    public static void mkdirat(FileDescriptor directory, String name, int mode) throws ErrnoException {
        named("mkdirat", SYS_MKDIRAT, directory, name, mode, 0);
    }

    /** mknodat(2); {@code device} is 0 for whiteouts and FIFOs. The process's umask applies to {@code mode}. */
    public static void mknodat(FileDescriptor directory, String name, int mode, long device) throws ErrnoException {
        named("mknodat", SYS_MKNODAT, directory, name, mode, device);
    }

    /** unlinkat(2). */
    public static void unlinkat(FileDescriptor directory, String name, int flags) throws ErrnoException {
        named("unlinkat", SYS_UNLINKAT, directory, name, flags, 0);
    }

    private static void named(String call, int nr, FileDescriptor directory, String name, long a2, long a3)
            throws ErrnoException {
        String full = call + "(" + directory + ", \"" + name + "\", 0" + Long.toOctalString(a2) + ")";
        try (Arena arena = Arena.ofConfined()) {
            long path = PathBytes.zeroTerminated(arena, full, name).address();
            Syscall.call(full, nr, directory.number(), path, a2, a3, 0, 0);
        }
    }

    /** renameat2(2). */
    public static void renameat2(FileDescriptor from, String name, FileDescriptor to, String newName, int flags)
            throws ErrnoException {
        String call = "renameat2(" + from + ", \"" + name + "\", " + to + ", \"" + newName + "\", " + flags + ")";
        try (Arena arena = Arena.ofConfined()) {
            long old = PathBytes.zeroTerminated(arena, call, name).address();
            long now = PathBytes.zeroTerminated(arena, call, newName).address();
            Syscall.call(call, SYS_RENAMEAT2, from.number(), old, to.number(), now, flags, 0);
        }
    }

    /** linkat(2), the last component of {@code name} not followed. */
    public static void linkat(FileDescriptor from, String name, FileDescriptor to, String newName)
            throws ErrnoException {
        String call = "linkat(" + from + ", \"" + name + "\", " + to + ", \"" + newName + "\")";
        try (Arena arena = Arena.ofConfined()) {
            long old = PathBytes.zeroTerminated(arena, call, name).address();
            long now = PathBytes.zeroTerminated(arena, call, newName).address();
            Syscall.call(call, SYS_LINKAT, from.number(), old, to.number(), now, 0, 0);
        }
    }

    /** symlinkat(2). */
    public static void symlinkat(String target, FileDescriptor directory, String name) throws ErrnoException {
        String call = "symlinkat(\"" + target + "\", " + directory + ", \"" + name + "\")";
        try (Arena arena = Arena.ofConfined()) {
            long content = PathBytes.zeroTerminated(arena, call, target).address();
            long path = PathBytes.zeroTerminated(arena, call, name).address();
            Syscall.call(call, SYS_SYMLINKAT, content, directory.number(), path);
        }
    }

    /** readlinkat(2); an empty {@code name} reads the link that the descriptor itself ({@code O_PATH|O_NOFOLLOW}) is. */
    public static String readlinkat(FileDescriptor directory, String name) throws ErrnoException {
        String call = "readlinkat(" + directory + ", \"" + name + "\")";
        try (Arena arena = Arena.ofConfined()) {
            long path = PathBytes.zeroTerminated(arena, call, name).address();
            MemorySegment target = arena.allocate(PATH_MAX);
            long length =
                    Syscall.call(call, SYS_READLINKAT, directory.number(), path, target.address(), PATH_MAX, 0, 0);
            return PathBytes.decode(target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
