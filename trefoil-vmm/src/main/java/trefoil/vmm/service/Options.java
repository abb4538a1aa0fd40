package trefoil.vmm.service;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import trefoil.vmm.MachinePlan;

/**
 * What a machine's process was asked for, in pairs of words.
 *
 * @param memory octets
 * @param base raw image that the disk stands on
 * @param disk the machine's own disk, made when it is not there
 * @param diskSize octets of the disk when it is made
 * @param diskBus what the guest finds the disk by; virtio where nothing is said
 * @param mac hardware address of its network card; empty for no network
 * @param mtu of its network
 * @param control path of the control socket
 */
public record Options(String name, int vcpus, long memory, Path kernel, Path initrd, String append, Path base, Path disk, long diskSize, MachinePlan.Attachment diskBus, String mac, int mtu, String control) {
    private static final String DISK_BUS = "--disk-bus";
    private static final Set<String> NEEDED =
            Set.of("--name", "--vcpus", "--memory", "--kernel", "--initrd", "--append", "--base", "--disk", "--disk-size", "--mac", "--mtu", "--control");

    /** Reads them. */
    static Options of(List<String> words) {
        Map<String, String> options = new TreeMap<>();
        for (int n = 0; n + 1 < words.size(); n += 2) {
            boolean known = NEEDED.contains(words.get(n)) || words.get(n).equals(DISK_BUS);
            if (!known || options.put(words.get(n), words.get(n + 1)) != null) {
                throw new IllegalArgumentException(words.get(n) + " is no option, or is there twice");
            }
        }
        if (words.size() % 2 != 0 || !options.keySet().containsAll(NEEDED)) {
            throw new IllegalArgumentException("each of " + NEEDED + " is needed, with a value");
        }
        return new Options(
                options.get("--name"), Integer.parseInt(options.get("--vcpus")), Long.parseLong(options.get("--memory")), Path.of(options.get("--kernel")), Path.of(options.get("--initrd")), options.get("--append"),
                Path.of(options.get("--base")), Path.of(options.get("--disk")), Long.parseLong(options.get("--disk-size")),
                attachment(options.getOrDefault(DISK_BUS, "virtio")), options.get("--mac"), Integer.parseInt(options.get("--mtu")), options.get("--control"));
    }

    private static MachinePlan.Attachment attachment(String name) {
        return switch (name) {
            case "virtio" -> MachinePlan.Attachment.VIRTIO;
            case "nvme" -> MachinePlan.Attachment.NVME;
            default -> throw new IllegalArgumentException(DISK_BUS + " is virtio or nvme, and not " + name);
        };
    }

    /** The words that {@link #of} reads. */
    public List<String> words() {
        return List.of(
                "--name", name, "--vcpus", Integer.toString(vcpus), "--memory", Long.toString(memory), "--kernel", kernel.toString(), "--initrd", initrd.toString(), "--append", append,
                "--base", base.toString(), "--disk", disk.toString(), "--disk-size", Long.toString(diskSize), DISK_BUS, diskBus.name().toLowerCase(Locale.ROOT), "--mac", mac, "--mtu", Integer.toString(mtu), "--control", control);
    }
}
