package trefoil.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.api.Network;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.ServerStatus;
import trefoil.api.StateChange;
import trefoil.daemon.lifecycle.Servers;
import trefoil.daemon.operation.OperationRun;

/**
 * Kills the daemon at the first step of a change, at the second, … until the change gets through; each time a new daemon
 * starts on what is left and must find everything whole or nothing at all.
 */
class CrashTest {
    @TempDir
    Path temporary;

    private final List<Daemon> abandoned = new ArrayList<>();

    /** What is done before the crash, and what is done while it comes. */
    @FunctionalInterface
    interface Doing {
        void with(Servers servers, Daemon daemon) throws IOException, InterruptedException;
    }

    private static ServerConfig config(String name) {
        return new ServerConfig(name, World.IMAGE, null, null, null, null, null, null, null, null, null, null, null);
    }

    private static void done(OperationRun run) throws InterruptedException {
        assertThat(run.await(20_000, -1).done()).isTrue();
    }

    private static void launch(Servers servers) throws InterruptedException {
        done(servers.create(config("one"), true, "none", 1000));
    }

    /** Runs the scenario for each n. @return the steps at which the daemon was killed */
    private List<String> everywhere(Doing before, Doing change, Doing afterwards) throws IOException, InterruptedException {
        return everywhere(World.CONFIGURATION, before, change, afterwards);
    }

    private List<String> everywhere(HostConfiguration killed, Doing before, Doing change, Doing afterwards)
            throws IOException, InterruptedException {
        List<String> steps = new ArrayList<>();
        for (int n = 1; n < 200; n++) {
            World world = new World();
            StateDirectory directory = StateDirectory.at(temporary.resolve("n" + n));
            CrashAt crash = new CrashAt();
            Daemon daemon = Daemon.start(directory, killed, world.parts(crash));
            before.with(daemon.hosting().servers(), daemon);
            crash.arm(n);
            try {
                change.with(daemon.hosting().servers(), daemon);
            } catch (CrashAt.Killed e) {
                assertThat(crash.died()).isNotNull();
            }
            if (crash.died() == null) {
                daemon.close();
                return steps;
            }
            steps.add(crash.died());
            daemon.die();
            abandoned.add(daemon);
            CrashAt none = new CrashAt();
            try (Daemon next = Daemon.start(directory, World.CONFIGURATION, world.parts(none))) {
                whole(world, directory, next, "killed at step " + n + ": " + crash.died());
                afterwards.with(next.hosting().servers(), next);
                whole(world, directory, next, "after going on; killed at step " + n + ": " + crash.died());
            }
        }
        throw new AssertionError("it never got through");
    }

    /** Every server is there wholly, or not at all. */
    private static void whole(World world, StateDirectory directory, Daemon daemon, String when) throws IOException {
        List<Server> servers = daemon.hosting().servers().list();
        Set<String> all = servers.stream().map(Server::name).collect(Collectors.toCollection(TreeSet::new));
        Set<String> alive = servers.stream()
                .filter(server -> server.status() == ServerStatus.RUNNING)
                .map(Server::name)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> files = new TreeSet<>();
        try (var found = Files.list(directory.servers())) {
            found.forEach(path -> files.add(path.getFileName().toString()));
        }
        assertThat(files).as(when + ": directories").isEqualTo(all);
        assertThat(directory.state().resolve("orphans")).as(when + ": files that the journal did not know of").doesNotExist();
        for (String name : all) {
            assertThat(directory.server(name).resolve("upper")).as(when).isDirectory();
        }
        assertThat(new TreeSet<>(world.running.keySet())).as(when + ": processes").isEqualTo(alive);
        assertThat(world.begun).as(when + ": processes that wait").isEmpty();
        assertThat(new TreeSet<>(world.leases.keySet())).as(when + ": leases").isEqualTo(alive);
        assertThat(daemon.hosting().journal().unfinished()).as(when + ": journal").isEmpty();
        Set<String> bridges =
                daemon.hosting().networks().list().stream().map(Network::bridge).collect(Collectors.toCollection(TreeSet::new));
        assertThat(bridges).as(when + ": bridges").containsAll(world.up);
    }

    @Test
    void launch() throws IOException, InterruptedException {
        List<String> steps = everywhere((servers, daemon) -> {}, (servers, daemon) -> launch(servers), (servers, daemon) -> {
            if (servers.list().isEmpty()) {
                launch(servers);
            }
            assertThat(servers.server("one").status()).isEqualTo(ServerStatus.RUNNING);
        });
        assertThat(steps).contains("engine: half of the files", "engine: a process but no network", "networks: attached", "networks: up");
        assertThat(steps).hasSizeGreaterThan(12);
    }

    /** The second server is made of what was begun when the first was launched. */
    @Test
    void launchOfWhatWasBegun() throws IOException, InterruptedException {
        List<String> steps = everywhere(
                World.ahead(1),
                (servers, daemon) -> {
                    launch(servers);
                    awaitBegun(daemon);
                },
                (servers, daemon) -> done(servers.create(config("two"), true, "none", 1000)),
                (servers, daemon) -> {
                    if (servers.list().size() < 2) {
                        done(servers.create(config("two"), true, "none", 1000));
                    }
                    assertThat(servers.server("one").status()).isEqualTo(ServerStatus.RUNNING);
                    assertThat(servers.server("two").status()).isEqualTo(ServerStatus.RUNNING);
                });
        assertThat(steps).contains("networks: before rename", "engine: before start from what was begun", "engine: started");
    }

    private static void awaitBegun(Daemon daemon) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (daemon.hosting().spares() == 0) {
            assertThat(System.nanoTime()).as("nothing is begun").isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void create() throws IOException, InterruptedException {
        everywhere((servers, daemon) -> {}, (servers, daemon) -> done(servers.create(config("one"), false, "none", 0)), (servers, daemon) -> {
            if (servers.list().isEmpty()) {
                done(servers.create(config("one"), false, "none", 0));
            }
            assertThat(servers.server("one").status()).isEqualTo(ServerStatus.STOPPED);
        });
    }

    @Test
    void start() throws IOException, InterruptedException {
        everywhere(
                (servers, daemon) -> done(servers.create(config("one"), false, "none", 0)),
                (servers, daemon) -> done(servers.state("one", new StateChange("start", null, null))),
                (servers, daemon) -> {
                    if (servers.server("one").status() == ServerStatus.STOPPED) {
                        done(servers.state("one", new StateChange("start", null, null)));
                    }
                    assertThat(servers.server("one").status()).isEqualTo(ServerStatus.RUNNING);
                });
    }

    @Test
    void delete() throws IOException, InterruptedException {
        List<String> steps = everywhere(
                (servers, daemon) -> done(servers.create(config("one"), false, "none", 0)),
                (servers, daemon) -> done(servers.delete("one", false)),
                (servers, daemon) -> {
                    if (!servers.list().isEmpty()) {
                        done(servers.delete("one", false));
                    }
                    assertThat(servers.list()).isEmpty();
                    launch(servers);
                });
        assertThat(steps).contains("engine: half of the files deleted");
    }

    @Test
    void deleteWithForceWhileItRuns() throws IOException, InterruptedException {
        everywhere(
                (servers, daemon) -> launch(servers),
                (servers, daemon) -> done(servers.delete("one", true)),
                (servers, daemon) -> {
                    if (!servers.list().isEmpty()) {
                        done(servers.delete("one", true));
                    }
                    assertThat(servers.list()).isEmpty();
                });
    }

    @Test
    void stop() throws IOException, InterruptedException {
        everywhere(
                (servers, daemon) -> launch(servers),
                (servers, daemon) -> done(servers.state("one", new StateChange("stop", null, null))),
                (servers, daemon) -> {
                    if (servers.server("one").status() == ServerStatus.RUNNING) {
                        done(servers.state("one", new StateChange("stop", true, null)));
                    }
                    assertThat(servers.server("one").status()).isEqualTo(ServerStatus.STOPPED);
                });
    }

    @Test
    void rename() throws IOException, InterruptedException {
        everywhere(
                (servers, daemon) -> done(servers.create(config("one"), false, "none", 0)),
                (servers, daemon) -> servers.rename("one", "two"),
                (servers, daemon) -> {
                    String name = servers.list().getFirst().name();
                    assertThat(name).isIn("one", "two");
                    done(servers.state(name, new StateChange("start", null, null)));
                    assertThat(servers.server(name).status()).isEqualTo(ServerStatus.RUNNING);
                });
    }

    @Test
    void makeAndDeleteNetwork() throws IOException, InterruptedException {
        Network network = new Network("lab", "10.9.0.1/24", "none", true, null, null, null, null);
        everywhere((servers, daemon) -> {}, (servers, daemon) -> daemon.hosting().networks().create(network), (servers, daemon) -> {
            if (daemon.hosting().networks().list().isEmpty()) {
                daemon.hosting().networks().create(network);
            }
        });
        temporary = temporary.resolve("deleting");
        everywhere(
                (servers, daemon) -> daemon.hosting().networks().create(network),
                (servers, daemon) -> daemon.hosting().networks().delete("lab"),
                (servers, daemon) -> {
                    if (!daemon.hosting().networks().list().isEmpty()) {
                        daemon.hosting().networks().delete("lab");
                    }
                });
    }

    /** A journal that does not write down deeds of one kind: what {@link #everywhere} must notice, or it shows nothing. */
    private static void forget(Daemon daemon, String deed) throws IOException {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + daemon.directory().database()); Statement statement = raw.createStatement()) {
            statement.executeUpdate("CREATE TRIGGER forget BEFORE INSERT ON journal WHEN NEW.deed = '" + deed + "' BEGIN SELECT RAISE(IGNORE); END");
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aLaunchThatForgetsItsDeedIsFoundOut() {
        assertThatThrownBy(() -> everywhere((servers, daemon) -> forget(daemon, "launch"), (servers, daemon) -> launch(servers), (servers, daemon) -> {}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("killed at step");
    }

    @Test
    void aStopThatForgetsItsDeedIsFoundOut() {
        assertThatThrownBy(() -> everywhere(
                        (servers, daemon) -> {
                            launch(servers);
                            forget(daemon, "run");
                        },
                        (servers, daemon) -> done(servers.state("one", new StateChange("stop", null, null))),
                        (servers, daemon) -> {}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("leases");
    }

    @ParameterizedTest
    @ValueSource(strings = {"files", "run", "delete", "move", "bridge"})
    void aChangeThatForgetsItsDeedIsFoundOut(String deed) {
        Network network = new Network("lab", "10.9.0.1/24", "none", true, null, null, null, null);
        assertThatThrownBy(() -> everywhere(
                        (servers, daemon) -> {
                            done(servers.create(config("one"), false, "none", 0));
                            forget(daemon, deed);
                        },
                        (servers, daemon) -> {
                            switch (deed) {
                                case "files" -> done(servers.create(config("two"), false, "none", 0));
                                case "run" -> done(servers.state("one", new StateChange("start", null, null)));
                                case "delete" -> done(servers.delete("one", false));
                                case "move" -> servers.rename("one", "two");
                                default -> daemon.hosting().networks().create(network);
                            }
                        },
                        (servers, daemon) -> {}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("killed at step");
    }
}
