package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import trefoil.api.Image;
import trefoil.cli.output.Format;
import trefoil.cli.output.ImageColumns;
import trefoil.cli.output.Listing;

/** {@code trefoil image list}. */
@Command(sortOptions = false, description = "Lists images in the store.")
public final class ImageList extends Subcommand {
    @Mixin
    private FormatOptions options = new FormatOptions();

    @Override
    protected int run() throws IOException {
        Listing<Image> listing = new Listing<>(Image.class, new ImageColumns());
        Format format = options.format();
        listing.columns().choose(options.columns());
        listing.print(session().out(), format, options.columns(), session().daemon().images());
        return 0;
    }
}
