package trefoil.linux.host;

import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/**
 * Pressure stall information, Linux {@code Documentation/accounting/psi.rst}: lines such as
 * {@code some avg10=1.99 avg60=1.08 avg300=0.53 total=14719372}.
 *
 * @param some percent of the last 10 s in which some task waited; NaN where the kernel does not tell
 * @param total microseconds in all in which some task waited; −1 where the kernel does not tell
 */
public record PressureStall(double some, long total) {
    /** What a kernel says that was built or booted without it ({@code psi=0}). */
    public static final PressureStall UNKNOWN = new PressureStall(Double.NaN, -1);

    /**
     * Reads a pressure file of /proc/pressure or of a cgroup.
     *
     * @return {@link #UNKNOWN} when there is no such file (ENOENT) or pressure is not accounted (EOPNOTSUPP)
     * @throws ErrnoException for other failures, ENODEV of a removed cgroup among them
     */
    public static PressureStall read(String path) throws ErrnoException {
        try {
            return parse(KernelFile.read(path));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.EOPNOTSUPP) {
                return UNKNOWN;
            }
            throw e;
        }
    }

    /** The {@code some} line of a pressure file's text. */
    public static PressureStall parse(String text) {
        for (String line : text.split("\n")) {
            if (line.startsWith("some ")) {
                return new PressureStall(
                        Double.parseDouble(value(line, "avg10=", "NaN")), Long.parseLong(value(line, "total=", "-1")));
            }
        }
        return UNKNOWN;
    }

    private static String value(String line, String key, String absent) {
        int at = line.indexOf(key);
        if (at < 0) {
            return absent;
        }
        int end = line.indexOf(' ', at);
        return line.substring(at + key.length(), end < 0 ? line.length() : end);
    }
}
