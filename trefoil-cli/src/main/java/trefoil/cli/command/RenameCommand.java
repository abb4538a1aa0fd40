package trefoil.cli.command;

import java.io.IOException;
import trefoil.api.Server;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;

/** {@code trefoil rename}. */
public final class RenameCommand extends Subcommand {
    private final Operand name = operand("NAME", "The server.");

    private final Operand newName = operand("NEW", "Its new name.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Gives a stopped server another name.
                """,
                """
                trefoil rename web1 www
                """);
    }

    @Override
    protected int run() throws IOException {
        Server server = session().daemon().rename(name.text(), newName.text());
        session().say(name.text() + " is now " + server.name());
        return 0;
    }
}
