package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import trefoil.api.JsonValue;
import trefoil.cli.output.Format;
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

    /** Prints both, in words where {@code format} is {@code null}; starts no daemon. */
    static void print(Session session, Format format) {
        String daemon = null;
        String why = "not running";
        try (TrefoilClient client = session.unstartedDaemon()) {
            daemon = client.host().version();
        } catch (DaemonUnreachableException e) {
            why = e.startable() ? "not running" : "out of reach";
        } catch (IOException e) {
            why = "does not answer";
            session.say(IoWords.of(e));
        }
        if (format == null) {
            session.out().println("trefoil " + ofCommand());
            session.out().println(daemon == null ? "daemon: " + why : "daemon " + daemon);
        } else {
            // Versions hold nothing that JSON would have to escape.
            ShowCommand.print(session, format, JsonValue.of(
                    "{\"command\":\"" + ofCommand() + "\",\"daemon\":" + (daemon == null ? "null" : "\"" + daemon + "\"") + "}"));
        }
    }
}
