package trefoil.linux.loop;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.file.Contents;
import trefoil.linux.file.Open;

/** The ext4 file system on a loop device: mounted detached, grown while mounted, and its superblock. Thread-safe. */
public final class Ext4 {
    private static final int SYS_READ = 0;
    private static final int SYS_IOCTL = 16;
    private static final int SYS_FSOPEN = 430;
    private static final int SYS_FSCONFIG = 431;
    private static final int SYS_FSMOUNT = 432;
    private static final int CLOEXEC = 1;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int MOUNT_ATTR_NODEV = 0x4;
    private static final long EXT4_IOC_RESIZE_FS = 0x40086610L; // _IOW('f', 16, __u64), the size in blocks
    private static final int MESSAGE = 1024;
    // kernel, Documentation/filesystems/ext4/super.rst
    private static final int SUPERBLOCK_OFFSET = 1024;
    private static final int SUPERBLOCK_SIZE = 1024;
    private static final int S_MAGIC = 0xEF53;
    private static final int S_STATE_ERROR = 2;

    private Ext4() {}

    /**
     * What a superblock tells, as it was last written: while the file system is mounted the counts are old.
     *
     * @param blockSize bytes
     * @param blocks in all
     * @param freeBlocks not in use
     * @param overheadBlocks of its own tables and journal, 0 where they were never counted
     * @param journalPending whether it was not unmounted cleanly: its journal is to be replayed
     * @param errors whether the kernel has found it damaged
     */
    public record Superblock(int blockSize, long blocks, long freeBlocks, long overheadBlocks, boolean journalPending, boolean errors) {
        /** Its size in bytes. */
        public long size() {
            return blocks * blockSize;
        }

        /** What files and directories occupy, in bytes; as statfs(2) would tell it. */
        public long used() {
            return Math.max(0, blocks - freeBlocks - overheadBlocks) * blockSize;
        }
    }

    /** Reads the superblock of an image. */
    public static Superblock superblock(FileDescriptor image) throws IOException {
        byte[] bytes = new byte[SUPERBLOCK_SIZE];
        int got = Contents.pread(image, bytes, 0, bytes.length, SUPERBLOCK_OFFSET);
        ByteBuffer s = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int logBlockSize = s.getInt(0x18);
        if (got < SUPERBLOCK_SIZE || (s.getShort(0x38) & 0xFFFF) != S_MAGIC || logBlockSize < 0 || logBlockSize > 6) {
            throw new IOException(image + " holds no ext4 file system");
        }
        long high = (s.getInt(0x60) & 0x80) != 0 ? 1L << 32 : 0; // INCOMPAT_64BIT
        return new Superblock(
                1024 << logBlockSize,
                (s.getInt(0x4) & 0xFFFFFFFFL) + high * (s.getInt(0x150) & 0xFFFFFFFFL),
                (s.getInt(0xC) & 0xFFFFFFFFL) + high * (s.getInt(0x158) & 0xFFFFFFFFL),
                s.getInt(0x248) & 0xFFFFFFFFL,
                (s.getInt(0x60) & 0x4) != 0, // INCOMPAT_RECOVER
                (s.getShort(0x3A) & S_STATE_ERROR) != 0);
    }

    /**
     * Mounts it, attached nowhere: it exists as long as the descriptor, or what is mounted from it. Mounting again what is mounted
     * already gives another way to the same file system. Freed blocks are given back to the image ({@code discard}), unused
     * inode tables are not written ({@code noinit_itable}: a new image is all zeros), and an error makes it read-only.
     *
     * @return its root directory, an {@code O_PATH} descriptor
     */
    public static FileDescriptor mount(LoopDevice device) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment type = text(arena, "ext4");
            long context = Syscall.call("fsopen(ext4)", SYS_FSOPEN, type.address(), CLOEXEC, 0);
            try (FileDescriptor fs = new FileDescriptor((int) context, "fsopen ext4")) {
                configure(arena, fs, FSCONFIG_SET_STRING, "source", device.path().toString());
                configure(arena, fs, FSCONFIG_SET_FLAG, "discard", null);
                configure(arena, fs, FSCONFIG_SET_FLAG, "noinit_itable", null);
                configure(arena, fs, FSCONFIG_SET_STRING, "errors", "remount-ro");
                configure(arena, fs, FSCONFIG_CMD_CREATE, null, null);
                long mount = Syscall.call(
                        "fsmount(ext4 on " + device.path() + ")", SYS_FSMOUNT, fs.number(), CLOEXEC, MOUNT_ATTR_NODEV);
                return new FileDescriptor((int) mount, "ext4 on " + device.path());
            }
        }
    }

    private static void configure(Arena arena, FileDescriptor fs, int command, String key, String value)
            throws ErrnoException {
        long k = key == null ? 0 : text(arena, key).address();
        long v = value == null ? 0 : text(arena, value).address();
        String call = "fsconfig(ext4, " + command + ", " + key + ", " + value + ")";
        try {
            Syscall.call(call, SYS_FSCONFIG, fs.number(), command, k, v, 0, 0);
        } catch (ErrnoException e) {
            String said = message(arena, fs);
            throw said.isEmpty() ? e : e.in(call + " [" + said + "]");
        }
    }

    /** What the kernel says of a failure: fsopen(2), "Message retrieval". */
    private static String message(Arena arena, FileDescriptor fs) {
        MemorySegment buffer = arena.allocate(MESSAGE);
        StringBuilder all = new StringBuilder();
        long length;
        while ((length = Syscall.raw(SYS_READ, fs.number(), buffer.address(), MESSAGE)) > 0) {
            byte[] bytes = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            all.append(all.isEmpty() ? "" : "; ").append(new String(bytes, StandardCharsets.UTF_8).strip());
        }
        return all.toString();
    }

    private static MemorySegment text(Arena arena, String text) {
        return arena.allocateFrom(text);
    }

    /**
     * EXT4_IOC_RESIZE_FS: grows a mounted file system. {@code EPERM} without CAP_SYS_RESOURCE.
     *
     * @param mount as {@link #mount} gives it
     * @param blocks the size it is to have, in its blocks
     */
    public static void resize(FileDescriptor mount, long blocks) throws ErrnoException {
        try (Arena arena = Arena.ofConfined();
                FileDescriptor root = Open.openat2(mount, ".", Open.O_RDONLY | Open.O_DIRECTORY, 0, 0)) {
            MemorySegment count = arena.allocate(8, 8);
            count.set(ValueLayout.JAVA_LONG, 0, blocks);
            String call = "ioctl(" + mount + ", EXT4_IOC_RESIZE_FS, " + blocks + ")";
            Syscall.call(call, SYS_IOCTL, root.number(), EXT4_IOC_RESIZE_FS, count.address());
        }
    }
}
