package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import trefoil.api.Network;
import trefoil.cli.output.Format;
import trefoil.cli.output.NetworkColumns;
import trefoil.cli.output.Listing;

/** {@code trefoil network list}. */
@Command(sortOptions = false, description = "Lists networks.")
public final class NetworkList extends Subcommand {
    @Mixin
    private FormatOptions options = new FormatOptions();

    @Override
    protected int run() throws IOException {
        Listing<Network> listing = new Listing<>(Network.class, new NetworkColumns());
        Format format = options.format();
        listing.columns().choose(options.columns());
        listing.print(session().out(), format, options.columns(), session().daemon().networks());
        return 0;
    }
}
