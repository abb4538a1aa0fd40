package trefoil.linux.fanotify;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.OptionalLong;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.host.KernelFile;

/** A tmpfs of plain files: mounting it, detached read-only clones of single files, writing them in place. */
final class SmallTmpfs {
    static final int SYS_FSTAT = 5;
    private static final int SYS_LSTAT = 6;
    static final int STAT_LENGTH = 144; // struct stat of x86-64
    static final int ST_INO = 8;
    private static final int SYS_PWRITE64 = 18;
    private static final int SYS_FTRUNCATE = 77;
    private static final int SYS_MOUNT = 165;
    private static final int SYS_UMOUNT2 = 166;
    private static final int SYS_OPENAT = 257;
    private static final int SYS_OPEN_TREE = 428;
    private static final int SYS_MOUNT_SETATTR = 442;
    private static final int MS_NOSUID_NODEV_NOEXEC = 2 | 4 | 8;
    private static final int MS_PRIVATE = 1 << 18;
    private static final int MNT_DETACH = 2;
    private static final int OPEN_TREE_CLONE_CLOEXEC = 1 | 0x80000;
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int MOUNT_ATTR_RDONLY_NOSUID_NODEV_NOEXEC = 1 | 2 | 4 | 8;
    private static final int O_CREAT = 0x40;

    private SmallTmpfs() {}

    /** Mounts one there unless an earlier process has. */
    static void mountUnlessThere(Path directory) throws IOException {
        Files.createDirectories(directory);
        if (mounted(directory)) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            long type = arena.allocateFrom("tmpfs").address();
            long target = arena.allocateFrom(directory.toString()).address();
            long options = arena.allocateFrom("mode=0755,size=0,nr_inodes=0").address();
            Syscall.call("mount(tmpfs, \"" + directory + "\")", SYS_MOUNT, type, target, type, MS_NOSUID_NODEV_NOEXEC, options, 0);
            Syscall.call("mount(MS_PRIVATE, \"" + directory + "\")", SYS_MOUNT, 0, target, 0, MS_PRIVATE, 0, 0);
        }
    }

    private static boolean mounted(Path directory) throws IOException {
        Object device = Files.getAttribute(directory, "unix:dev", LinkOption.NOFOLLOW_LINKS);
        return !device.equals(Files.getAttribute(directory.toAbsolutePath().getParent(), "unix:dev"));
    }

    /** Takes it off its place; files bound elsewhere live on there. */
    static void unmount(Path directory) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long target = arena.allocateFrom(directory.toString()).address();
            Syscall.call("umount2(\"" + directory + "\")", SYS_UMOUNT2, target, MNT_DETACH, 0);
        }
    }

    /** Makes an empty file, readable by all and written by none but this process, unless it is there; its inode number. */
    static long touch(Path file) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int flags = O_CREAT | KernelFile.O_NOFOLLOW | KernelFile.O_CLOEXEC;
            long path = arena.allocateFrom(file.toString()).address();
            long fd = Syscall.call("open(\"" + file + "\")", SYS_OPENAT, AT_FDCWD, path, flags, 0444, 0, 0);
            try (FileDescriptor open = new FileDescriptor((int) fd, file.toString())) {
                MemorySegment stat = arena.allocate(STAT_LENGTH, 8);
                Syscall.call("fstat(\"" + file + "\")", SYS_FSTAT, open.number(), stat.address(), 0);
                return stat.get(ValueLayout.JAVA_LONG, ST_INO);
            }
        }
    }

    /** Its inode number; empty when there is no such file. */
    static OptionalLong inode(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stat = arena.allocate(STAT_LENGTH, 8);
            long path = arena.allocateFrom(file.toString()).address();
            long result = Syscall.raw(SYS_LSTAT, path, stat.address(), 0);
            return result < 0 ? OptionalLong.empty() : OptionalLong.of(stat.get(ValueLayout.JAVA_LONG, ST_INO));
        }
    }

    /** Replaces the content in one write(2), so that no reader finds it empty. */
    static void replace(Path file, byte[] content, int lengthBefore) throws ErrnoException {
        try (Arena arena = Arena.ofConfined();
                FileDescriptor open = KernelFile.open(file.toString(), KernelFile.O_WRONLY | KernelFile.O_NOFOLLOW)) {
            long buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, content).address();
            Syscall.call("pwrite(\"" + file + "\")", SYS_PWRITE64, open.number(), buffer, content.length, 0, 0, 0);
            if (content.length < lengthBefore) {
                Syscall.call("ftruncate(\"" + file + "\")", SYS_FTRUNCATE, open.number(), content.length, 0);
            }
        }
    }

    /** A detached read-only mount of one file. */
    static FileDescriptor clone(Path file) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long path = arena.allocateFrom(file.toString()).address();
            FileDescriptor tree = new FileDescriptor(
                    (int) Syscall.call("open_tree(\"" + file + "\")", SYS_OPEN_TREE, AT_FDCWD, path, OPEN_TREE_CLONE_CLOEXEC),
                    "clone of " + file);
            try {
                MemorySegment attributes = arena.allocate(32, 8); // struct mount_attr { attr_set, attr_clr, propagation, userns_fd }
                attributes.set(ValueLayout.JAVA_LONG, 0, MOUNT_ATTR_RDONLY_NOSUID_NODEV_NOEXEC);
                attributes.set(ValueLayout.JAVA_LONG, 16, MS_PRIVATE);
                long empty = arena.allocateFrom("").address();
                String call = "mount_setattr(\"" + file + "\", read-only)";
                Syscall.call(call, SYS_MOUNT_SETATTR, tree.number(), empty, AT_EMPTY_PATH, attributes.address(), 32, 0);
                return tree;
            } catch (ErrnoException e) {
                tree.close();
                throw e;
            }
        }
    }
}
