package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import trefoil.cli.value.UsageException;
import trefoil.client.TrefoilClient;

/** {@code trefoil logs}. */
@Command(sortOptions = false, description = "Shows what a server has written to its console since its last boot.")
public final class LogsCommand extends Subcommand {
    /** Exit code of a process whose reader went away: 128 + SIGPIPE. */
    private static final int READER_GONE = 141;

    @Option(names = {"-f", "--follow"}, description = "Go on with what it writes from now on.")
    private boolean follow;

    @Option(names = {"-n", "--tail"}, paramLabel = "LINES", description = "Only the last lines of what is there.")
    private Integer tail;

    @Parameters(paramLabel = "NAME", description = "The server.")
    private String name;

    @Override
    protected int run() throws IOException {
        if (tail != null && tail < 0) {
            throw new UsageException("--tail is a number of lines, not below 0", null);
        }
        TrefoilClient daemon = session().daemon();
        long skip = 0;
        if (tail != null) {
            try (InputStream log = daemon.log(name, false)) {
                skip = TailOffset.of(log, tail);
            }
        }
        try (InputStream log = daemon.log(name, follow)) {
            log.skipNBytes(skip);
            return copy(log);
        } catch (java.io.EOFException e) {
            // The log was begun anew between the two readings: nothing of the old one is left to show.
            return 0;
        }
    }

    private int copy(InputStream log) throws IOException {
        PrintStream out = session().out();
        byte[] buffer = new byte[16 * 1024];
        for (int n = log.read(buffer); n >= 0; n = log.read(buffer)) {
            out.write(buffer, 0, n);
            if (out.checkError()) {
                return READER_GONE;
            }
        }
        return 0;
    }
}
