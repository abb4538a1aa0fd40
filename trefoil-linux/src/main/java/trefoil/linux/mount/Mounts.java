package trefoil.linux.mount;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/** System calls of the mount API. Thread-safe. */
public final class Mounts {
    /** open_tree(2): copies the mount instead of only pointing at it. */
    public static final int OPEN_TREE_CLONE = 1;
    /** move_mount(2): the source is the descriptor itself. */
    public static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    /** mount_setattr(2). */
    public static final long MOUNT_ATTR_RDONLY = 0x1;

    public static final long MOUNT_ATTR_NOSUID = 0x2;
    public static final long MOUNT_ATTR_NODEV = 0x4;
    public static final long MOUNT_ATTR_NOEXEC = 0x8;
    public static final long MOUNT_ATTR_IDMAP = 0x10_0000;
    /** umount2(2): detaches now, unmounts when nobody uses it. */
    public static final int MNT_DETACH = 2;

    /** fsconfig(2) commands, {@code linux/mount.h}. */
    public static final int FSCONFIG_SET_FLAG = 0;

    public static final int FSCONFIG_SET_STRING = 1;
    public static final int FSCONFIG_SET_FD = 5;
    public static final int FSCONFIG_CMD_CREATE = 6;
    /** fsopen(2), fsmount(2), open_tree(2): close the descriptor at execve. */
    public static final int FSOPEN_CLOEXEC = 1;

    public static final int FSMOUNT_CLOEXEC = 1;
    public static final int OPEN_TREE_CLOEXEC = 0x80000;

    private static final int SYS_READ = 0;
    private static final int SYS_UMOUNT2 = 166;
    private static final int SYS_OPEN_TREE = 428;
    private static final int SYS_MOVE_MOUNT = 429;
    private static final int SYS_FSOPEN = 430;
    private static final int SYS_FSCONFIG = 431;
    private static final int SYS_FSMOUNT = 432;
    private static final int SYS_MOUNT_SETATTR = 442;
    private static final int SYS_SETFSUID = 122;
    private static final int SYS_SETFSGID = 123;
    private static final int SYS_PRCTL = 157;
    private static final int PR_GET_SECUREBITS = 27;
    private static final int PR_SET_SECUREBITS = 28;
    private static final int SECBIT_NO_SETUID_FIXUP = 4;
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int MOUNT_ATTR_SIZE = 32;

    private Mounts() {}

    /** open_tree(2) with OPEN_TREE_CLONE: a detached copy of the mount at an absolute path, links followed. */
    public static FileDescriptor open_tree(String path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return tree(AT_FDCWD, arena.allocateFrom(path), 0, path);
        }
    }

    /** open_tree(2) with OPEN_TREE_CLONE: a detached copy of the mount of which {@code name}, a file in {@code directory}, is part. */
    public static FileDescriptor open_tree(FileDescriptor directory, String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int flags = name.isEmpty() ? AT_EMPTY_PATH : 0;
            return tree(directory.number(), arena.allocateFrom(name), flags, name.isEmpty() ? directory.toString() : name);
        }
    }

    private static FileDescriptor tree(int directory, MemorySegment path, int flags, String what) throws ErrnoException {
        long fd = Syscall.call(
                "open_tree(" + what + ")",
                SYS_OPEN_TREE,
                directory,
                path.address(),
                OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
        return new FileDescriptor((int) fd, "mount of " + what);
    }

    /** move_mount(2): gives a detached mount a place in this process's mount namespace. */
    public static void move_mount(FileDescriptor mount, String path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Syscall.call(
                    "move_mount(" + mount + ", " + path + ")",
                    SYS_MOVE_MOUNT,
                    mount.number(),
                    arena.allocateFrom("").address(),
                    AT_FDCWD,
                    arena.allocateFrom(path).address(),
                    MOVE_MOUNT_F_EMPTY_PATH,
                    0);
        }
    }

    /** umount2(2). */
    public static void umount2(String path, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Syscall.call("umount2(" + path + ")", SYS_UMOUNT2, arena.allocateFrom(path).address(), flags, 0);
        }
    }

    /**
     * mount_setattr(2): sets attributes of a detached mount.
     *
     * @param set {@code MOUNT_ATTR_…}
     */
    public static void mount_setattr(FileDescriptor mount, long set) throws ErrnoException {
        setattr(mount, set, 0);
    }

    /**
     * mount_setattr(2) with MOUNT_ATTR_IDMAP: whoever goes through this mount sees the owners on disk mapped as the user
     * namespace maps its inside to its outside.
     */
    public static void idmap(FileDescriptor mount, FileDescriptor userNamespace) throws ErrnoException {
        setattr(mount, MOUNT_ATTR_IDMAP, userNamespace.number());
    }

    private static void setattr(FileDescriptor mount, long set, long userNamespace) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            // struct mount_attr {u64 attr_set, attr_clr, propagation, userns_fd}
            MemorySegment attributes = arena.allocate(MOUNT_ATTR_SIZE, 8);
            attributes.set(ValueLayout.JAVA_LONG, 0, set);
            attributes.set(ValueLayout.JAVA_LONG, 24, userNamespace);
            Syscall.call(
                    "mount_setattr(" + mount + ", 0x" + Long.toHexString(set) + ")",
                    SYS_MOUNT_SETATTR,
                    mount.number(),
                    arena.allocateFrom("").address(),
                    AT_EMPTY_PATH,
                    attributes.address(),
                    MOUNT_ATTR_SIZE,
                    0);
        }
    }

    /** fsopen(2): begins a new superblock. */
    public static FileDescriptor fsopen(String type) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long fd = Syscall.call("fsopen(" + type + ")", SYS_FSOPEN, arena.allocateFrom(type).address(), FSOPEN_CLOEXEC, 0);
            return new FileDescriptor((int) fd, "new " + type);
        }
    }

    /** fsconfig(2), FSCONFIG_SET_STRING. */
    public static void set(FileDescriptor context, String key, String value) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keyBytes = arena.allocateFrom(key);
            MemorySegment valueBytes = arena.allocateFrom(value);
            configure(context, FSCONFIG_SET_STRING, keyBytes.address(), valueBytes.address(), 0, key + "=" + value);
        }
    }

    /** fsconfig(2), FSCONFIG_SET_FLAG. */
    public static void set(FileDescriptor context, String flag) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            configure(context, FSCONFIG_SET_FLAG, arena.allocateFrom(flag).address(), 0, 0, flag);
        }
    }

    /** fsconfig(2), FSCONFIG_SET_FD. */
    public static void set(FileDescriptor context, String key, FileDescriptor value) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keyBytes = arena.allocateFrom(key);
            configure(context, FSCONFIG_SET_FD, keyBytes.address(), 0, value.number(), key + "=" + value);
        }
    }

    /** fsconfig(2), FSCONFIG_CMD_CREATE: makes the superblock. */
    public static void create(FileDescriptor context) throws ErrnoException {
        try {
            configure(context, FSCONFIG_CMD_CREATE, 0, 0, 0, "create");
        } catch (ErrnoException e) {
            String why = log(context);
            throw why.isEmpty() ? e : e.in(e.call() + " [" + why + "]");
        }
    }

    /**
     * fsconfig(2), FSCONFIG_CMD_CREATE, as somebody else: what the file system creates by itself (an overlay its work
     * directory and whiteouts) belongs to these ids. The thread keeps its capabilities for the call (SECBIT_NO_SETUID_FIXUP,
     * capabilities(7)) and is as before after it. As setfsuid(2) does, this clears the process's <em>dumpable</em> flag.
     *
     * @throws IllegalStateException on a virtual thread: identity is the kernel thread's
     */
    public static void create(FileDescriptor context, int uid, int gid) throws ErrnoException {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("needs a platform thread");
        }
        long bits = Syscall.call("prctl(PR_GET_SECUREBITS)", SYS_PRCTL, PR_GET_SECUREBITS, 0, 0);
        Syscall.call("prctl(PR_SET_SECUREBITS)", SYS_PRCTL, PR_SET_SECUREBITS, bits | SECBIT_NO_SETUID_FIXUP, 0);
        long oldUid = Syscall.raw(SYS_SETFSUID, uid, 0, 0);
        long oldGid = Syscall.raw(SYS_SETFSGID, gid, 0, 0);
        try {
            create(context);
        } finally {
            Syscall.raw(SYS_SETFSGID, oldGid, 0, 0);
            Syscall.raw(SYS_SETFSUID, oldUid, 0, 0);
            Syscall.raw(SYS_PRCTL, PR_SET_SECUREBITS, bits, 0);
        }
    }

    private static void configure(FileDescriptor context, int command, long key, long value, long aux, String what)
            throws ErrnoException {
        Syscall.call(
                "fsconfig(" + context + ", " + what + ")", SYS_FSCONFIG, context.number(), command, key, value, aux, 0);
    }

    /** What the kernel says about a failure: fsopen(2), "the message retrieval interface". */
    private static String log(FileDescriptor context) {
        StringBuilder text = new StringBuilder();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment line = arena.allocate(512);
            long n = Syscall.raw(SYS_READ, context.number(), line.address(), line.byteSize() - 1);
            while (n > 0) {
                line.set(ValueLayout.JAVA_BYTE, n, (byte) 0);
                text.append(text.isEmpty() ? "" : "; ").append(line.getString(0).strip());
                n = Syscall.raw(SYS_READ, context.number(), line.address(), line.byteSize() - 1);
            }
        }
        return text.toString();
    }

    /**
     * fsmount(2): a detached mount of a new superblock.
     *
     * @param attributes {@code MOUNT_ATTR_…}
     */
    public static FileDescriptor fsmount(FileDescriptor context, long attributes) throws ErrnoException {
        long fd = Syscall.call("fsmount(" + context + ")", SYS_FSMOUNT, context.number(), FSMOUNT_CLOEXEC, attributes);
        return new FileDescriptor((int) fd, "mount of " + context);
    }
}
