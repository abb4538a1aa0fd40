package trefoil.cli.command;

import picocli.CommandLine.Command;

/** {@code trefoil version --help}; everything else is {@code HotCommands}'. */
@Command(description = "Shows the versions of this command and of the running daemon. Starts no daemon.")
public final class VersionCommand extends Subcommand {
    @Override
    protected int run() {
        Version.print(session());
        return 0;
    }
}
