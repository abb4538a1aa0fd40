package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import trefoil.api.Network;
import trefoil.api.JsonTypes;
import trefoil.cli.output.Document;

/** {@code trefoil network show}. */
@Command(sortOptions = false, description = "Shows a network in full.")
public final class NetworkShow extends Subcommand {
    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", description = "json or yaml; yaml where not set.")
    private String format = "yaml";

    @Parameters(paramLabel = "NETWORK", description = "Its name.")
    private String name;

    @Override
    protected int run() throws IOException {
        Document document = Document.of(format);
        document.print(session().out(), JsonTypes.of(Network.class).toJson(session().daemon().network(name)));
        return 0;
    }
}
