package trefoil.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import trefoil.api.Operation;
import trefoil.api.ServerConfig;
import trefoil.api.StateChange;
import trefoil.client.TrefoilClient;

/** What tests share that speak to a daemon over its socket: for each test a daemon in a world of its own, and a client. */
abstract class OverTheSocket {
    @TempDir
    Path temporary;

    final World world = new World();
    StateDirectory directory;
    Daemon daemon;
    TrefoilClient client;

    @BeforeEach
    final void startDaemonAndClient() throws IOException, InterruptedException {
        directory = StateDirectory.at(temporary.resolve("state"));
        startDaemon();
    }

    /** Another daemon on the same directory; end the one before it first. */
    final void startDaemon() throws IOException, InterruptedException {
        daemon = Daemon.start(directory, World.CONFIGURATION, world.parts(step -> {}));
        client = new TrefoilClient(directory.socket());
    }

    /** Ends the daemon; what is on its host stays. */
    @AfterEach
    final void endDaemon() throws IOException {
        client.close();
        daemon.close();
    }

    /** A server with nothing said about it but its name. */
    static ServerConfig config(String name) {
        return new ServerConfig(name, World.IMAGE, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** How an operation ended. */
    final Operation done(Operation operation) throws IOException {
        Operation end = client.await(operation, Duration.ofSeconds(20), seen -> {});
        assertThat(end.done()).as(end.toString()).isTrue();
        return end;
    }

    /** It ends without an error. */
    final void well(Operation operation) throws IOException {
        assertThat(done(operation).error()).isNull();
    }

    final void launch(ServerConfig config) throws IOException {
        well(client.create(config, true, "ip"));
    }

    final void launch(String name) throws IOException {
        launch(config(name));
    }

    final Operation state(String name, String action, Boolean force, Integer timeout) throws IOException {
        return done(client.changeState(name, new StateChange(action, force, timeout)));
    }

    static void eventually(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            LockSupport.parkNanos(2_000_000);
        }
    }
}
