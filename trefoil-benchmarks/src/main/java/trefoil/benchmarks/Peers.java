package trefoil.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The peers that are installed, each set up at the isolation of a Trefoil server as far as it can. */
final class Peers {
    static final long FIRST_ID = 1_000_000;
    static final long IDS = 65_536;

    private static final List<String> ECHO = List.of("/bin/sh", "-c", "echo hi");
    private static final String NAMESPACES = "user, pid, mount, uts, ipc, net namespaces";

    private final Path workspace;
    private final Path rootfs;
    private final PeerSpace space;
    private final Map<String, String> missing = new TreeMap<>();

    /**
     * @param workspace directory for configurations and states
     * @param rootfs root file system, owned by {@link #FIRST_ID}
     */
    Peers(Path workspace, Path rootfs, PeerSpace space) {
        this.workspace = workspace;
        this.rootfs = rootfs;
        this.space = space;
    }

    /** All that are installed. */
    List<Peer> installed() throws IOException {
        List<Peer> peers = new ArrayList<>();
        peers.add(new Peer("bare spawn", "none: what spawning itself costs", space, workspace, bare()));
        if (found("crun", "crun")) {
            peers.add(oci("crun", "echo-crun"));
        }
        if (found("runc", "runc")) {
            peers.add(oci("runc", "echo-runc"));
        }
        if (found("lxc-start", "lxc")) {
            lxc("echo");
            peers.add(new Peer("lxc-start", NAMESPACES + ", cgroups; seccomp deny list; empty network", space, workspace,
                    command(lxcStart("echo", "-F"), ECHO)));
        }
        if (found("systemd-nspawn", "systemd-container")) {
            peers.add(new Peer("systemd-nspawn", NAMESPACES + "; seccomp; empty network; no cgroup without systemd", space,
                    workspace, command(nspawn(), ECHO)));
        }
        if (found("bwrap", "bubblewrap")) {
            peers.add(new Peer("bubblewrap", NAMESPACES + "; no seccomp, no cgroup; empty network", space, workspace,
                    command(bubblewrap(), ECHO)));
        }
        return peers;
    }

    /** Peers that are not installed: their programs, and the Debian packages that bring them. */
    Map<String, String> missing() {
        return missing;
    }

    private boolean found(String program, String debianPackage) {
        for (String directory : System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").split(":")) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        missing.put(program, debianPackage);
        return false;
    }

    private List<String> bare() {
        return List.of(rootfs.resolve("bin/busybox").toString(), "sh", "-c", "echo hi");
    }

    private Peer oci(String program, String bundle) throws IOException {
        Path directory = bundle(bundle, program, ECHO);
        return new Peer(program, NAMESPACES + ", cgroup namespace, cgroups; seccomp allow list; empty network", space,
                directory, command(oci(program), List.of("run", bundle)));
    }

    /** Writes an OCI bundle and returns its directory. */
    Path bundle(String name, String program, List<String> command) throws IOException {
        Path directory = Files.createDirectories(workspace.resolve("bundles").resolve(name));
        String group = "/" + workspace.getFileName() + "/" + name;
        Files.writeString(directory.resolve("config.json"), OciBundle.config(rootfs, group, program, command));
        return directory;
    }

    /** The command line of an OCI runtime up to its subcommand. */
    List<String> oci(String program) {
        List<String> command = new ArrayList<>(List.of(program, "--root", workspace.resolve(program).toString()));
        if ("crun".equals(program)) {
            command.add("--cgroup-manager=cgroupfs");
        }
        return command;
    }

    /** Writes the configuration of an lxc container. */
    void lxc(String name) throws IOException {
        Path directory = Files.createDirectories(workspace.resolve("lxc").resolve(name));
        String group = workspace.getFileName().toString();
        Files.writeString(directory.resolve("config"), """
                lxc.rootfs.path = dir:%s
                lxc.uts.name = %s
                lxc.idmap = u 0 %d %d
                lxc.idmap = g 0 %d %d
                lxc.net.0.type = empty
                lxc.mount.auto = proc:mixed sys:ro
                lxc.seccomp.profile = /usr/share/lxc/config/common.seccomp
                lxc.cgroup.pids.max = 1024
                lxc.cgroup.memory.limit_in_bytes = 268435456
                lxc.cgroup.dir.container = %s/%s/payload
                lxc.cgroup.dir.monitor = %s/%s/monitor
                lxc.cgroup.dir.monitor.pivot = %s/%s/pivot
                lxc.apparmor.profile = unconfined
                lxc.console.path = none
                """.formatted(rootfs, name, FIRST_ID, IDS, FIRST_ID, IDS, group, name, group, name, group, name));
    }

    /** The command line of lxc-start up to the command, which follows {@code --}. */
    List<String> lxcStart(String name, String mode) {
        return List.of("lxc-start", mode, "-P", workspace.resolve("lxc").toString(), "-n", name, "--");
    }

    private List<String> nspawn() {
        return List.of("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-users=" + FIRST_ID + ":" + IDS,
                "--private-network", "--pipe", "--directory=" + rootfs);
    }

    private List<String> bubblewrap() {
        return List.of("bwrap", "--unshare-all", "--uid", "0", "--gid", "0", "--bind", rootfs.toString(), "/",
                "--proc", "/proc", "--dev", "/dev");
    }

    static List<String> command(List<String> first, List<String> second) {
        List<String> whole = new ArrayList<>(first);
        whole.addAll(second);
        return whole;
    }
}
