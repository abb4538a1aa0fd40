package trefoil.daemon.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.api.ExitRecord;
import trefoil.api.Limits;
import trefoil.api.PortForward;
import trefoil.api.RestartPolicy;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;
import trefoil.api.ServerStatus;

/** What is kept comes back as it was, whatever else happens. */
class DatabaseTest {
    @TempDir
    Path temporary;

    private static ServerRecord server(String name, int idBase) {
        ServerConfig config = new ServerConfig(
                name, "debian:12", ServerKind.OS, new Limits(1, 1.5, 2L, 3L, 0L, 4L, null, null, null, null, 5L), "default",
                List.of(new PortForward("tcp", "::1", 80, 8080)), List.of("/bin/sh", "-c", "echo \"ü\" 'x'"),
                Map.of("A", "b\nc"), true, RestartPolicy.ALWAYS, false, true, "größe; DROP TABLE servers --");
        Place place = new Place("default", name, "ve1", "02:00:00:00:00:01", "10.0.0.2", null);
        return new ServerRecord(
                name, config, "f".repeat(64), "debian:12", "Debian", idBase, place, List.of("/bin/sh"), Map.of("A", "b"),
                ServerStatus.RUNNING, null, 1, 2L, 3L, new ExitRecord(null, 9, "kill", 4), 5, List.of("limits.disk"));
    }

    @Test
    void serversComeBackAsTheyWere() {
        Path file = temporary.resolve("db");
        try (Database database = Database.open(file)) {
            database.transaction(s -> {
                Kept.save(s, server("b", 2));
                Kept.save(s, server("a", 1));
                return null;
            });
        }
        try (Database database = Database.open(file)) {
            assertThat(database.transaction(Kept::servers)).containsExactly(server("a", 1), server("b", 2));
        }
    }

    @Test
    void itKnowsWhetherAnyServerIsToBeAlive() {
        try (Database database = Database.open(temporary.resolve("db"))) {
            assertThat(database.transaction(Kept::anyAlive)).isFalse();
            for (ServerStatus status : ServerStatus.values()) {
                ServerRecord server = server("a", 1).status(status, null);
                database.transaction(s -> {
                    Kept.save(s, server);
                    return null;
                });
                assertThat(database.transaction(Kept::anyAlive)).as(status.word()).isEqualTo(server.alive());
            }
        }
    }

    @Test
    void failedTransactionLeavesNothing() {
        try (Database database = Database.open(temporary.resolve("db"))) {
            assertThatThrownBy(() -> database.transaction(s -> {
                        Kept.save(s, server("a", 1));
                        Kept.save(s, server("b", 1));
                        return null;
                    }))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("id_base");
            assertThat(database.transaction(Kept::servers)).isEmpty();
            assertThatThrownBy(() -> database.transaction(s -> {
                        Kept.save(s, server("a", 1));
                        throw new IllegalStateException("no");
                    }))
                    .hasMessage("no");
            assertThat(database.transaction(Kept::servers)).isEmpty();
        }
    }

    @Test
    void fullDiskFailsWholeTransactionsAndIsOverWhenThereIsRoom() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "needs root to mount a small disk");
        run("mount", "-t", "tmpfs", "-o", "size=2m", "trefoil-database-test", temporary.toString());
        try (Database database = Database.open(temporary.resolve("db"))) {
            Path ballast = temporary.resolve("ballast");
            int id = 0;
            for (int round = 0; round < 3; round++) {
                fill(ballast);
                for (int refused = 0; refused < 3; ) {
                    int first = id;
                    try {
                        database.transaction(s -> {
                            Kept.save(s, server("s" + first, first));
                            Kept.save(s, server("t" + first, first + 1));
                            return null;
                        });
                        id += 2;
                    } catch (DatabaseException e) {
                        assertThat(e.full()).as(e.getMessage()).isTrue();
                        assertThat(e).hasMessageContaining("the disk is full");
                        refused++;
                    }
                    assertThat(database.transaction(Kept::servers)).as("whole transactions").hasSize(id);
                }
                Files.delete(ballast);
                int last = id;
                database.transaction(s -> {
                    Kept.save(s, server("s" + last, last));
                    Kept.save(s, server("t" + last, last + 1));
                    return null;
                });
                id += 2;
            }
            assertThat(database.transaction(Kept::servers)).hasSize(id);
        } finally {
            run("umount", temporary.toString());
        }
    }

    private static void fill(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            while (file.toFile().getUsableSpace() > 0) {
                out.write(new byte[4096]);
            }
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).as("%s", List.of(command)).isZero();
    }

    @Test
    void manyThreadsTakeTurns() throws InterruptedException {
        try (Database database = Database.open(temporary.resolve("db"))) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                int id = i;
                threads.add(Thread.ofVirtual().start(() -> database.transaction(s -> {
                    Kept.save(s, server("s" + id, id));
                    return null;
                })));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(database.transaction(Kept::servers)).hasSize(50);
        }
    }

    @Test
    void databaseOfANewerDaemonIsRefused() throws SQLException {
        Path file = temporary.resolve("db");
        Database.open(file).close();
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + file); Statement statement = raw.createStatement()) {
            statement.execute("PRAGMA user_version = 99");
        }
        assertThatThrownBy(() -> Database.open(file)).isInstanceOf(DatabaseException.class).hasMessageContaining("newer Trefoil");
    }
}
