package trefoil.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import trefoil.api.ApiException;
import trefoil.cli.session.Complaint;

/** {@code trefoil network delete}. */
@Command(sortOptions = false, description = "Deletes networks. One with servers on it is refused.")
public final class NetworkDelete extends Subcommand {
    @Parameters(arity = "1..*", paramLabel = "NETWORK", description = "Their names.")
    private List<String> names = new ArrayList<>();

    @Override
    protected int run() throws IOException {
        int failures = 0;
        for (String name : names) {
            try {
                session().daemon().deleteNetwork(name);
                session().say(name + " deleted");
            } catch (ApiException e) {
                Complaint.of(e).print(session());
                failures++;
            }
        }
        return failures == 0 ? 0 : 1;
    }
}
