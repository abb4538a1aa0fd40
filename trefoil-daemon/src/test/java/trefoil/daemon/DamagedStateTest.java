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
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.api.Operation;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.ServerStatus;
import trefoil.daemon.lifecycle.Servers;
import trefoil.daemon.operation.OperationRun;

/** What is damaged is told, costs nothing that is whole, and is mended by putting a copy back. */
class DamagedStateTest {
    @TempDir
    Path temporary;

    private final World world = new World();
    private StateDirectory directory;

    @FunctionalInterface
    private interface Doing {
        void with(Servers servers) throws IOException, InterruptedException;
    }

    @BeforeEach
    void twoServers() throws IOException, InterruptedException {
        directory = StateDirectory.at(temporary.resolve("state"));
        daemon(servers -> {
            well(servers.create(config("runs"), true, "none", 1000));
            well(servers.create(config("stands"), false, "none", 0));
        });
        Files.writeString(directory.server("stands").resolve("upper/precious"), "data");
    }

    private static ServerConfig config(String name) {
        return new ServerConfig(name, World.IMAGE, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** One daemon's life. */
    private void daemon(Doing doing) throws IOException, InterruptedException {
        try (Daemon daemon = Daemon.start(directory, World.CONFIGURATION, world.parts(step -> {}))) {
            doing.with(daemon.hosting().servers());
        }
    }

    private static void well(OperationRun run) throws InterruptedException {
        assertThat(ended(run).error()).isNull();
    }

    private static Operation ended(OperationRun run) throws InterruptedException {
        Operation end = run.await(20_000, -1);
        assertThat(end.done()).isTrue();
        return end;
    }

    private void refused(String... words) {
        assertThatThrownBy(() -> daemon(servers -> {})).hasMessageContainingAll(words);
        assertThat(world.running).containsOnlyKeys("runs");
        assertThat(directory.server("stands").resolve("upper/precious")).hasContent("data");
        assertThat(directory.server("runs")).isDirectory();
    }

    private void allIsWell() throws IOException, InterruptedException {
        daemon(servers -> {
            assertThat(servers.list()).extracting(Server::name).containsExactly("runs", "stands");
            assertThat(servers.server("runs").status()).isEqualTo(ServerStatus.RUNNING);
        });
        assertThat(directory.server("stands").resolve("upper/precious")).hasContent("data");
    }

    @Test
    void aDamagedDatabaseIsRefusedByNameAndNothingIsTouched() throws IOException, InterruptedException {
        byte[] whole = Files.readAllBytes(directory.database());
        byte[] garbage = new byte[whole.length];
        Arrays.fill(garbage, (byte) 'x');
        byte[] wrong = whole.clone();
        Arrays.fill(wrong, 100, wrong.length, (byte) 0xff);
        for (byte[] damaged : List.of(garbage, wrong, Arrays.copyOf(whole, whole.length / 2), "short".getBytes(java.nio.charset.StandardCharsets.US_ASCII))) {
            Files.write(directory.database(), damaged);
            refused(directory.database().toString(), "damaged", ".recover");
        }
        Files.write(directory.database(), whole);
        allIsWell();
    }

    @Test
    void anEmptiedOrLostDatabaseIsNotTakenForANewHost() throws IOException, InterruptedException {
        byte[] whole = Files.readAllBytes(directory.database());
        Files.write(directory.database(), new byte[0]);
        refused("runs, stands", directory.servers().toString());
        Files.delete(directory.database());
        refused("runs, stands");
        refused("runs, stands");
        Files.write(directory.database(), whole);
        allIsWell();
    }

    @Test
    void aDamagedRecordIsShown() throws IOException, InterruptedException, SQLException {
        byte[] whole = Files.readAllBytes(directory.database());
        for (String damage : List.of("'{\"name\":\"stands\"'", "'{\"name\":\"stands\"}'", "'null'", "''", "'{\"'", "replace(record, '\"stopped\"', '\"stepped\"')")) {
            sql("UPDATE servers SET record = " + damage + " WHERE name = 'stands'");
            refused("damaged record", "sqlite3");
            Files.write(directory.database(), whole);
        }
        allIsWell();
    }

    @Test
    void aServerThatADatabaseFromACopyDoesNotKnowIsSetAside() throws IOException, InterruptedException, SQLException {
        sql("DELETE FROM servers WHERE name = 'stands'");
        daemon(servers -> assertThat(servers.list()).extracting(Server::name).containsExactly("runs"));
        assertThat(directory.server("stands")).doesNotExist();
        try (var aside = Files.list(directory.state().resolve("orphans"))) {
            assertThat(aside).singleElement().satisfies(path -> {
                assertThat(path.getFileName().toString()).startsWith("stands.");
                assertThat(path.resolve("upper/precious")).hasContent("data");
            });
        }
    }

    private void sql(String statement) throws SQLException {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + directory.database()); Statement s = raw.createStatement()) {
            assertThat(s.executeUpdate(statement)).isEqualTo(1);
        }
    }

    /** The deed of the deletion that failed must not be carried out on the server that has the name now. */
    @Test
    void aDeletionThatFailedAndThenWentWellIsForgotten() throws IOException, InterruptedException {
        Files.delete(directory.server("stands").resolve("upper/precious"));
        daemon(servers -> {
            world.failure = "delete";
            assertThat(ended(servers.delete("stands", false)).error()).isNotNull();
            world.failure = "";
            well(servers.delete("stands", false));
            well(servers.create(config("stands"), true, "none", 1000));
        });
        daemon(servers -> assertThat(servers.server("stands").status()).isEqualTo(ServerStatus.RUNNING));
        assertThat(directory.server("stands").resolve("upper")).isDirectory();
    }

    /** The same of a launch whose files could not be removed when it failed. */
    @ParameterizedTest
    @ValueSource(ints = {2, 100})
    void filesOfALaunchThatCannotBeTakenBackAtOnceAreNotSetAside(int failures) throws IOException, InterruptedException {
        daemon(servers -> {
            world.failure = "delete";
            world.exhausted = true;
            assertThat(ended(servers.create(config("third"), true, "none", 1000)).error()).isNotNull();
            world.exhausted = false;
        });
        assertThat(directory.server("third")).isDirectory();
        world.failuresLeft = failures;
        daemon(servers -> assertThat(servers.list()).extracting(Server::name).doesNotContain("third"));
        assertThat(directory.state().resolve("orphans")).doesNotExist();
        assertThat(Files.isDirectory(directory.server("third"))).as("only where it could not be deleted").isEqualTo(failures == 100);
        world.failure = "";
        daemon(servers -> well(servers.create(config("third"), true, "none", 1000)));
        assertThat(directory.server("third").resolve("upper")).isDirectory();
    }

    @Test
    void aLaunchThatCouldNotBeTakenBackIsSettledBeforeTheNext() throws IOException, InterruptedException {
        daemon(servers -> {
            world.failure = "delete";
            world.exhausted = true;
            assertThat(ended(servers.create(config("third"), true, "none", 1000)).error()).isNotNull();
            world.exhausted = false;
            assertThat(ended(servers.create(config("third"), true, "none", 1000)).error().message()).contains("delete");
            world.failure = "";
            well(servers.create(config("third"), true, "none", 1000));
        });
        daemon(servers -> assertThat(servers.server("third").status()).isEqualTo(ServerStatus.RUNNING));
        assertThat(directory.server("third").resolve("upper")).isDirectory();
    }
}
