package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import trefoil.cli.session.RunningProcess;
import trefoil.client.DaemonUnreachableException;
import trefoil.client.TrefoilClient;

/** {@code trefoil daemon stop}. */
@Command(description = "Ends the daemon. Servers go on, and the next daemon finds them, unless --servers. Starts none.")
public final class DaemonStop extends Subcommand {
    private static final int PATIENCE_SECONDS = 20;

    @Option(names = "--servers", description = "Shut the servers down first.")
    private boolean servers;

    @Override
    protected int run() throws IOException {
        try (TrefoilClient daemon = session().unstartedDaemon()) {
            long process = daemon.host().pid();
            daemon.shutdown(servers);
            awaitEnd(process);
            session().say("the Trefoil daemon ended");
        } catch (DaemonUnreachableException e) {
            if (!e.startable()) {
                throw e;
            }
            session().say("no Trefoil daemon is running");
        }
        return 0;
    }

    private static void awaitEnd(long process) throws IOException {
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (RunningProcess.is(process)) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("the daemon, process " + process + ", was asked to end and still runs after " + PATIENCE_SECONDS + " s");
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the daemon ends", e);
            }
        }
    }
}
