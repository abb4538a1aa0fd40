package trefoil.cli.command;

import java.io.IOException;
import trefoil.api.ImageBuild;
import trefoil.api.Operation;
import trefoil.cli.session.OperationWatch;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;

/** {@code trefoil image build}. */
public final class ImageBuildCommand extends Subcommand {
    private final Flag force = flag("--force", "Build it anew though it is there.");

    private final Operand image = operand("IMAGE", "Such as debian:12, debian:bookworm or busybox.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Builds an image and prints its fingerprint. Packages come from the mirrors that the host itself uses.
                """,
                """
                trefoil image build debian:13
                trefoil image build --force busybox
                """);
    }

    @Override
    protected int run() throws IOException {
        Operation begun = session().daemon().buildImage(new ImageBuild(image.text(), force.orNull()));
        Operation ended = new OperationWatch(session(), image.text()).await(begun, null);
        session().out().println(ended.metadata().getOrDefault("fingerprint", ""));
        return 0;
    }
}
