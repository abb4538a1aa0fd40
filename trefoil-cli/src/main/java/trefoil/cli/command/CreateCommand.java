package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import trefoil.api.ServerConfig;
import trefoil.cli.session.OperationWatch;

/** {@code trefoil create}. */
@Command(
        sortOptions = false,
        customSynopsis = "trefoil create [OPTIONS] IMAGE [NAME] [-- COMMAND...]",
        description = "Makes a server without starting it. Its image is built when it is not there yet.")
public final class CreateCommand extends ServerOptions {
    @Override
    protected int run() throws IOException {
        ServerConfig config = config();
        new OperationWatch(session(), config.name()).await(session().daemon().create(config, false, null), null);
        session().say(config.name() + " is made; trefoil start " + config.name() + " starts it");
        return 0;
    }
}
