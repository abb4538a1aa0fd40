package trefoil.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import trefoil.api.Event;
import trefoil.api.ExecRequest;
import trefoil.api.Operation;
import trefoil.api.RestartPolicy;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.client.EventStream;
import trefoil.client.ServerStream;

/**
 * Trefoil through its daemon's API: {@code POST /1.0/servers?start=true} of an ephemeral server with a command of its own,
 * on the default network, until the event that it has stopped: its exit status is known and kept in the database. An
 * address is taken and a veth pair made for each. Its removal follows; it is waited for off the clock, so that it is
 * charged to nobody else, and shown beside.
 */
final class TrefoilContender implements Contender, AutoCloseable {
    static final String IMAGE = "busybox";
    static final String PHASES = "trefoil's way there and on";
    private static final long PATIENCE_SECONDS = 30;

    private final OwnDaemon daemon;
    private final EventStream events;
    private final Map<String, Life> lives = new ConcurrentHashMap<>();
    private Samples untilStarted = new Samples();
    private Samples untilStopped = new Samples();
    private Samples untilRemoved = new Samples();
    private int number;

    /** Moments of a server, by System.nanoTime, as its events arrive. */
    private static final class Life {
        private final CountDownLatch gone = new CountDownLatch(1);
        private volatile long started;
        private volatile long stopped;
        private volatile long deleted;

        void note(String action) {
            long now = System.nanoTime();
            switch (action) {
                case "server-started" -> started = now;
                case "server-stopped" -> stopped = now;
                case "server-deleted" -> {
                    deleted = now;
                    gone.countDown();
                }
                default -> {} // creation, usability and the like
            }
        }
    }

    TrefoilContender(OwnDaemon daemon) throws IOException {
        this.daemon = daemon;
        this.events = daemon.client().events("lifecycle");
        Thread.ofPlatform().daemon().name("events").start(this::listen); // reads at once, where a virtual thread is woken by another
    }

    private void listen() {
        try {
            for (Event event = events.next(); event != null; event = events.next()) {
                Life life = lives.get(event.resource());
                if (life != null) {
                    life.note(event.action());
                }
            }
        } catch (IOException e) {
            // the daemon ended: whoever waits will say so
        }
    }

    @Override
    public String name() {
        return "trefoil";
    }

    @Override
    public String isolation() {
        return "user, pid, mount, uts, ipc, net, cgroup namespaces, cgroups; seccomp allow list; overlay root, veth, saved state";
    }

    @Override
    public long startToExit() throws BenchmarkException, IOException, InterruptedException {
        String name = "echo" + number++;
        ServerConfig config = config(name, null, List.of("/bin/sh", "-c", "echo hi"), true);
        String path = "/1.0/servers/" + name;
        Life life = new Life();
        lives.put(path, life);
        try {
            long began = System.nanoTime();
            Operation operation = daemon.client().create(config, true, "none");
            if (!life.gone.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                Operation now = daemon.client().operation(operation.id());
                throw new BenchmarkException("trefoil: " + name + " is not over after " + PATIENCE_SECONDS + " s"
                        + (now.error() == null ? "" : ": " + now.error().message()), "trefoil doctor");
            }
            untilStarted.add(life.started - began);
            untilStopped.add(life.stopped - began);
            untilRemoved.add(life.deleted - began);
            return life.stopped - began;
        } finally {
            lives.remove(path);
        }
    }

    /** Runs the command once in a server that is kept, and looks at its exit status and console: the measured runs leave none. */
    void verify() throws BenchmarkException, IOException, InterruptedException {
        String name = "verify";
        succeed(daemon.client().create(config(name, null, List.of("/bin/sh", "-c", "echo hi"), false), true, "none"));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        Server server = daemon.client().server(name);
        while (server.lastExit() == null && System.nanoTime() - end < 0) {
            Thread.sleep(Duration.ofMillis(5));
            server = daemon.client().server(name);
        }
        String log;
        try (var in = daemon.client().log(name, false)) {
            log = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        succeed(daemon.client().delete(name, true));
        if (server.lastExit() == null || !Integer.valueOf(0).equals(server.lastExit().status()) || !log.strip().equals("hi")) {
            throw new BenchmarkException("trefoil: the command ended with " + server.lastExit() + " and wrote \"" + log.strip() + "\"",
                    "trefoil doctor");
        }
    }

    /** Starts a server that idles; returns nanoseconds until its process 1 runs. */
    long startIdle(String name, String network) throws BenchmarkException, IOException {
        long began = System.nanoTime();
        succeed(daemon.client().create(config(name, network, List.of("/bin/sleep", "1000000"), false), true, "none"));
        return System.nanoTime() - began;
    }

    /** Runs {@code echo hi} in a running server; returns nanoseconds. */
    long exec(String server) throws BenchmarkException, IOException {
        long began = System.nanoTime();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int status = -1;
        ExecRequest request = new ExecRequest(List.of("/bin/echo", "hi"), null, null, null, false, null, null, false);
        try (ServerStream stream = daemon.client().exec(server, request)) {
            while (status < 0) {
                switch (stream.receive()) {
                    case ServerStream.Output(boolean error, var data) -> {
                        byte[] octets = new byte[data.remaining()];
                        data.get(octets);
                        out.writeBytes(octets);
                    }
                    case ServerStream.Exit(int exit) -> status = exit;
                    case ServerStream.Failure(String message, Integer ignored) ->
                        throw new BenchmarkException("trefoil exec: " + message, "trefoil doctor");
                    case ServerStream.Ended(int code, String reason) ->
                        throw new BenchmarkException("trefoil exec: the stream ended early: " + code + " " + reason, "trefoil doctor");
                }
            }
        }
        long nanos = System.nanoTime() - began;
        if (status != 0 || !out.toString(StandardCharsets.UTF_8).equals("hi\n")) {
            throw new BenchmarkException("trefoil exec: exit status " + status + ", wrote \"" + out.toString(StandardCharsets.UTF_8) + "\"",
                    "trefoil doctor");
        }
        return nanos;
    }

    /** Waits for an operation to succeed. */
    void succeed(Operation operation) throws BenchmarkException, IOException {
        Operation ended = daemon.client().await(operation, null, now -> {});
        if (ended.error() != null) {
            throw new BenchmarkException("trefoil: " + ended.error().message(), "trefoil doctor");
        }
    }

    private static ServerConfig config(String name, String network, List<String> command, boolean ephemeral) {
        return new ServerConfig(name, IMAGE, null, null, network, null, command, null, false, RestartPolicy.NEVER, false, ephemeral,
                "made by trefoil bench");
    }

    /** Enters how far a server has come when: its process 1 runs, and its end is noted and undone on the host. */
    void reportPhases(Report report) {
        report.row(new Report.Row(PHASES, "started", untilStarted, Double.NaN, null));
        report.row(new Report.Row(PHASES, "exit noted", untilStopped, Double.NaN, null));
        report.row(new Report.Row(PHASES, "removed", untilRemoved, Double.NaN, null));
        report.note("trefoil's time ends when the exit status is kept and told; \"removed\" is when nothing of the server is left,"
                + " which a crun that runs a container to its end does before it returns");
        report.median(OsBenchmark.START_TO_EXIT, "crun").ifPresent(crun -> {
            double ratio = untilRemoved.medianMillis() / crun;
            report.figure("ratios", "start until removed / crun", ratio, "", String.format(Locale.ROOT, "%.2f", ratio));
        });
    }

    /** Forgets the warm-up. */
    void beginAnew() {
        untilStarted = new Samples();
        untilStopped = new Samples();
        untilRemoved = new Samples();
    }

    /** CPU time of daemon and keeper, and of what they waited for. */
    @Override
    public long cpuNanos() throws IOException {
        return HostFigures.cpuNanos(List.of(daemon.pid(), daemon.keeper()));
    }

    @Override
    public void close() throws IOException {
        events.close();
    }
}
