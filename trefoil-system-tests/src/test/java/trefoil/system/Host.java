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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * A Trefoil of the tests' own on this machine: the built distribution on a state directory in {@code /tmp}, used by its
 * command line only. All tests of a run share one, so that images are built once; {@link NothingIsLeftTest}, the last,
 * ends it and looks for what it left behind.
 */
final class Host implements AutoCloseable {
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
        return begin("trefoil-t");
    }

    /** One with a state directory of its own and the image busybox, for tests that damage it or end its daemon. {@link #close} it. */
    static Host apart() {
        return begin("trefoil-a").withBusybox();
    }

    /** Brings the shared host's image over, which is faster than to build it again. */
    Host withBusybox() {
        shared().trefoil("image", "build", "busybox").ok();
        byte[] archive = shared().trefoil("image", "export", "busybox", "-").ok().octets();
        try {
            Path file = Files.write(Files.createTempFile("trefoil-busybox", ".tar.zst"), archive);
            try {
                trefoil("image", "import", file.toString(), "busybox").ok();
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** One with this state directory. {@link #close} it. */
    static Host at(Path directory) {
        Host host = new Host(directory);
        Runtime.getRuntime().addShutdownHook(new Thread(host::abandon));
        return host;
    }

    private static Host begin(String prefix) {
        try {
            assertThat(HOME.resolve("bin/trefoil")).as("the distribution, made by `mvn package`").isExecutable();
            assertThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                    .as("user id: system tests make namespaces and bridges and need root")
                    .isEqualTo(0);
            // Short, for a Unix socket's path may have 107 octets (unix(7)).
            return at(Files.createTempDirectory(prefix));
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
        return run(builder(command), input);
    }

    /** Runs a program to its end. */
    static Outcome run(ProcessBuilder builder, byte[] input) {
        List<String> command = builder.command();
        try {
            Process process = builder.start();
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

    /** Processes that hold the state directory's environment and run the daemon's main class. */
    private List<Long> daemons() {
        return leftovers.processes().stream()
                .filter(pid -> Leftovers.commandLine(pid).contains("trefoil.daemon/trefoil.daemon.Main"))
                .toList();
    }

    /** Process id of the daemon. */
    long daemon() {
        List<Long> daemons = daemons();
        assertThat(daemons).as("daemons of %s", directory).hasSize(1);
        return daemons.getFirst();
    }

    /** Kills the daemon with a signal that it cannot catch, and waits until it is gone. */
    void killDaemon() {
        kill(daemon());
    }

    /** Kills whatever daemon there is, if there is one: it may just be starting, or wait for another's end. */
    void killDaemons() {
        daemons().forEach(Host::kill);
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    /** All servers as the API tells of them, by name. */
    Map<String, Map<String, Object>> servers() {
        return trefoil("query", "/1.0/servers").ok().objects().stream()
                .collect(Collectors.toMap(server -> String.valueOf(server.get("name")), server -> server, (one, other) -> one, TreeMap::new));
    }

    /** Numbers of all processes of this host and of its servers. */
    List<Long> processes() {
        return leftovers.processes();
    }

    /**
     * Waits until each of these processes 1 has a control group and nothing else has, but what the daemon has begun ahead of
     * need, which is a process too; and until there is a network cable for each.
     *
     * @param when told when it fails
     */
    void awaitOnly(Set<Long> servers, String when) {
        Awaitility.await(when + ": control groups and cables of " + servers + " and of nothing else")
                .atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> {
                    Map<String, Set<Long>> groups = leftovers.groups();
                    assertThat(groups.values().stream().flatMap(Set::stream).filter(servers::contains)).containsExactlyInAnyOrderElementsOf(servers);
                    assertThat(groups.entrySet()).allMatch(group -> !Collections.disjoint(group.getValue(), servers)
                            || group.getKey().endsWith("-begun") && group.getValue().size() == 1);
                    assertThat(leftovers.cables()).as("cables for the groups %s", groups).hasSameSizeAs(groups.keySet());
                });
    }

    /** The names of all servers. */
    List<String> names() {
        return trefoil("list", "--format", "json").ok().objects().stream().map(row -> String.valueOf(row.get("name"))).toList();
    }

    /** What the API answers to a GET. */
    Map<String, Object> query(String path) {
        return trefoil("query", path).ok().object();
    }

    /** Deletes all servers, ends the daemon, and tells what is left of it all. */
    List<String> end() {
        List<String> complaints = new ArrayList<>();
        leftovers.noteKeeper();
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

    /** Ends it; fails when anything of it is left. */
    @Override
    public void close() {
        try {
            assertThat(end()).as("left behind by %s", directory).isEmpty();
        } finally {
            abandon();
        }
        assertThat(directory).doesNotExist();
    }

    /** What stands in the daemon's log. */
    String log() {
        try {
            return Files.readString(directory.resolve("daemon.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends by force whatever is left. */
    void abandon() {
        leftovers.remove();
    }
}
