package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import trefoil.api.ImageBuild;
import trefoil.api.Operation;
import trefoil.cli.session.OperationWatch;

/** {@code trefoil image build}. */
@Command(sortOptions = false, description = "Builds an image and prints its fingerprint. Packages come from the mirrors that the host itself uses.")
public final class ImageBuildCommand extends Subcommand {
    @Option(names = "--force", description = "Build it anew though it is there.")
    private boolean force;

    @Parameters(paramLabel = "IMAGE", description = "Such as debian:12, debian:bookworm or busybox.")
    private String image;

    @Override
    protected int run() throws IOException {
        Operation begun = session().daemon().buildImage(new ImageBuild(image, force ? true : null));
        Operation ended = new OperationWatch(session(), image).await(begun, null);
        session().out().println(ended.metadata().getOrDefault("fingerprint", ""));
        return 0;
    }
}
