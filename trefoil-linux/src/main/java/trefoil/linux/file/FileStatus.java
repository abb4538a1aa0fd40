package trefoil.linux.file;

/**
 * What statx(2) tells of a file.
 *
 * @param mode type and permission bits, inode(7)
 * @param links hard links
 * @param uid owner, as this process's user namespace sees it
 * @param gid group
 * @param inode number, unique within the device
 * @param size bytes
 * @param blocks 512-byte blocks that it occupies
 * @param attributes {@code STATX_ATTR_…}
 * @param modifiedNanos last change of the contents, nanoseconds since the epoch
 * @param changedNanos last change of contents or inode, nanoseconds since the epoch; nobody can set it
 * @param device where it lies, {@code major << 32 | minor}
 * @param represents the device that it is, {@code major << 32 | minor}; 0 for others
 */
public record FileStatus(
        int mode,
        int links,
        int uid,
        int gid,
        long inode,
        long size,
        long blocks,
        long attributes,
        long modifiedNanos,
        long changedNanos,
        long device,
        long represents) {
    public static final int S_IFMT = 0xF000;
    public static final int S_IFSOCK = 0xC000;
    public static final int S_IFLNK = 0xA000;
    public static final int S_IFREG = 0x8000;
    public static final int S_IFBLK = 0x6000;
    public static final int S_IFDIR = 0x4000;
    public static final int S_IFCHR = 0x2000;
    public static final int S_IFIFO = 0x1000;
    /** The file is the root of a mount. */
    public static final long STATX_ATTR_MOUNT_ROOT = 0x2000;

    /** Type bits, {@code S_IF…}. */
    public int type() {
        return mode & S_IFMT;
    }

    /** Permission bits with set-user-id, set-group-id and sticky, 0–07777. */
    public int permissions() {
        return mode & 0xFFF;
    }

    public boolean isDirectory() {
        return type() == S_IFDIR;
    }

    public boolean isRegular() {
        return type() == S_IFREG;
    }

    public boolean isSymbolicLink() {
        return type() == S_IFLNK;
    }

    /** Whether overlayfs takes it for "deleted here": a character device 0:0 (kernel, filesystems/overlayfs.rst). */
    public boolean isWhiteout() {
        return type() == S_IFCHR && represents == 0;
    }
}
