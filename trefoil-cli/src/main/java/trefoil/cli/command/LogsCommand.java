package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.syntax.Value;
import trefoil.client.TrefoilClient;

/** {@code trefoil logs}. */
public final class LogsCommand extends Subcommand {
    /** Exit code of a process whose reader went away: 128 + SIGPIPE. */
    private static final int READER_GONE = 141;

    private final Flag follow = flag("-f", "--follow", "Go on with what it writes from now on.");

    private final Value tail = value("-n", "--tail", "LINES", "Only the last lines of what is there.");

    private final Operand name = operand("NAME", "The server.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Shows what a server has written to its console since its last boot.
                """,
                """
                trefoil logs -n 20 web1
                trefoil logs -f web1
                """);
    }

    @Override
    protected int run() throws IOException {
        Integer lines = tail.number(0);
        TrefoilClient daemon = session().daemon();
        long skip = 0;
        if (lines != null) {
            try (InputStream log = daemon.log(name.text(), false)) {
                skip = TailOffset.of(log, lines);
            }
        }
        try (InputStream log = daemon.log(name.text(), follow.isSet())) {
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
