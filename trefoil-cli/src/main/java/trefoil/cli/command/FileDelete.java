package trefoil.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operands;
import trefoil.cli.value.RemotePath;

/** {@code trefoil file delete}. */
public final class FileDelete extends Subcommand {
    private final Operands places = operands(1, "NAME:/PATH", "What.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Deletes files and empty directories in a server.
                """,
                """
                trefoil file delete web1:/etc/nginx/sites-enabled/default
                """);
    }

    @Override
    protected int run() throws IOException {
        for (RemotePath place : places.all().stream().map(RemotePath::parse).toList()) {
            session().daemon().deleteFile(place.server(), place.path());
        }
        return 0;
    }
}
