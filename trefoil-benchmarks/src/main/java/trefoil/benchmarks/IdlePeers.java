package trefoil.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Containers of peers that idle: targets of exec, and what their supervision costs. */
final class IdlePeers {
    private static final List<String> SLEEP = List.of("/bin/sleep", "1000000");

    private final Peers peers;
    private final Workspace workspace;
    private final PeerSpace space;

    IdlePeers(Peers peers, Workspace workspace, PeerSpace space) {
        this.peers = peers;
        this.workspace = workspace;
        this.space = space;
    }

    /** Starts one container of each peer that has an exec; returns their exec commands by name. */
    Map<String, List<String>> startExecTargets(Report report) throws BenchmarkException, IOException, InterruptedException {
        Map<String, List<String>> commands = new TreeMap<>();
        for (String program : List.of("crun", "runc")) {
            if (!peers.missing().containsKey(program)) {
                String id = "exec-" + program;
                String fault = startOci(program, id);
                if (fault == null) {
                    commands.put(program + " exec", Peers.command(peers.oci(program), List.of("exec", id, "/bin/echo", "hi")));
                } else {
                    report.note("left out: " + program + " exec: " + fault);
                }
            }
        }
        if (!peers.missing().containsKey("lxc-start") && startLxc("exec")) {
            commands.put("lxc-attach", List.of("lxc-attach", "-P", lxc().toString(), "-n", "exec", "--", "/bin/echo", "hi"));
        }
        return commands;
    }

    /** Runs an exec command; returns nanoseconds. */
    long exec(String name, List<String> command) throws BenchmarkException, IOException, InterruptedException {
        Run run = space.call(() -> Run.of(workspace.path(), command));
        String fault = run.fault("hi");
        if (fault != null) {
            throw new BenchmarkException(name + ": " + fault, String.join(" ", command));
        }
        return run.nanos();
    }

    /** Starts a container of an OCI runtime that idles; {@code null} or why it does not run. */
    String startOci(String program, String id) throws BenchmarkException, IOException, InterruptedException {
        Path bundle = peers.bundle(id, program, SLEEP);
        List<String> command = Peers.command(peers.oci(program), List.of("run", "--detach", "--pid-file", "pid", id));
        int status = space.call(() -> Run.detached(bundle, command));
        return status == 0 ? null : "exit status " + status + " of " + String.join(" ", command);
    }

    /** How many containers of crun are started one after the other in the given time. */
    int crunStarts(Duration time) throws BenchmarkException, IOException, InterruptedException {
        int count = 0;
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            String fault = startOci("crun", "idle-" + count);
            if (fault != null) {
                throw new BenchmarkException("crun: " + fault, "crun --version");
            }
            count++;
        }
        return count;
    }

    boolean installed(String program) {
        return !peers.missing().containsKey(program);
    }

    private boolean startLxc(String name) throws BenchmarkException, IOException, InterruptedException {
        peers.lxc(name);
        List<String> command = Peers.command(peers.lxcStart(name, "-d"), SLEEP);
        return space.call(() -> Run.detached(workspace.path(), command)) == 0;
    }

    /** Mean proportional set size of the monitors of idle lxc containers, in bytes; 0 where none could be started. */
    long lxcMonitorPss(int containers) throws BenchmarkException, IOException, InterruptedException {
        for (int i = 0; i < containers; i++) {
            if (!startLxc("idle-" + i)) {
                return 0;
            }
        }
        List<Long> monitors = HostFigures.withCommandLine("[lxc monitor] " + lxc());
        long sum = monitors.stream().mapToLong(HostFigures::pss).sum();
        return monitors.isEmpty() ? 0 : sum / monitors.size();
    }

    private Path lxc() {
        return workspace.path().resolve("lxc");
    }

    /** Ends all containers of peers. Idempotent. */
    void clean() throws BenchmarkException, IOException, InterruptedException {
        for (String program : List.of("crun", "runc")) {
            for (String id : names(workspace.path().resolve(program))) {
                space.call(() -> Run.detached(workspace.path(), Peers.command(peers.oci(program), List.of("delete", "--force", id))));
            }
        }
        for (String name : names(lxc())) {
            space.call(() -> Run.detached(workspace.path(), List.of("lxc-stop", "-k", "-P", lxc().toString(), "-n", name)));
        }
    }

    private static List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (var all = Files.list(directory)) {
                all.forEach(path -> names.add(path.getFileName().toString()));
            }
        }
        return names;
    }
}
