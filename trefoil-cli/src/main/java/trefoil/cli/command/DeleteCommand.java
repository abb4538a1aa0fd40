package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import trefoil.api.Operation;

/** {@code trefoil delete}. */
@Command(sortOptions = false, description = "Deletes servers with their disks. A running server is refused without --force.")
public final class DeleteCommand extends ManyServers {
    @Option(names = {"-f", "--force"}, description = "Running servers too.")
    private boolean force;

    @Override
    Operation begin(String name) throws IOException {
        return session().daemon().delete(name, force);
    }

    @Override
    String done() {
        return "deleted";
    }
}
