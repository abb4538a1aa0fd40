package trefoil.cli.command;

import java.io.IOException;
import trefoil.api.ServerConfig;
import trefoil.cli.session.OperationWatch;
import trefoil.cli.syntax.Manual;

/** {@code trefoil create}. */
public final class CreateCommand extends ServerOptions {
    @Override
    protected Manual manual() {
        return new Manual(
                """
                Makes a server without starting it. Its image is built when it is not there yet.
                """,
                """
                trefoil create debian:12 db1 --memory 2GiB --disk 20GiB
                """);
    }

    @Override
    protected int run() throws IOException {
        ServerConfig config = config();
        new OperationWatch(session(), config.name()).await(session().daemon().create(config, false, null), null);
        session().say(config.name() + " is made; trefoil start " + config.name() + " starts it");
        return 0;
    }
}
