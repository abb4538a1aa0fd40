package trefoil.daemon.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import trefoil.api.Limits;
import trefoil.container.ContainerSpec;
import trefoil.container.ResourceLimits;
import trefoil.image.machine.MachineImage;
import trefoil.vmm.control.MachineStatus;

/** The container around a machine, in the container engine's terms. */
public final class MachineJail {
    /** RAM of a machine that was given no cap of memory. */
    public static final long NORMAL_MEMORY = 512L << 20;
    /** Size of a machine's disk that was given no cap of disk. */
    public static final long NORMAL_DISK = 10L << 30;
    /** What Linux needs to boot at all. */
    public static final long LEAST_MEMORY = 96L << 20;

    static final String CONTROL = "/control";

    private static final String DISK = "disk.qcow2";

    /** What the machine's process may take beyond the guest's RAM and its heap: compiled code, classes, threads, page tables, and files' pages that wait to be written. */
    private static final long BESIDE_HEAP = 256L << 20;
    /** Heap of a machine with one processor, and of each other one: MiB. It holds decoded code, above all. */
    private static final int HEAP_MIB = 192;

    private static final int HEAP_MIB_MORE = 48;
    private static final long RAM_STEP = 2L << 20;
    private static final int MTU = 1500;
    private static final int PREFIX6 = 64;
    private static final List<String> JAVA = List.of(
            "/bin/java", "-Xlog:disable", "-Xlog:all=error:stderr", "-XX:+UseSerialGC", "-Xms64m", "-Xmn24m", "-XX:ReservedCodeCacheSize=96m", "-XX:-UsePerfData", "-XX:-UseContainerSupport",
            "--enable-native-access=trefoil.linux", "--add-exports", "java.base/jdk.internal.misc=trefoil.machine", "-p", MachineProgram.MODULES, "-m", "trefoil.vmm/trefoil.vmm.service.Main");
    /** A machine's command line: what makes its boot short without taking anything from the guest (the processor has no flaws to mitigate; the kernel's own tests of ciphers take most of a boot). */
    private static final String KERNEL_LINE = "console=ttyS0 mitigations=off cryptomgr.notests net.ifnames=0 panic=10";

    private MachineJail() {}

    /**
     * A machine's place on its network.
     *
     * @param ipv4 {@code null} for none
     * @param gateway address of the bridge with its prefix; {@code null} for none
     */
    public record Place(String mac, String ipv4, String gateway, String ipv6, String gateway6, String domain) {}

    /** Octets of a machine's RAM. */
    public static long memory(Limits limits) {
        long wanted = limits.memoryCap() == null ? NORMAL_MEMORY : limits.memoryCap();
        return Math.max(LEAST_MEMORY, wanted / RAM_STEP * RAM_STEP);
    }

    /** Octets of a machine's disk. */
    public static long disk(Limits limits) {
        return limits.disk() == null ? NORMAL_DISK : limits.disk();
    }

    /** Where a machine's own disk is once it has begun. @param directory the server's */
    public static Path ownDisk(Path directory) {
        return directory.resolve("upper").resolve(DISK);
    }

    /** How many processors a machine has: as many as its cap of CPUs takes, and one where it has none. */
    public static int processors(Limits limits) {
        return limits.cpuCap() == null ? 1 : (int) Math.clamp(Math.ceil(limits.cpuCap()), 1, MachineStatus.MOST_VCPUS);
    }

    /** MiB that the machine's process may take for its heap. */
    private static int heap(Limits limits) {
        return HEAP_MIB + HEAP_MIB_MORE * (processors(limits) - 1);
    }

    /** The container's limits: the guest's memory cap is its RAM. */
    public static ResourceLimits limits(Limits l, long pids) {
        return new ResourceLimits(
                l.cpuWeight(), l.cpuCap(), l.memoryGuarantee(), memory(l) + ((long) heap(l) << 20) + BESIDE_HEAP, l.swapCap(), pids, l.ioReadRate(), l.ioWriteRate());
    }

    /**
     * What the engine makes and starts.
     *
     * @param place {@code null} for no network
     */
    public static ContainerSpec spec(String name, Path directory, List<Path> program, MachineImage image, int idBase, Limits limits, long pids, Place place) {
        List<Path> layers = new ArrayList<>(program);
        layers.add(image.kernel().getParent());
        layers.add(image.disk().getParent());
        List<String> command = new ArrayList<>(JAVA);
        command.add(1, "-Xmx" + heap(limits) + "m");
        command.addAll(List.of(
                "--name", name, "--vcpus", Integer.toString(processors(limits)), "--memory", Long.toString(memory(limits)), "--kernel", "/" + image.kernel().getFileName(), "--initrd", "/" + image.initrd().getFileName(),
                "--append", line(name, place), "--base", "/" + image.disk().getFileName(), "--disk", "/" + DISK, "--disk-size", Long.toString(disk(limits)), "--mac", place == null ? "" : place.mac(),
                "--mtu", Integer.toString(MTU), "--control", CONTROL));
        return new ContainerSpec(name, directory, layers, command, Map.of(), idBase, limits(limits, pids), null, false);
    }

    /** What the initial RAM disk's {@code init} reads of it: trefoil-image's resource. */
    private static String line(String name, Place place) {
        StringBuilder line = new StringBuilder(KERNEL_LINE).append(" trefoil.hostname=").append(name);
        if (place != null && place.ipv4() != null && place.gateway() != null) {
            String gateway = place.gateway().substring(0, place.gateway().indexOf('/'));
            line.append(" trefoil.ip=").append(place.ipv4()).append(place.gateway().substring(gateway.length()));
            line.append(" trefoil.gateway=").append(gateway).append(" trefoil.dns=").append(gateway);
        }
        if (place != null && place.ipv6() != null && place.gateway6() != null) {
            String gateway = place.gateway6().substring(0, place.gateway6().indexOf('/'));
            line.append(" trefoil.ip6=").append(place.ipv6()).append('/').append(PREFIX6).append(" trefoil.gateway6=").append(gateway);
            if (place.ipv4() == null) {
                line.append(" trefoil.dns=").append(gateway);
            }
        }
        if (place != null) {
            line.append(" trefoil.domain=").append(place.domain());
        }
        return line.toString();
    }

    /** What the engine adopts, cleans and deletes: its layers and command do not matter any more. */
    public static ContainerSpec remains(String name, Path directory, int idBase, ResourceLimits limits) {
        return new ContainerSpec(name, directory, List.of(), List.of(), Map.of(), idBase, limits, null, false);
    }
}
