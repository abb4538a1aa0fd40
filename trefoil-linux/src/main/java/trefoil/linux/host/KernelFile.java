package trefoil.linux.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/**
 * Small text files that the kernel makes up as they are read: proc(5), sysfs(5), cgroupfs. A value is written by exactly
 * one write(2), since the kernel takes each write for a whole command; a failure carries the kernel's error number, which
 * is the kernel's answer (EINVAL: not a value; EBUSY: not now; ENODEV: no such device) and which
 * {@code java.nio.file} would turn into words. Thread-safe.
 */
public final class KernelFile {
    /** open(2), x86-64. */
    public static final int O_RDONLY = 0;

    /** open(2), x86-64. */
    public static final int O_WRONLY = 1;

    /** open(2), x86-64. */
    public static final int O_RDWR = 2;

    /** open(2), x86-64. */
    public static final int O_TRUNC = 0x200;

    /** open(2), x86-64. */
    public static final int O_DIRECTORY = 0x10000;

    /** open(2), x86-64. */
    public static final int O_NOFOLLOW = 0x20000;

    /** open(2), x86-64. */
    public static final int O_CLOEXEC = 0x80000;

    private static final int SYS_READ = 0;
    private static final int SYS_WRITE = 1;
    private static final int SYS_OPENAT = 257;
    private static final int AT_FDCWD = -100;
    private static final int FIRST_READ = 4096;
    private static final int MOST = 64 << 20;

    private KernelFile() {}

    /** openat(2) of an absolute path, always with O_CLOEXEC. The caller closes the descriptor. */
    public static FileDescriptor open(String path, int flags) throws ErrnoException {
        return openAt(AT_FDCWD, path, path, flags);
    }

    /** openat(2) of a name below an open directory, always with O_CLOEXEC. The caller closes the descriptor. */
    public static FileDescriptor openAt(FileDescriptor directory, String name, int flags) throws ErrnoException {
        return openAt(directory.number(), name, name, flags);
    }

    private static FileDescriptor openAt(int directory, String path, String what, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            long fd = Syscall.raw(SYS_OPENAT, directory, name.address(), flags | O_CLOEXEC);
            while (fd == -Errno.EINTR) {
                fd = Syscall.raw(SYS_OPENAT, directory, name.address(), flags | O_CLOEXEC);
            }
            if (fd < 0) {
                throw new ErrnoException("open(\"" + path + "\")", (int) -fd);
            }
            return new FileDescriptor((int) fd, what);
        }
    }

    /**
     * The whole of a file, decoded as ISO 8859-1 (the kernel writes ASCII; other bytes come from names it repeats).
     *
     * @throws ErrnoException by open(2) or read(2); EFBIG for more than 64 MiB, which no kernel file is
     */
    public static String read(String path) throws ErrnoException {
        try (FileDescriptor file = open(path, O_RDONLY)) {
            return readToEnd(file, path);
        }
    }

    /** As {@link #read(String)}, of a name below an open directory. */
    public static String read(FileDescriptor directory, String name) throws ErrnoException {
        try (FileDescriptor file = openAt(directory, name, O_RDONLY)) {
            return readToEnd(file, name);
        }
    }

    /** What is left to read of an open file, from its current offset. */
    public static String readToEnd(FileDescriptor file, String what) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int capacity = FIRST_READ;
            MemorySegment buffer = arena.allocate(capacity);
            int length = 0;
            while (true) {
                long n = Syscall.raw(SYS_READ, file.number(), buffer.address() + length, capacity - length);
                if (n == -Errno.EINTR) {
                    continue;
                }
                if (n < 0) {
                    throw new ErrnoException("read(\"" + what + "\")", (int) -n);
                }
                if (n == 0) {
                    return text(buffer, length);
                }
                length += (int) n;
                if (length == capacity) {
                    if (capacity >= MOST) {
                        throw new ErrnoException("read(\"" + what + "\")", Errno.EFBIG);
                    }
                    MemorySegment larger = arena.allocate(capacity * 4L);
                    larger.copyFrom(buffer);
                    buffer = larger;
                    capacity *= 4;
                }
            }
        }
    }

    private static String text(MemorySegment buffer, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, bytes, 0, length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /**
     * Writes a value by one write(2). The file must exist.
     *
     * @throws ErrnoException by open(2) or write(2), naming file and value
     */
    public static void write(String path, String value) throws ErrnoException {
        try (FileDescriptor file = open(path, O_WRONLY | O_TRUNC)) {
            writeTo(file, path, value);
        }
    }

    private static void writeTo(FileDescriptor file, String what, String value) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            long n;
            do {
                n = Syscall.raw(SYS_WRITE, file.number(), buffer.address(), bytes.length);
            } while (n == -Errno.EINTR);
            if (n < 0) {
                throw new ErrnoException("write(\"" + what + "\", \"" + value.strip() + "\")", (int) -n);
            }
        }
    }
}
