package trefoil.client;

/**
 * Owner and permissions that a file written into a server gets; {@code null} leaves the daemon's default.
 *
 * @param uid owner inside the server
 * @param gid group inside the server
 * @param mode permission bits
 */
public record FileAttributes(Integer uid, Integer gid, Integer mode) {
    /** The daemon's defaults. */
    public static final FileAttributes DEFAULT = new FileAttributes(null, null, null);

    /** {@link #mode} in octal, or {@code null}. */
    String octalMode() {
        return mode == null ? null : Integer.toOctalString(mode);
    }
}
