package trefoil.daemon.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import trefoil.api.ApiException;
import trefoil.api.Finding;
import trefoil.daemon.ledger.HostFigures.Disk;
import trefoil.daemon.ledger.Ledger;
import trefoil.linux.Sizes;
import trefoil.daemon.lifecycle.Hosting;
import trefoil.network.Check;

/** Looks the host over. Changes nothing. */
public final class Doctor {
    private static final String OK = "ok";
    private static final String WARNING = "warning";
    private static final String ERROR = "error";

    /** Tools that the daemon runs, and the Debian package of each; the networks name theirs. */
    private static final Map<String, String> TOOLS = new TreeMap<>(Map.of(
            "mmdebstrap", "mmdebstrap", "mke2fs", "e2fsprogs"));

    private static final Path PROC = Path.of("/proc");

    private final Hosting hosting;
    private final Ledger ledger;
    private final Path log;

    /** @param log the daemon's log, to be named */
    public Doctor(Hosting hosting, Path log) {
        this.hosting = hosting;
        this.ledger = hosting.ledger();
        this.log = log;
    }

    /** Everything that was looked at. */
    public List<Finding> findings() {
        List<Finding> all = new ArrayList<>();
        all.add(userNamespaces());
        all.add(overlay());
        all.add(cgroups());
        all.add(seccomp());
        all.add(pressure());
        TOOLS.forEach((tool, debianPackage) -> all.add(tool(tool, debianPackage)));
        all.add(engine());
        all.add(taps());
        all.add(processor());
        networks(all);
        all.add(disk());
        all.add(ids());
        all.add(journal());
        all.add(new Finding("log", OK, "the daemon logs to " + log, null));
        return all;
    }

    private static String read(Path file) {
        try {
            // In one read: a sysctl's second read finds nothing.
            return String.join("\n", Files.readAllLines(file, StandardCharsets.ISO_8859_1)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static Finding userNamespaces() {
        String most = read(PROC.resolve("sys/user/max_user_namespaces"));
        if (most.isEmpty()) {
            return new Finding("user namespaces", ERROR, "the kernel has none (CONFIG_USER_NS)", "run a kernel with CONFIG_USER_NS=y, as Debian's");
        }
        return most.equals("0")
                ? new Finding("user namespaces", ERROR, "the kernel is set to allow none", "sysctl -w user.max_user_namespaces=15000")
                : new Finding("user namespaces", OK, "at most " + most, null);
    }

    private static Finding overlay() {
        return read(PROC.resolve("filesystems")).contains("\toverlay")
                ? new Finding("overlay file system", OK, "there", null)
                : new Finding("overlay file system", ERROR, "the kernel does not have it loaded", "modprobe overlay");
    }

    private Finding cgroups() {
        String flavor = ledger.host().cgroupFlavor();
        boolean any = !read(PROC.resolve("self/cgroup")).isEmpty();
        return any
                ? new Finding("control groups", OK, "version: " + flavor, null)
                : new Finding("control groups", ERROR, "none is mounted", "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
    }

    private static Finding seccomp() {
        return read(PROC.resolve("self/status")).contains("Seccomp:")
                ? new Finding("seccomp", OK, "there", null)
                : new Finding("seccomp", ERROR, "the kernel has no seccomp filters (CONFIG_SECCOMP_FILTER)", "run a kernel that has");
    }

    private static Finding pressure() {
        return Files.exists(PROC.resolve("pressure/cpu"))
                ? new Finding("pressure stall information", OK, "there", null)
                : new Finding("pressure stall information", WARNING, "the kernel keeps none: pressure will not be shown", "boot with psi=1");
    }

    private static Finding taps() {
        return Files.exists(Path.of("/dev/net/tun"))
                ? new Finding("tap interfaces", OK, "there", null)
                : new Finding("tap interfaces", WARNING, "there is no /dev/net/tun: servers of kind para have no network", "modprobe tun");
    }

    private static Finding processor() {
        List<String> flags = List.of(read(PROC.resolve("cpuinfo")).split("\\s+"));
        boolean hardware = flags.contains("vmx") || flags.contains("svm");
        return new Finding("processor of machines", OK, "by software" + (hardware ? "; this host's own VT-x or SVM is not used yet" : ", for this host's has neither VT-x nor SVM"), null);
    }

    private static Finding tool(String tool, String debianPackage) {
        for (String directory : List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")) {
            if (Files.isExecutable(Path.of(directory, tool))) {
                return new Finding(tool, OK, directory + "/" + tool, null);
            }
        }
        return new Finding(tool, ERROR, "it is not installed", "apt-get install --no-install-recommends " + debianPackage);
    }

    private Finding engine() {
        try {
            hosting.engine().get();
            return new Finding("container engine", OK, "ready", null);
        } catch (IOException | RuntimeException e) {
            return new Finding("container engine", ERROR, String.valueOf(e.getMessage()), "see " + log);
        }
    }

    private void networks(List<Finding> all) {
        try {
            for (Check check : hosting.networks().doctor()) {
                all.add(new Finding(check.name(), check.level(), check.message(), check.next()));
            }
        } catch (IOException | RuntimeException e) {
            all.add(new Finding("networks", ERROR, String.valueOf(e.getMessage()), "see " + log));
        }
    }

    private Finding disk() {
        Disk disk = ledger.host().disk();
        try {
            ledger.roomForAnother();
            return new Finding("disk space", OK, Sizes.words(disk.free()) + " of " + Sizes.words(disk.total()) + " are free", null);
        } catch (ApiException e) {
            return new Finding("disk space", ERROR, e.error().message(), e.error().next());
        }
    }

    private Finding ids() {
        int taken = hosting.registry().list().size();
        int all = hosting.idRanges().count();
        return taken < all * 0.9
                ? new Finding("user ids", OK, taken + " of " + all + " ranges of 65,536 are taken", null)
                : new Finding("user ids", WARNING, taken + " of " + all + " ranges of 65,536 are taken", "lower ids.first in trefoil.conf");
    }

    private Finding journal() {
        List<String> unfinished = hosting.journal().unfinished();
        return unfinished.isEmpty()
                ? new Finding("undo journal", OK, "nothing is left unfinished", null)
                : new Finding("undo journal", WARNING, "unfinished: " + String.join("; ", unfinished),
                        "it is set right before the next change of the same server or network, and at the daemon's next start, or " + log + " says why not");
    }
}
