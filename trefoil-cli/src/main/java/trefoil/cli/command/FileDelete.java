package trefoil.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import trefoil.cli.value.RemotePath;

/** {@code trefoil file delete}. */
@Command(sortOptions = false, description = "Deletes files and empty directories in a running server.")
public final class FileDelete extends Subcommand {
    @Parameters(arity = "1..*", paramLabel = "NAME:/PATH", description = "What.")
    private List<String> places = new ArrayList<>();

    @Override
    protected int run() throws IOException {
        for (RemotePath place : places.stream().map(RemotePath::parse).toList()) {
            session().daemon().deleteFile(place.server(), place.path());
        }
        return 0;
    }
}
