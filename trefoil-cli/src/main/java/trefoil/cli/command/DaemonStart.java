package trefoil.cli.command;

import java.io.IOException;
import trefoil.cli.syntax.Manual;

/** {@code trefoil daemon start}. */
public final class DaemonStart extends Subcommand {
    @Override
    protected Manual manual() {
        return new Manual(
                """
                Starts the daemon unless it runs. Other commands do so too.
                """,
                """
                trefoil daemon start
                """);
    }

    @Override
    protected int run() throws IOException {
        session().say("the Trefoil daemon runs as process " + session().daemon().host().pid());
        return 0;
    }
}
