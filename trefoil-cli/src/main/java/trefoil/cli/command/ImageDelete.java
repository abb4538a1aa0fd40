package trefoil.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import trefoil.api.ApiException;
import trefoil.cli.session.Complaint;

/** {@code trefoil image delete}. */
@Command(sortOptions = false, description = "Deletes images. One from which servers are made is refused.")
public final class ImageDelete extends Subcommand {
    @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Aliases or fingerprints.")
    private List<String> names = new ArrayList<>();

    @Override
    protected int run() throws IOException {
        int failures = 0;
        for (String name : names) {
            try {
                session().daemon().deleteImage(name);
                session().say(name + " deleted");
            } catch (ApiException e) {
                Complaint.of(e).print(session());
                failures++;
            }
        }
        return failures == 0 ? 0 : 1;
    }
}
