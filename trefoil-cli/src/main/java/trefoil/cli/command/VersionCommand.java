package trefoil.cli.command;

import trefoil.cli.syntax.Manual;


/** {@code trefoil version}. */
public final class VersionCommand extends Subcommand {
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
        Version.print(session());
        return 0;
    }
}
