package trefoil.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import trefoil.api.Operation;

/** What many idle servers cost: starting them, supervising them, listing them, and taking them up after a crash of the daemon. */
final class IdleServers {
    private static final int LXC_CONTAINERS = 3;
    private static final int LISTINGS = 15;

    private final Options options;
    private final Report report;
    private final PrintStream messages;
    private final String command;

    IdleServers(Options options, Report report, PrintStream messages, String command) {
        this.options = options;
        this.report = report;
        this.messages = messages;
        this.command = command;
    }

    void measure(TrefoilContender trefoil, OwnDaemon daemon, IdlePeers peers)
            throws BenchmarkException, IOException, InterruptedException {
        long before = HostFigures.pss(daemon.keeper());
        int count = starts(trefoil);
        memory(daemon, count, before, peers);
        lists(daemon, count);
        messages.println("killing and restarting the daemon under " + count + " servers");
        double restart = daemon.killAndRestart(count) / 1e6;
        figure("survival", "daemon killed, next one has taken up " + count + " servers", restart, "ms", "%.0f ms, JVM start included");
        crunStarts(peers, count);
        messages.println("deleting " + count + " servers");
        List<Operation> deletions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            deletions.add(daemon.client().delete("idle" + i, true));
        }
        for (Operation deletion : deletions) {
            trefoil.succeed(deletion);
        }
    }

    /** One worker starts one after the other; the isolation is that of crun's: a network namespace of its own without a link. */
    private int starts(TrefoilContender trefoil) throws BenchmarkException, IOException {
        messages.println("starting idle servers for " + options.startsFor().toSeconds() + " s");
        int count = 0;
        long end = System.nanoTime() + options.startsFor().toNanos();
        while (System.nanoTime() - end < 0) {
            trefoil.startIdle("idle" + count++, "none");
        }
        figure("idle servers", "trefoil: started in " + options.startsFor().toSeconds() + " s by one worker", count, "servers", "%.0f");
        return count;
    }

    private void crunStarts(IdlePeers peers, int own) throws BenchmarkException, IOException, InterruptedException {
        if (peers.installed("crun")) {
            messages.println("starting idle containers of crun for " + options.startsFor().toSeconds() + " s");
            int count = peers.crunStarts(options.startsFor());
            figure("idle servers", "crun: started in " + options.startsFor().toSeconds() + " s by one worker", count, "servers", "%.0f");
            figure("ratios", "starts, trefoil / crun", (double) own / count, "", "%.2f");
            peers.clean();
        }
    }

    private void memory(OwnDaemon daemon, int count, long before, IdlePeers peers)
            throws BenchmarkException, IOException, InterruptedException {
        long keeper = HostFigures.pss(daemon.keeper());
        double perServer = (double) Math.max(0, keeper - before) / count;
        double share = (double) keeper / count;
        figure("memory", "keeper with " + count + " idle servers, proportional set size", keeper / 1024.0, "KiB", "%.0f KiB");
        figure("memory", "keeper's growth per idle server", perServer / 1024, "KiB", "%.3f KiB");
        figure("memory", "keeper per idle server", share / 1024, "KiB", "%.3f KiB");
        long others = HostFigures.withEnvironment("TREFOIL_DIR=" + daemon.state()).stream()
                .filter(pid -> pid != daemon.pid())
                .mapToLong(HostFigures::pss)
                .sum();
        figure("memory", "dnsmasq and the like, one per network", others / 1024.0, "KiB", "%.0f KiB");
        figure("memory", "daemon, resident", HostFigures.rss(daemon.pid()) / 1024.0 / 1024, "MiB", "%.0f MiB");
        long monitor = peers.installed("lxc-start") ? peers.lxcMonitorPss(LXC_CONTAINERS) : 0;
        if (monitor > 0) {
            figure("memory", "lxc monitor per idle container, proportional set size", monitor / 1024.0, "KiB", "%.0f KiB");
            figure("ratios", "supervising memory per idle server, keeper / lxc monitor", share / monitor, "", "%.4f");
        }
        peers.clean();
    }

    private void lists(OwnDaemon daemon, int count) throws BenchmarkException, IOException, InterruptedException {
        messages.println("measuring list");
        Samples samples = new Samples();
        for (int i = 0; i < LISTINGS; i++) {
            // In the user's own directory: the command may be relative to it.
            Run run = Run.of(Path.of("").toAbsolutePath(), List.of("env", "TREFOIL_DIR=" + daemon.state(), command, "list"));
            if (run.status() != 0 || !run.out().contains("idle0")) {
                throw new BenchmarkException("trefoil list: " + run.fault("a list of servers"), command + " list");
            }
            samples.add(run.nanos());
        }
        report.row(new Report.Row("trefoil list with " + count + " servers, from a shell", "trefoil list", samples, Double.NaN, null));
    }

    private void figure(String section, String name, double value, String unit, String format) {
        report.figure(section, name, value, unit, String.format(Locale.ROOT, format, value));
    }
}
