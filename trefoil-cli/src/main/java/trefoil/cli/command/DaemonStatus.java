package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import trefoil.api.HostInfo;
import trefoil.cli.output.Instants;
import trefoil.client.DaemonUnreachableException;
import trefoil.client.TrefoilClient;

/** {@code trefoil daemon status}. */
@Command(description = "Shows whether the daemon runs, and where. Exit code 1 when it does not. Starts none.")
public final class DaemonStatus extends Subcommand {
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
