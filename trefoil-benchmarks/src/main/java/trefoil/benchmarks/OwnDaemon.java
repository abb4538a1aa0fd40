package trefoil.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import trefoil.api.Server;
import trefoil.api.ServerStatus;
import trefoil.client.DaemonUnreachableException;
import trefoil.client.TrefoilClient;

/** A daemon of the benchmark's own, on a state directory of its own. Not thread-safe. */
final class OwnDaemon {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

    private final Path home;
    private final Path state;
    private final TrefoilClient client;
    private Process process;

    /**
     * @param home the distribution
     * @param state the state directory, to be made
     */
    OwnDaemon(Path home, Path state) {
        this.home = home;
        this.state = state;
        this.client = new TrefoilClient(state.resolve("run/unix.socket"));
    }

    TrefoilClient client() {
        return client;
    }

    Path state() {
        return state;
    }

    long pid() {
        return process.pid();
    }

    /** Process id of the keeper, which holds servers while no daemon runs; the engine writes it down. */
    long keeper() throws IOException {
        return Long.parseLong(Files.readString(state.resolve("run/keeper.pid")).strip());
    }

    /** Starts it; returns nanoseconds until its API answers. */
    long start() throws BenchmarkException, IOException, InterruptedException {
        Files.createDirectories(state);
        long began = System.nanoTime();
        // In a session of its own: an interrupt at the terminal is for the benchmark, which then ends it.
        ProcessBuilder builder = new ProcessBuilder(List.of("setsid", home.resolve("bin/trefoil-daemon").toString()))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(state.resolve("stderr").toFile());
        builder.environment().put("TREFOIL_DIR", state.toString());
        process = builder.start();
        await("the daemon does not answer", this::answers);
        return System.nanoTime() - began;
    }

    /** Kills it as a crash would, starts another, and returns nanoseconds until that has listed {@code servers} running ones. */
    long killAndRestart(int servers) throws BenchmarkException, IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        long began = System.nanoTime();
        start();
        await("the daemon does not take up all servers", () -> running() >= servers);
        return System.nanoTime() - began;
    }

    private boolean answers() {
        try {
            client.host();
            return true;
        } catch (DaemonUnreachableException e) {
            return false;
        } catch (IOException e) {
            // a connection of its predecessor
            return false;
        }
    }

    private long running() {
        try {
            return client.servers().stream().map(Server::status).filter(ServerStatus.RUNNING::equals).count();
        } catch (IOException e) {
            return 0;
        }
    }

    private void await(String complaint, BooleanSupplier condition) throws BenchmarkException, InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                throw new BenchmarkException(complaint + (process.isAlive() ? "" : ": it ended with status " + process.exitValue()),
                        "look at " + state.resolve("daemon.log") + " and " + state.resolve("stderr"));
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    /** Kills its servers, machines that would need their time to power off among them, and ends it. */
    void endAtOnce() throws IOException, InterruptedException {
        try {
            if (process != null && process.isAlive()) {
                client.servers().stream().filter(server -> server.pid() != null).forEach(server -> ProcessHandle.of(server.pid()).ifPresent(ProcessHandle::destroyForcibly));
            }
        } finally {
            end();
        }
    }

    /** Ends it, its servers first. */
    void end() throws IOException, InterruptedException {
        if (process != null && process.isAlive()) {
            try {
                client.shutdown(true);
                process.waitFor(60, TimeUnit.SECONDS);
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        client.close();
    }
}
