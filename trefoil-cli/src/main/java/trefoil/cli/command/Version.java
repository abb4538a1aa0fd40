package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import trefoil.cli.session.IoWords;
import trefoil.cli.session.Session;
import trefoil.client.DaemonUnreachableException;
import trefoil.client.TrefoilClient;

/** Versions of the command and, where one runs, of the daemon. */
public final class Version {
    private Version() {}

    /** The version of this command, as the build wrote it. */
    public static String ofCommand() {
        try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("version.txt of the command cannot be read", e);
        }
    }

    /** Prints both; starts no daemon. */
    public static void print(Session session) {
        session.out().println("trefoil " + ofCommand());
        try (TrefoilClient daemon = session.unstartedDaemon()) {
            session.out().println("daemon " + daemon.host().version());
        } catch (DaemonUnreachableException e) {
            session.out().println("daemon: not running");
        } catch (IOException e) {
            session.out().println("daemon: does not answer");
            session.say(IoWords.of(e));
        }
    }
}
