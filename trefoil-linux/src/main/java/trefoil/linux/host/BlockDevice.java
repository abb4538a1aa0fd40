package trefoil.linux.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Disks as sysfs shows them under {@code /sys/dev/block/MAJOR:MINOR}, {@code Documentation/admin-guide/sysfs-rules.rst}. */
public final class BlockDevice {
    private BlockDevice() {}

    /**
     * The whole disk under the file system that holds a path, as {@code major:minor}: the unit whose I/O a control group can
     * limit. Empty when no single disk is: tmpfs, network file systems, btrfs and others with anonymous device numbers.
     */
    public static Optional<String> under(Path path) throws IOException {
        long device = (long) Files.getAttribute(path, "unix:dev");
        return whole(Path.of("/sys/dev/block"), major(device) + ":" + minor(device));
    }

    /** The disk itself, or the one that a partition is part of. */
    static Optional<String> whole(Path sysfs, String number) throws IOException {
        Path device = sysfs.resolve(number);
        if (!Files.exists(device, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Path real = device.toRealPath();
        boolean partition = Files.exists(real.resolve("partition"));
        return Optional.of(KernelFile.read((partition ? real.getParent() : real) + "/dev").strip());
    }

    /** As glibc's {@code major(3)} takes a dev_t apart. */
    static long major(long device) {
        return device >>> 8 & 0xfff | device >>> 32 & 0xfffff000L;
    }

    /** As glibc's {@code minor(3)} takes a dev_t apart. */
    static long minor(long device) {
        return device & 0xff | device >>> 12 & 0xffffff00L;
    }
}
