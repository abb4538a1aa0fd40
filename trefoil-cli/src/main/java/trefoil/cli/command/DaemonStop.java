package trefoil.cli.command;

import java.io.IOException;
import trefoil.cli.session.RunningProcess;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.client.AnswerTimeoutException;
import trefoil.client.DaemonUnreachableException;
import trefoil.client.TrefoilClient;

/** {@code trefoil daemon stop}. */
public final class DaemonStop extends Subcommand {
    /** The daemon clears away what ended; with servers, it gives them 20 s to shut down, and kills the rest. */
    private static final int PATIENCE_SECONDS = 30;
    private static final int PATIENCE_WITH_SERVERS_SECONDS = 90;

    private final Flag servers = flag("--servers", "Shut the servers down first.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Ends the daemon. Servers go on, and the next daemon finds them, unless --servers. Starts none.
                """,
                """
                trefoil daemon stop
                trefoil daemon stop --servers
                """);
    }

    @Override
    protected int run() throws IOException {
        try (TrefoilClient daemon = session().unstartedDaemon()) {
            long process = process(daemon);
            ask(daemon, process);
            awaitEnd(process, servers.isSet() ? PATIENCE_WITH_SERVERS_SECONDS : PATIENCE_SECONDS);
            session().say("the Trefoil daemon ended");
        } catch (DaemonUnreachableException e) {
            if (!e.startable()) {
                throw e;
            }
            session().say("no Trefoil daemon is running");
        }
        return 0;
    }

    /** The daemon's process id. A daemon that is ending closes connections: its end is waited for, and then it cannot be reached. */
    private static long process(TrefoilClient daemon) throws IOException {
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (true) {
            try {
                return daemon.host().pid();
            } catch (DaemonUnreachableException | AnswerTimeoutException e) {
                throw e;
            } catch (IOException e) {
                if (System.nanoTime() - end > 0) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the daemon ends", e);
        }
    }

    /** Asks for the end. A daemon that is ending already, since a signal or another command asked first, may not answer any more. */
    private void ask(TrefoilClient daemon, long process) throws IOException {
        try {
            daemon.shutdown(servers.isSet());
        } catch (DaemonUnreachableException e) {
            if (!e.startable() && RunningProcess.is(process)) {
                throw e;
            }
        } catch (AnswerTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // The connection broke: whether that is the end that was asked for, the process tells.
            if (!endsWithin(process, PATIENCE_SECONDS)) {
                throw e;
            }
        }
    }

    private static void awaitEnd(long process, int seconds) throws IOException {
        if (!endsWithin(process, seconds)) {
            throw new IOException("the daemon, process " + process + ", was asked to end and still runs after " + seconds + " s");
        }
    }

    private static boolean endsWithin(long process, int seconds) throws IOException {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (RunningProcess.is(process)) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            pause();
        }
        return true;
    }
}
