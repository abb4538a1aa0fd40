package trefoil.cli.command;

import java.io.IOException;
import trefoil.api.Operation;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;

/** {@code trefoil delete}. */
public final class DeleteCommand extends ManyServers {
    private final Flag force = flag("-f", "--force", "Running servers too.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Deletes servers with their disks. A running server is refused without --force.
                """,
                """
                trefoil delete web1
                trefoil delete --force web1 db1
                """);
    }

    @Override
    Operation begin(String name) throws IOException {
        return session().daemon().delete(name, force.isSet());
    }

    @Override
    String done() {
        return "deleted";
    }
}
