package trefoil.vmm;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import trefoil.disk.BackingRoots;
import trefoil.disk.Images;
import trefoil.pc.boot.PcMemoryMap;

/** The command line of one machine's process: pairs of an option and its value, each option at most once. */
final class Options {
    static final String USAGE = "usage: --kernel FILE [--initrd FILE] [--memory MIB] [--cpus N] [--disk FILE] [--nvme FILE] [--nic TAP,MAC] [--append LINE]";

    private static final List<String> KNOWN = List.of("--kernel", "--initrd", "--memory", "--cpus", "--disk", "--nvme", "--nic", "--append");
    private static final long MIB = 1 << 20;
    private static final int LONGEST_INTERFACE_NAME = 15;

    private final Map<String, String> given = new TreeMap<>();

    private Options() {}

    /** A command line that means nothing: what is wrong with it, why, and what to write. */
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /** Reads the whole line, or refuses it. Files are not looked at. */
    static MachinePlan parse(String[] arguments) throws UsageException {
        Options options = new Options();
        for (int n = 0; n < arguments.length; n += 2) {
            options.take(arguments[n], n + 1 < arguments.length ? arguments[n + 1] : null);
        }
        return options.plan();
    }

    private void take(String option, String value) throws UsageException {
        if (!KNOWN.contains(option)) {
            throw new UsageException("unknown option '" + option + "'; the options are " + String.join(", ", KNOWN));
        }
        if (value == null || KNOWN.contains(value)) {
            throw new UsageException("option " + option + " lacks its value; write it behind the option");
        }
        if (given.put(option, value) != null) {
            throw new UsageException("option " + option + " is given twice; give it once");
        }
    }

    private MachinePlan plan() throws UsageException {
        if (!given.containsKey("--kernel")) {
            throw new UsageException("no kernel is named; name a bzImage or an ELF file with --kernel FILE");
        }
        return new MachinePlan("main", cpus(), memory(), path("--kernel"), path("--initrd"), given.getOrDefault("--append", "console=ttyS0"), disks(), nics());
    }

    private long number(String option, String otherwise) throws UsageException {
        String value = given.getOrDefault(option, otherwise);
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new UsageException("option " + option + " wants a whole number, and not '" + value + "'");
        }
    }

    private long memory() throws UsageException {
        long mebibytes = number("--memory", "256");
        if (mebibytes < 0 || mebibytes > Long.MAX_VALUE / MIB) {
            throw new UsageException("option --memory is out of range: " + mebibytes + " MiB; give an even number of MiB, from 8 to 1048576");
        }
        try {
            return new PcMemoryMap(mebibytes * MIB).ram();
        } catch (IllegalArgumentException e) {
            throw new UsageException("option --memory: a machine cannot have " + mebibytes + " MiB; give an even number of MiB, from 8 to 1048576");
        }
    }

    private int cpus() throws UsageException {
        long cpus = number("--cpus", "1");
        if (cpus < 1 || cpus > MachinePlan.MOST_VCPUS) {
            throw new UsageException("option --cpus is out of range: " + cpus + "; give 1 to " + MachinePlan.MOST_VCPUS);
        }
        return (int) cpus;
    }

    private Path path(String option) throws UsageException {
        String value = given.get(option);
        try {
            if (value != null && value.isEmpty()) {
                throw new UsageException("option " + option + " names no file; give its path");
            }
            return value == null ? null : Path.of(value);
        } catch (InvalidPathException e) {
            throw new UsageException("option " + option + ": " + e.getReason() + "; give the path of a file");
        }
    }

    private List<MachinePlan.Disk> disks() throws UsageException {
        List<MachinePlan.Disk> disks = new ArrayList<>();
        addDisk(disks, path("--disk"), MachinePlan.Attachment.VIRTIO);
        addDisk(disks, path("--nvme"), MachinePlan.Attachment.NVME);
        return disks;
    }

    private static void addDisk(List<MachinePlan.Disk> disks, Path image, MachinePlan.Attachment attachment) {
        if (image != null) {
            disks.add(new MachinePlan.Disk(image, image.toString().endsWith(".qcow2") ? Images.Format.QCOW2 : Images.Format.RAW, BackingRoots.NONE, attachment));
        }
    }

    private List<MachinePlan.Nic> nics() throws UsageException {
        String nic = given.get("--nic");
        if (nic == null) {
            return List.of();
        }
        int comma = nic.indexOf(',');
        if (comma < 1 || comma > LONGEST_INTERFACE_NAME) {
            throw new UsageException("option --nic wants the name of a tap interface (1 to " + LONGEST_INTERFACE_NAME + " octets), a comma and a hardware address, and not '" + nic + "'");
        }
        try {
            return List.of(new MachinePlan.Nic(nic.substring(0, comma), nic.substring(comma + 1)));
        } catch (IllegalArgumentException e) {
            throw new UsageException("option --nic: " + e.getMessage() + "; give one such as 02:54:66:00:00:01");
        }
    }
}
