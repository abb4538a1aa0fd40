package trefoil.cli.command;

import trefoil.cli.output.Format;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Value;


/** {@code trefoil version}. */
public final class VersionCommand extends Subcommand {
    private final Value format = value("-f", "--format", "FORMAT", "text, json or yaml; text where not set.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Shows the versions of this command and of the running daemon. Starts no daemon.
                """,
                """
                trefoil version
                """);
    }

    @Override
    protected int run() {
        Version.print(session(), Format.orText(format.text("text")));
        return 0;
    }
}
