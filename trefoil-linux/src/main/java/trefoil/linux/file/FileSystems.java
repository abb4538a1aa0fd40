package trefoil.linux.file;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/** What lies beneath a file: statfs(2). Thread-safe. */
public final class FileSystems {
    private static final int SYS_FSTATFS = 138;
    private static final int STATFS_SIZE = 120;

    private FileSystems() {}

    /**
     * What statfs(2) tells.
     *
     * @param type the magic number, linux/magic.h
     * @param blockSize bytes
     * @param blocks of the whole file system, its own tables not counted where it does so (ext4 does)
     * @param free blocks
     * @param available free blocks for the unprivileged
     * @param files inodes in all
     * @param freeFiles inodes free
     */
    public record Space(
            long type, long blockSize, long blocks, long free, long available, long files, long freeFiles) {
        /** Bytes in use. */
        public long usedBytes() {
            return (blocks - free) * blockSize;
        }

        /** Bytes that anybody may still use. */
        public long availableBytes() {
            return available * blockSize;
        }
    }

    /** fstatfs(2); an {@code O_PATH} descriptor serves. */
    public static Space fstatfs(FileDescriptor fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(STATFS_SIZE, 8);
            Syscall.call("fstatfs(" + fd + ")", SYS_FSTATFS, fd.number(), s.address(), 0);
            ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
            return new Space(
                    s.get(word, 0),
                    s.get(word, 8),
                    s.get(word, 16),
                    s.get(word, 24),
                    s.get(word, 32),
                    s.get(word, 40),
                    s.get(word, 48));
        }
    }
}
