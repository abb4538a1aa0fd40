package trefoil.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import trefoil.cli.session.Session;
import trefoil.cli.session.Terminals;
import trefoil.client.fake.FakeDaemon;

/** Runs command lines in this process against a fake daemon. */
abstract class CommandLineTest {
    @TempDir
    protected Path state;

    protected FakeDaemon daemon;
    protected final ByteArrayOutputStream out = new ByteArrayOutputStream();
    protected final ByteArrayOutputStream err = new ByteArrayOutputStream();
    protected final Map<String, String> environment = new HashMap<>();
    protected InputStream in = new ByteArrayInputStream(new byte[0]);
    protected Terminals terminals = Terminals.NONE;

    @BeforeEach
    void listen() throws IOException {
        daemon = new FakeDaemon(state);
        environment.put("TREFOIL_DIR", state.toString());
        environment.put("TERM", "xterm");
    }

    @AfterEach
    void close() throws IOException {
        daemon.close();
    }

    /** Runs a command line and returns its exit code; {@link #out} and {@link #err} hold what this run printed. */
    protected int trefoil(String... args) {
        out.reset();
        err.reset();
        Session session = new Session(in, stream(out), stream(err), environment, terminals);
        return Main.run(session, args);
    }

    private static PrintStream stream(ByteArrayOutputStream to) {
        return new PrintStream(to, false, StandardCharsets.UTF_8);
    }

    protected String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    protected String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
