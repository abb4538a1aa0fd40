package trefoil.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import trefoil.api.ApiException;
import trefoil.api.Event;
import trefoil.api.ExecRequest;
import trefoil.api.Operation;
import trefoil.api.RestartPolicy;
import trefoil.api.ServerConfig;
import trefoil.api.StateChange;
import trefoil.client.EventStream;
import trefoil.client.ServerStream;
import trefoil.client.TrefoilClient;

/**
 * Work for a daemon that records its start-up cache (JEP 514, JEP 515): a daemon started with that cache has the classes
 * and the profiles of what is done here, and compiles it at once instead of after thousands of calls. Servers are started,
 * executed in, listed, stopped and deleted, on an image of {@link TrainingImage} that needs no download. Not part of any
 * measurement. At its end the daemon is told to end and to take everything with it.
 *
 * <p>{@code adopted} as first argument leaves the servers to the next daemon, which thus takes them up as after a crash.
 */
final class Training {
    private static final int ADOPTED = 60;
    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final int STARTS = 400;
    private static final int EXECUTIONS = 200;
    private static final int LOOKS = 100;
    private static final int PATIENCE_SECONDS = 20;
    private static final List<String> IDLE = List.of(TrainingImage.IDLE);
    private static final List<String> ECHO = List.of(TrainingImage.ECHO, "-c", "echo hi");

    private final TrefoilClient client;
    private final long end = System.nanoTime() + LONGEST.toNanos();
    private String network;
    private volatile CountDownLatch gone = new CountDownLatch(0);

    private Training(TrefoilClient client) {
        this.client = client;
    }

    /** Exit status: 0 done, 1 failed, 2 wrong usage. */
    public static void main(String[] args) {
        System.exit(run(List.of(args), System.err));
    }

    private static int run(List<String> arguments, PrintStream messages) {
        String state = System.getenv("TREFOIL_DIR");
        if (state == null || arguments.size() != 1 || !List.of("adopted", "whole").contains(arguments.getFirst())) {
            messages.println("usage: TREFOIL_DIR=DIRECTORY training adopted|whole");
            return 2;
        }
        try (TrefoilClient client = new TrefoilClient(Path.of(state, "run/unix.socket"))) {
            Training training = new Training(client);
            if (arguments.getFirst().equals("adopted")) {
                training.leaveServers();
            } else {
                training.work();
            }
            return 0;
        } catch (IOException | BenchmarkException e) {
            messages.println("error: " + e.getMessage());
        } catch (InterruptedException e) {
            messages.println("error: interrupted");
        }
        return 1;
    }

    private void leaveServers() throws IOException, BenchmarkException {
        byte[] archive = TrainingImage.archive();
        succeed(client.importImage(new ByteArrayInputStream(archive), archive.length, TrainingImage.NAME, null));
        for (int i = 0; i < ADOPTED; i++) {
            launch("adopted" + i, IDLE, false);
        }
    }

    private void work() throws IOException, BenchmarkException, InterruptedException {
        try {
            try (EventStream events = client.events("lifecycle")) {
                Thread listener = Thread.ofVirtual().start(() -> listen(events));
                for (int i = 0; i < STARTS && inTime(0.6); i++) {
                    gone = new CountDownLatch(1);
                    launch("echo" + i, ECHO, true);
                    if (!gone.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                        throw new BenchmarkException("a server does not end", null);
                    }
                }
                listener.interrupt();
            }
            launch("idle", IDLE, false);
            for (int i = 0; i < EXECUTIONS && inTime(0.85); i++) {
                execute();
            }
            for (int i = 0; i < LOOKS && inTime(1); i++) {
                client.servers();
                client.server("idle");
                client.usage();
            }
            succeed(client.changeState("idle", new StateChange("stop", true, 1)));
            succeed(client.delete("idle", true));
        } finally {
            client.shutdown(true);
        }
    }

    private boolean inTime(double share) {
        return System.nanoTime() < end - (long) ((1 - share) * LONGEST.toNanos());
    }

    private void listen(EventStream events) {
        try {
            for (Event event = events.next(); event != null; event = events.next()) {
                if (event.action().equals("server-deleted")) {
                    gone.countDown();
                }
            }
        } catch (IOException e) {
            gone.countDown(); // the stream was closed: nobody waits any more
        }
    }

    /** On the default network, or on none where this machine cannot have it. */
    private void launch(String name, List<String> command, boolean ephemeral) throws IOException, BenchmarkException {
        try {
            succeed(client.create(config(name, command, ephemeral), true, "none"));
        } catch (BenchmarkException | ApiException e) {
            if (network != null) {
                throw e;
            }
            network = "none";
            succeed(client.create(config(name, command, ephemeral), true, "none"));
        }
    }

    private ServerConfig config(String name, List<String> command, boolean ephemeral) {
        return new ServerConfig(name, TrainingImage.NAME, null, null, network, null, command, null, false, RestartPolicy.NEVER, false,
                ephemeral, null);
    }

    private void execute() throws IOException, BenchmarkException {
        ExecRequest request = new ExecRequest(ECHO, null, null, null, false, null, null, false);
        try (ServerStream stream = client.exec("idle", request)) {
            while (true) {
                switch (stream.receive()) {
                    case ServerStream.Output _ -> {}
                    case ServerStream.Exit _ -> {
                        return;
                    }
                    case ServerStream.Failure(String message, Integer _) -> throw new BenchmarkException(message, null);
                    case ServerStream.Ended(int code, String reason) -> throw new BenchmarkException(code + " " + reason, null);
                }
            }
        }
    }

    private void succeed(Operation operation) throws IOException, BenchmarkException {
        Operation ended = client.await(operation, null, now -> {});
        if (ended.error() != null) {
            throw new BenchmarkException(ended.error().message(), null);
        }
    }
}
