package trefoil.vmm;

import java.nio.file.Path;
import java.util.List;
import trefoil.disk.Images;

/**
 * What a machine is made of.
 *
 * @param name for people
 * @param memory octets of RAM, a multiple of 2 MiB
 * @param kernel a bzImage or an ELF kernel with a PVH note
 * @param initrd initial RAM disk; null for none
 * @param disks in the order in which the guest finds them
 */
public record MachinePlan(String name, long memory, Path kernel, Path initrd, String commandLine, List<Disk> disks) {
    /** A disk, written to by this machine alone. */
    public record Disk(Path image, Images.Format format) {}

    /** A machine without disks. */
    public MachinePlan(String name, long memory, Path kernel, Path initrd, String commandLine) {
        this(name, memory, kernel, initrd, commandLine, List.of());
    }
}
