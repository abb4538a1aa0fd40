package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import trefoil.api.Image;
import trefoil.api.JsonTypes;
import trefoil.cli.output.Document;

/** {@code trefoil image show}. */
@Command(sortOptions = false, description = "Shows an image in full.")
public final class ImageShow extends Subcommand {
    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", description = "json or yaml; yaml where not set.")
    private String format = "yaml";

    @Parameters(paramLabel = "IMAGE", description = "An alias or a fingerprint.")
    private String name;

    @Override
    protected int run() throws IOException {
        Document document = Document.of(format);
        document.print(session().out(), JsonTypes.of(Image.class).toJson(session().daemon().image(name)));
        return 0;
    }
}
