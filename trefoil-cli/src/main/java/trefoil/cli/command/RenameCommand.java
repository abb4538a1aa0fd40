package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import trefoil.api.Server;

/** {@code trefoil rename}. */
@Command(sortOptions = false, description = "Gives a stopped server another name.")
public final class RenameCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The server.")
    private String name;

    @Parameters(index = "1", paramLabel = "NEW", description = "Its new name.")
    private String newName;

    @Override
    protected int run() throws IOException {
        Server server = session().daemon().rename(name, newName);
        session().say(name + " is now " + server.name());
        return 0;
    }
}
