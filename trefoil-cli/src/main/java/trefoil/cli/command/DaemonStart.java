package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code trefoil daemon start}. */
@Command(description = "Starts the daemon unless it runs. Other commands do so too.")
public final class DaemonStart extends Subcommand {
    @Override
    protected int run() throws IOException {
        session().say("the Trefoil daemon runs as process " + session().daemon().host().pid());
        return 0;
    }
}
