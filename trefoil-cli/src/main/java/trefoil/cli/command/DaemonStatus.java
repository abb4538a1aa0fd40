package trefoil.cli.command;

import java.io.IOException;
import trefoil.api.HostInfo;
import trefoil.cli.output.Instants;
import trefoil.cli.syntax.Manual;
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

    @Override
    protected int run() throws IOException {
        try (TrefoilClient daemon = session().unstartedDaemon()) {
            HostInfo host = daemon.host();
            session().out().println("running: version " + host.version() + ", process " + host.pid() + ", since "
                    + Instants.show(host.started()) + ", state in " + host.directory());
            return 0;
        } catch (DaemonUnreachableException e) {
            if (!e.startable()) {
                throw e;
            }
            session().out().println("not running: " + e.getMessage());
            return 1;
        }
    }
}
