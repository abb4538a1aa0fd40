package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import trefoil.cli.output.Format;

/** {@code trefoil info}, for the command lines that {@code HotCommands} leaves to picocli. */
@Command(
        sortOptions = false,
        description = "Shows a server in full: state, addresses, limits, use, pressure. Without a name, shows the host and its ledger.")
public final class InfoCommand extends Subcommand {
    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", description = "text, json or yaml; text where not set.")
    private String format = "text";

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "A server.")
    private String name;

    @Override
    protected int run() throws IOException {
        if (format.equals("text") || format.equals("table")) {
            Information.print(session(), name);
        } else {
            Information.print(session(), name, Format.of(format));
        }
        return 0;
    }
}
