package trefoil.container;

import java.io.IOException;
import trefoil.linux.host.KernelFile;

/** Offsets that let a time namespace's clocks begin at zero: time_namespaces(7), {@code /proc/pid/timens_offsets}. */
final class Clocks {
    private static final long SECOND = 1_000_000_000L;

    private Clocks() {}

    /** As of now. */
    static String zero() throws IOException {
        String uptime = KernelFile.read("/proc/uptime");
        long boot = (long) (Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * SECOND);
        return offset("monotonic", System.nanoTime()) + offset("boottime", boot);
    }

    /** The kernel wants nanoseconds that are not negative. */
    private static String offset(String clock, long now) {
        return clock + " " + Math.floorDiv(-now, SECOND) + " " + Math.floorMod(-now, SECOND) + "\n";
    }
}
