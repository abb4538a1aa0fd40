package trefoil.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import trefoil.api.ImageBuild;

/** {@code trefoil bench os}: sets up, measures one thing after the other, and cleans up. */
final class OsBenchmark {
    static final String START_TO_EXIT = "start-to-exit of sh -c 'echo hi'";
    static final String EXEC = "exec of echo hi in a running server";

    /** What exec, idle servers and the cleaning take on a busy machine. */
    private static final Duration AFTER_ROUNDS = Duration.ofSeconds(30);

    /** What idle servers and the cleaning take on a busy machine. */
    private static final Duration AFTER_EXEC = Duration.ofSeconds(24);

    /** How long the daemon has for what follows a command: a process is begun that waits for the next. */
    private static final Duration AFTERMATH = Duration.ofMillis(10);


    private final Options options;
    private final Path home;
    private final String command;
    private final PrintStream messages;
    private final Report report = new Report();
    private final long begun = System.nanoTime();

    OsBenchmark(Options options, Map<String, String> environment, PrintStream messages) throws BenchmarkException {
        if (environment.get("TREFOIL_HOME") == null) {
            throw new BenchmarkException("TREFOIL_HOME is not set: the benchmark is started by the trefoil command", "./trefoil bench os");
        }
        this.options = options;
        this.home = Path.of(environment.get("TREFOIL_HOME"));
        String typed = environment.get("TREFOIL_COMMAND");
        this.command = typed != null && typed.contains("/")
                ? Path.of(typed).toAbsolutePath().normalize().toString()
                : home.resolve("bin/trefoil").toString();
        this.messages = messages;
    }

    Report run() throws BenchmarkException, IOException, InterruptedException {
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw new BenchmarkException("the benchmark needs root: it starts servers and makes mounts", "sudo " + command + " bench os");
        }
        describeMachine();
        Workspace workspace = new Workspace();
        OwnDaemon daemon = new OwnDaemon(home, workspace.path().resolve("t"));
        try {
            say("starting a daemon in " + daemon.state());
            daemon.start();
            measure(workspace, daemon);
        } finally {
            say("cleaning up");
            try {
                daemon.end();
            } finally {
                workspace.end();
            }
        }
        report.machine("load", HostFigures.load() + " at the end");
        return report;
    }

    private void describeMachine() {
        report.machine("date", LocalDateTime.now().truncatedTo(ChronoUnit.SECONDS).toString());
        report.machine("machine", Runtime.getRuntime().availableProcessors() + " x " + HostFigures.processor());
        report.machine("kernel", HostFigures.kernel());
        report.machine("java", Runtime.version().toString());
        report.note("load average " + HostFigures.load() + " at the start");
        report.note("trefoil is a daemon that was warmed up for " + options.warmUp().toSeconds()
                + " s, measured through its API; peers are command lines that start cold each time");
    }

    private void measure(Workspace workspace, OwnDaemon daemon) throws BenchmarkException, IOException, InterruptedException {
        say("building the image " + TrefoilContender.IMAGE);
        try (TrefoilContender trefoil = new TrefoilContender(daemon)) {
            trefoil.succeed(daemon.client().buildImage(new ImageBuild(TrefoilContender.IMAGE, false)));
            workspace.extract(daemon.client(), TrefoilContender.IMAGE);
            try (PeerSpace space = new PeerSpace(workspace.subordinateIds())) {
                Peers peers = new Peers(workspace.path(), workspace.rootfs(), space);
                IdlePeers idle = new IdlePeers(peers, workspace, space);
                try {
                    startToExit(trefoil, peers);
                    exec(trefoil, daemon, idle);
                    new IdleServers(options, report, messages, command).measure(trefoil, daemon, idle);
                } finally {
                    idle.clean();
                }
            }
        }
    }

    private void startToExit(TrefoilContender trefoil, Peers peers) throws BenchmarkException, IOException, InterruptedException {
        say("measuring start-to-exit, " + options.runs() + " rounds");
        trefoil.verify();
        long warm = System.nanoTime() + options.warmUp().toNanos();
        while (System.nanoTime() - warm < 0) {
            trefoil.startToExit();
        }
        List<Contender> all = new ArrayList<>(List.of(trefoil));
        all.addAll(peers.installed());
        peers.missing().forEach((program, brings) ->
                report.note(program + " is not installed; scripts/packages.sh bench, or apt-get install " + brings));
        Rounds rounds = new Rounds(all);
        trefoil.beginAnew();
        rounds.run(options.runs(), limit(options.roundsLimit(), AFTER_ROUNDS));
        rounds.report(report, START_TO_EXIT);
        trefoil.reportPhases(report);
        rounds.failures().forEach(failure -> report.note("left out: " + failure));
    }

    private void exec(TrefoilContender trefoil, OwnDaemon daemon, IdlePeers idle)
            throws BenchmarkException, IOException, InterruptedException {
        say("measuring exec");
        trefoil.startIdle("exec", null);
        Map<String, List<String>> peers = idle.startExecTargets(report);
        Samples own = new Samples();
        Map<String, Samples> theirs = new java.util.TreeMap<>();
        long warm = System.nanoTime() + options.warmUp().dividedBy(4).toNanos();
        while (System.nanoTime() - warm < 0) {
            trefoil.exec("exec");
        }
        long end = System.nanoTime() + limit(options.roundsLimit().dividedBy(2), AFTER_EXEC).toNanos();
        for (int i = 0; i < options.runs() && (i == 0 || System.nanoTime() - end < 0); i++) {
            own.add(trefoil.exec("exec"));
            Thread.sleep(AFTERMATH); // what the daemon still does is not to slow a peer down
            for (var peer : peers.entrySet()) {
                theirs.computeIfAbsent(peer.getKey(), name -> new Samples()).add(idle.exec(peer.getKey(), peer.getValue()));
            }
        }
        report.row(new Report.Row(EXEC, "trefoil", own, Double.NaN, null));
        theirs.forEach((name, samples) -> report.row(new Report.Row(EXEC, name, samples, Double.NaN, null)));
        trefoil.succeed(daemon.client().delete("exec", true));
        idle.clean();
        Samples crun = theirs.get("crun exec");
        if (crun != null) {
            double ratio = own.medianMillis() / crun.medianMillis();
            report.figure("ratios", "exec / crun exec", ratio, "", String.format(Locale.ROOT, "%.2f", ratio));
        }
    }

    private Duration limit(Duration wanted, Duration kept) {
        return options.limit(wanted, Duration.ofNanos(System.nanoTime() - begun), kept);
    }

    private void say(String message) {
        messages.println(message);
    }
}
