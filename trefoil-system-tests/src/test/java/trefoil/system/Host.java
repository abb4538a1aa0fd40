package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Trefoil of the tests' own on this machine: the built distribution on a state directory in {@code /tmp}, used by its
 * command line only. All tests of a run share one, so that images are built once; {@link NothingIsLeftTest}, the last,
 * ends it and looks for what it left behind.
 */
final class Host {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Path HOME = Path.of(System.getProperty("trefoil.home", "../trefoil-dist/target/trefoil"))
            .toAbsolutePath()
            .normalize();

    private final Path directory;
    private final Leftovers leftovers;

    private Host(Path directory) {
        this.directory = directory;
        this.leftovers = new Leftovers(directory);
    }

    private static final class Shared {
        static final Host HOST = begin();
    }

    /** The one of this run. */
    static Host shared() {
        return Shared.HOST;
    }

    private static Host begin() {
        try {
            assertThat(HOME.resolve("bin/trefoil")).as("the distribution, made by `mvn package`").isExecutable();
            assertThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                    .as("user id: system tests make namespaces and bridges and need root")
                    .isEqualTo(0);
            // Short, for a Unix socket's path may have 107 octets (unix(7)).
            Host host = new Host(Files.createTempDirectory("trefoil-t"));
            Runtime.getRuntime().addShutdownHook(new Thread(host::abandon));
            return host;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The state directory. */
    Path directory() {
        return directory;
    }

    /** The distribution. */
    static Path home() {
        return HOME;
    }

    /** Runs the command to its end. */
    Outcome trefoil(String... arguments) {
        return trefoil(new byte[0], arguments);
    }

    /** Runs the command to its end with {@code input} on its standard input. */
    Outcome trefoil(byte[] input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(HOME.resolve("bin/trefoil").toString()));
        command.addAll(Arrays.asList(arguments));
        return run(command, input);
    }

    /** Runs any program with this host's environment to its end. */
    Outcome run(List<String> command, byte[] input) {
        try {
            Process process = builder(command).start();
            Thread killer = Thread.ofVirtual().start(() -> endLate(process));
            Thread writer = Thread.ofVirtual().start(() -> write(process, input));
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Thread reader = Thread.ofVirtual().start(() -> copy(process.getErrorStream(), err));
            byte[] out = process.getInputStream().readAllBytes();
            reader.join();
            writer.join();
            int status = process.waitFor();
            killer.interrupt();
            return new Outcome(command, status, out, err.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while running " + command, e);
        }
    }

    /** A program, not yet started, with this host's environment. */
    ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("TREFOIL_DIR", directory.toString());
        builder.environment().remove("TREFOIL_HOME");
        return builder;
    }

    /** Runs the command on a terminal, to be typed at. */
    Terminal terminal(String... arguments) {
        List<String> words = new ArrayList<>(List.of(HOME.resolve("bin/trefoil").toString()));
        words.addAll(Arrays.asList(arguments));
        return Terminal.run(builder(List.of()), words);
    }

    private static void endLate(Process process) {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            // it ended in time
        }
    }

    private static void write(Process process, byte[] input) {
        try (var stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException e) {
            // it ended without reading all: its status says why
        }
    }

    private static void copy(InputStream from, ByteArrayOutputStream to) {
        try (from) {
            from.transferTo(to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Process id of the daemon: the process that holds the state directory's environment and runs its main class. */
    long daemon() {
        List<Long> daemons = leftovers.processes().stream()
                .filter(pid -> Leftovers.commandLine(pid).contains("trefoil.daemon/trefoil.daemon.Main"))
                .toList();
        assertThat(daemons).as("daemons of %s", directory).hasSize(1);
        return daemons.getFirst();
    }

    /** Kills the daemon with a signal that it cannot catch, and waits until it is gone. */
    void killDaemon() {
        ProcessHandle daemon = ProcessHandle.of(daemon()).orElseThrow();
        daemon.destroyForcibly();
        daemon.onExit().join();
    }

    /** Deletes all servers, ends the daemon, and tells what is left of it all. */
    List<String> end() {
        List<String> complaints = new ArrayList<>();
        Outcome list = trefoil("list", "--format", "json");
        if (list.status() == 0) {
            for (var server : list.objects()) {
                complaints.add("server " + server.get("name") + ", which its test should have deleted");
                trefoil("delete", String.valueOf(server.get("name")), "--force");
            }
        } else {
            complaints.add("list fails at the end: " + list);
        }
        Outcome stop = trefoil("daemon", "stop", "--servers");
        if (stop.status() != 0) {
            complaints.add("daemon stop fails: " + stop);
        }
        leftovers.awaitEnd();
        complaints.addAll(leftovers.found());
        return complaints;
    }

    /** Ends by force whatever is left. */
    void abandon() {
        leftovers.remove();
    }
}
