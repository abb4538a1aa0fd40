package trefoil.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import trefoil.linux.cgroup.CgroupLimits;

/** Limits of a container as those of its control group. */
final class Limits {
    private Limits() {}

    /** @param directory on the disk that rates are about */
    static CgroupLimits of(ResourceLimits limits, Path directory) throws IOException {
        boolean rates = limits.ioReadRate() != null || limits.ioWriteRate() != null;
        return new CgroupLimits(
                limits.cpuWeight(),
                limits.cpuCap(),
                limits.memoryGuarantee(),
                limits.memoryCap(),
                limits.swapCap(),
                limits.pids(),
                limits.ioReadRate(),
                limits.ioWriteRate(),
                rates ? disk(directory) : null);
    }

    /** {@code major:minor} of the whole disk: rates of partitions cannot be limited. */
    private static String disk(Path directory) throws IOException {
        long device = (Long) Files.getAttribute(directory, "unix:dev");
        long major = device >>> 8 & 0xFFF | device >>> 32 & ~0xFFFL;
        long minor = device & 0xFF | device >>> 12 & ~0xFFL;
        Path link = Path.of("/sys/dev/block/" + major + ":" + minor);
        if (!Files.exists(link)) {
            throw new IOException("I/O rates cannot be limited: " + directory + " is not on a disk (device " + major + ":" + minor + ")");
        }
        Path sysfs = link.toRealPath();
        Path whole = Files.exists(sysfs.resolve("partition")) ? sysfs.getParent() : sysfs;
        return Files.readString(whole.resolve("dev")).strip();
    }
}
