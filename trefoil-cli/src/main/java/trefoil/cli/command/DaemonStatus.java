package trefoil.cli.command;

import java.io.IOException;
import trefoil.api.HostInfo;
import trefoil.api.JsonTypes;
import trefoil.api.JsonValue;
import trefoil.cli.output.Format;
import trefoil.cli.output.Instants;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Value;
import trefoil.client.DaemonUnreachableException;
import trefoil.client.TrefoilClient;

/** {@code trefoil daemon status}. */
public final class DaemonStatus extends Subcommand {
    @Override
    protected Manual manual() {
        return new Manual(
                """
                Shows whether the daemon runs, and where. Exit code 1 when it does not. Starts none.
                """,
                """
                trefoil daemon status || echo not running
                """);
    }

    private final Value format = value("-f", "--format", "FORMAT", "text, json or yaml; text where not set.");

    @Override
    protected int run() throws IOException {
        Format chosen = Format.orText(format.text("text"));
        try (TrefoilClient daemon = session().unstartedDaemon()) {
            HostInfo host = daemon.host();
            if (chosen != null) {
                ShowCommand.print(session(), chosen, JsonValue.of("{\"running\":true,\"host\":" + JsonTypes.of(HostInfo.class).toJson(host) + "}"));
                return 0;
            }
            session().out().println("running: version " + host.version() + ", process " + host.pid() + ", since "
                    + Instants.show(host.started()) + ", state in " + host.directory());
            return 0;
        } catch (DaemonUnreachableException e) {
            if (!e.startable()) {
                throw e;
            }
            if (chosen != null) {
                ShowCommand.print(session(), chosen, JsonValue.of("{\"running\":false}"));
            } else {
                session().out().println(e.getMessage());
            }
            return 1;
        }
    }
}
