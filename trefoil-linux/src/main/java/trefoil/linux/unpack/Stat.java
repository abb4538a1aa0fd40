package trefoil.linux.unpack;

/**
 * What {@code statx(2)} says of a file.
 *
 * @param mode type and permission bits, {@code inode(7)}
 * @param mtime seconds since 1970
 * @param mtimeNanos 0–999,999,999
 * @param rdevMajor major number of a device node
 * @param rdevMinor minor number of a device node
 * @param device major and minor number of the file system, packed
 * @param blocks units of 512 bytes allocated on disk
 */
public record Stat(
        int mode,
        int uid,
        int gid,
        int links,
        long inode,
        long size,
        long blocks,
        long mtime,
        int mtimeNanos,
        int rdevMajor,
        int rdevMinor,
        long device) {
    /** Mask of the type bits in {@link #mode}. */
    public static final int S_IFMT = 0170000;
    public static final int S_IFSOCK = 0140000;
    public static final int S_IFLNK = 0120000;
    public static final int S_IFREG = 0100000;
    public static final int S_IFBLK = 0060000;
    public static final int S_IFDIR = 0040000;
    public static final int S_IFCHR = 0020000;
    public static final int S_IFIFO = 0010000;

    /** The type bits. */
    public int type() {
        return mode & S_IFMT;
    }

    /** The permission bits with set-user-id, set-group-id and sticky. */
    public int permissions() {
        return mode & 07777;
    }

    public boolean isDirectory() {
        return type() == S_IFDIR;
    }

    public boolean isSymbolicLink() {
        return type() == S_IFLNK;
    }

    public boolean isRegular() {
        return type() == S_IFREG;
    }

    /** Whether overlayfs takes this for "deleted": a character device 0:0 (kernel documentation, overlayfs, "whiteouts"). */
    public boolean isWhiteout() {
        return type() == S_IFCHR && rdevMajor == 0 && rdevMinor == 0;
    }
}
