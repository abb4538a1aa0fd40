package trefoil.vmm;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import trefoil.disk.BackingRoots;
import trefoil.disk.Images;
import trefoil.vmm.control.MachineStatus;

/**
 * What a machine is made of.
 *
 * @param name for people
 * @param vcpus processors, 1 to {@link #MOST_VCPUS}
 * @param memory octets of RAM, a multiple of 2 MiB
 * @param kernel a bzImage or an ELF kernel with a PVH note
 * @param initrd initial RAM disk; null for none
 * @param disks in the order in which the guest finds them
 * @param nics network cards, behind the disks, in the order in which the guest finds them
 */
public record MachinePlan(String name, int vcpus, long memory, Path kernel, Path initrd, String commandLine, List<Disk> disks, List<Nic> nics) {
    public static final int MOST_VCPUS = MachineStatus.MOST_VCPUS;

    /** Checks the number of processors. */
    public MachinePlan {
        if (vcpus < 1 || vcpus > MOST_VCPUS) {
            throw new IllegalArgumentException("a machine has 1 to " + MOST_VCPUS + " processors, not " + vcpus);
        }
    }

    /** What a guest finds a disk by. */
    public enum Attachment {
        /** A virtio block device: the cheapest for the host. */
        VIRTIO,
        /** An NVM Express controller with one namespace, for guests that have no drivers for virtio. */
        NVME
    }

    /**
     * A disk, written to by this machine alone.
     *
     * @param roots where the images may lie that this one stands on
     */
    public record Disk(Path image, Images.Format format, BackingRoots roots, Attachment attachment) {
        /** A disk by virtio. */
        public Disk(Path image, Images.Format format, BackingRoots roots) {
            this(image, format, roots, Attachment.VIRTIO);
        }

        /** A disk by virtio that stands on no other. */
        public Disk(Path image, Images.Format format) {
            this(image, format, BackingRoots.NONE);
        }
    }

    /**
     * A network card.
     *
     * @param tap name of the host's tap interface, which is there
     * @param mac the guest's hardware address, such as {@code 02:54:66:00:00:01}: unicast, and another than the tap's own
     */
    public record Nic(String tap, String mac) {
        private static final Pattern UNICAST = Pattern.compile("[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}");

        /** Checks the address. */
        public Nic {
            if (!UNICAST.matcher(mac).matches()) {
                throw new IllegalArgumentException("a network card's hardware address has six bytes in hexadecimal and is not a multicast one, unlike '" + mac + "'");
            }
        }

        byte[] address() {
            return HexFormat.ofDelimiter(":").parseHex(mac);
        }
    }

    /** A machine of one processor. */
    public MachinePlan(String name, long memory, Path kernel, Path initrd, String commandLine, List<Disk> disks, List<Nic> nics) {
        this(name, 1, memory, kernel, initrd, commandLine, disks, nics);
    }

    /** A machine of one processor, without network. */
    public MachinePlan(String name, long memory, Path kernel, Path initrd, String commandLine, List<Disk> disks) {
        this(name, memory, kernel, initrd, commandLine, disks, List.of());
    }

    /** A machine of one processor, without disks and network. */
    public MachinePlan(String name, long memory, Path kernel, Path initrd, String commandLine) {
        this(name, memory, kernel, initrd, commandLine, List.of());
    }
}
