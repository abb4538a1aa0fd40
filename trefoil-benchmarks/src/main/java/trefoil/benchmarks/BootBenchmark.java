package trefoil.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import trefoil.api.ImageBuild;
import trefoil.api.Operation;
import trefoil.api.RestartPolicy;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;

/**
 * {@code trefoil bench boot}: sets up, boots one machine after the other, and cleans up. A daemon of its own makes the images and starts one machine of each; what that machine's process was started with is then started by itself, without
 * the daemon and the container around it, in turn with the peer.
 */
final class BootBenchmark {
    private static final String QEMU = "qemu-system-x86_64";
    private static final String PACKAGE = "qemu-system-x86";
    private static final long ROOM = 3L << 30;

    private final BootOptions options;
    private final Path home;
    private final PrintStream messages;
    private final BootReport report = new BootReport();
    private final long begun = System.nanoTime();

    BootBenchmark(BootOptions options, Map<String, String> environment, PrintStream messages) throws BenchmarkException {
        if (environment.get("TREFOIL_HOME") == null) {
            throw new BenchmarkException("TREFOIL_HOME is not set: the benchmark is started by the trefoil command", "./trefoil bench boot");
        }
        this.options = options;
        this.home = Path.of(environment.get("TREFOIL_HOME"));
        this.messages = messages;
    }

    BootReport run() throws BenchmarkException, IOException, InterruptedException {
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw new BenchmarkException("the benchmark needs root: it starts servers and makes mounts", "sudo ./trefoil bench boot");
        }
        describeMachine();
        try (Litter litter = new Litter()) {
            try {
                measure(litter);
            } catch (BenchmarkException | IOException e) {
                if (litter.over()) {
                    throw new InterruptedException(e.getMessage());
                }
                throw e;
            } finally {
                say("cleaning up");
            }
        }
        report.machine("load", HostFigures.load() + " at the end");
        return report;
    }

    private void describeMachine() throws IOException, InterruptedException {
        report.machine("date", LocalDateTime.now().truncatedTo(ChronoUnit.SECONDS).toString());
        report.machine("machine", Runtime.getRuntime().availableProcessors() + " x " + HostFigures.processor());
        report.machine("kernel", HostFigures.kernel());
        report.machine("java", Runtime.version().toString());
        if (installed()) {
            report.machine("peer", Run.of(Path.of("/"), List.of(QEMU, "--version")).out().lines().findFirst().orElse(QEMU) + ", -accel tcg -machine q35 -cpu max");
        }
        report.note("load average " + HostFigures.load() + " at the start");
        report.note("kernel: from the start of the machine's process to the kernel's first line on the console; init: to the first program of user space; CPU: of the process");
        report.note("trefoil's process is a Java that starts cold, without the container around it; \"trefoil launch\" is from the request to a daemon until the server is usable, all included but the image");
        report.note("both boot the same kernel, initial RAM disk, command line and disk, the disk by a new qcow2 image of each boot; QEMU unpacks the kernel inside the guest, trefoil on the host");
    }

    private static boolean installed() {
        return List.of(System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").split(":")).stream().anyMatch(place -> Files.isExecutable(Path.of(place, QEMU)));
    }

    private void measure(Litter litter) throws BenchmarkException, IOException, InterruptedException {
        Workspace workspace = new Workspace();
        litter.add(workspace::end);
        long room = Files.getFileStore(workspace.path()).getUsableSpace();
        if (room < ROOM) {
            throw new BenchmarkException("the images of machines need 3 GiB in /tmp, where " + (room >> 20) + " MiB are left", "df -h /tmp");
        }
        OwnDaemon daemon = new OwnDaemon(home, workspace.path().resolve("t"));
        litter.add(daemon::endAtOnce);
        say("starting a daemon in " + daemon.state());
        daemon.start();
        for (BootCase wanted : BootCase.values()) {
            measure(wanted, daemon, workspace, litter);
        }
    }

    private void measure(BootCase wanted, OwnDaemon daemon, Workspace workspace, Litter litter) throws BenchmarkException, IOException, InterruptedException {
        say("building the image " + wanted.image() + ", and what a machine boots from");
        succeed(daemon, daemon.client().buildImage(new ImageBuild(wanted.image(), false)));
        Guest guest = guest(wanted, daemon);
        report.machine(wanted.word(), (guest.memory() >> 20) + " MiB, " + guest.options().get("--vcpus") + " processor; " + guest.line());
        rounds(wanted, new BootTrial(wanted, guest, workspace.path(), litter));
        launches(wanted, daemon);
    }

    private void rounds(BootCase wanted, BootTrial trial) throws BenchmarkException, IOException, InterruptedException {
        boolean peer = installed();
        if (!peer) {
            report.peerMissing(wanted, "not installed: scripts/packages.sh bench, or apt-get install " + PACKAGE);
        }
        long longest = 0;
        for (int round = 0; round < options.rounds(wanted); round++) {
            long before = System.nanoTime();
            if (round > 0 && late(longest)) {
                report.note(wanted.word() + ": " + round + " rounds rather than " + options.rounds(wanted) + ", to be over in time");
                return;
            }
            say("booting " + wanted.word() + ", round " + (round + 1) + " of " + options.rounds(wanted));
            report.own(wanted, trial.trefoil());
            peer = peer && peer(wanted, trial);
            longest = Math.max(longest, System.nanoTime() - before);
        }
    }

    /** Boots the peer; false when it is not to be measured any more. */
    private boolean peer(BootCase wanted, BootTrial trial) throws IOException, InterruptedException {
        try {
            report.peer(wanted, trial.qemu());
            return true;
        } catch (BenchmarkException e) {
            report.peerMissing(wanted, "left out: it did not boot");
            report.note(e.getMessage() + "; " + e.next());
            return false;
        }
    }

    private boolean late(long needed) {
        return System.nanoTime() - begun + needed > options.whole().toNanos();
    }

    // ---- by the daemon ----

    /** What a machine's process is started with: as the daemon does it. */
    private Guest guest(BootCase wanted, OwnDaemon daemon) throws BenchmarkException, IOException {
        String name = wanted.word() + "-as-it-is";
        succeed(daemon, daemon.client().create(config(name, wanted), true, "none"));
        var server = daemon.client().server(name);
        Path images = daemon.state().resolve("images");
        Guest guest = Guest.of(
                HostFigures.commandLine(server.pid()), only(daemon.state().resolve("machine-programs"), "program-*"), only(only(images.resolve("kernels"), "*"), "*"), only(images.resolve("machines"), server.fingerprint() + "-*"));
        succeed(daemon, daemon.client().delete(name, true));
        return guest;
    }

    /** The one directory of a new daemon's. */
    private static Path only(Path directory, String pattern) throws BenchmarkException, IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, pattern)) {
            for (Path each : all) {
                return each;
            }
        }
        throw new BenchmarkException("the daemon made no " + directory.resolve(pattern), "trefoil doctor");
    }

    private void launches(BootCase wanted, OwnDaemon daemon) throws BenchmarkException, IOException {
        long longest = 0;
        for (int round = 0; round < options.rounds(wanted) && !(round > 0 && late(longest)); round++) {
            say("launching " + wanted.word() + ", round " + (round + 1) + " of " + options.rounds(wanted));
            String name = wanted.word() + round;
            long before = System.nanoTime();
            succeed(daemon, daemon.client().create(config(name, wanted), true, "usable"));
            report.launch(wanted, System.nanoTime() - before);
            succeed(daemon, daemon.client().delete(name, true));
            longest = Math.max(longest, System.nanoTime() - before);
        }
    }

    private static ServerConfig config(String name, BootCase wanted) {
        return new ServerConfig(name, wanted.image(), ServerKind.PARA, null, null, null, null, null, false, RestartPolicy.NEVER, false, false, "made by trefoil bench");
    }

    private static void succeed(OwnDaemon daemon, Operation operation) throws BenchmarkException, IOException {
        Operation ended = daemon.client().await(operation, null, now -> {});
        if (ended.error() != null) {
            throw new BenchmarkException(ended.error().message(), ended.error().next() == null ? "trefoil doctor" : ended.error().next());
        }
    }

    private void say(String message) {
        messages.println(message);
    }
}
