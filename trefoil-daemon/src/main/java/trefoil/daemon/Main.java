package trefoil.daemon;

import java.io.IOException;
import java.lang.System.Logger.Level;
import trefoil.linux.ErrnoException;
import trefoil.linux.process.Affinity;

/**
 * The daemon's process, in the foreground. Takes no arguments; {@code TREFOIL_DIR} names its directory. Ends on SIGTERM,
 * SIGINT or {@code POST /1.0/shutdown}; servers go on. Exit status: 0 after an orderly end, 1 when it could not start.
 */
public final class Main {
    private Main() {}

    /** Runs the daemon. */
    public static void main(String[] arguments) {
        Thread.ofPlatform().daemon().name("system-calls").start(Main::linkSystemCalls);
        StateDirectory directory = StateDirectory.of(System.getenv());
        try {
            directory.make();
            DaemonLog.install(directory.log());
            run(Daemon.start(directory, HostConfiguration.read(directory.configuration()), Daemon.parts(directory)));
        } catch (IOException | RuntimeException e) {
            System.err.println("error: the Trefoil daemon cannot run: " + e.getMessage());
            System.getLogger(Main.class.getName()).log(Level.ERROR, "the daemon cannot run", e);
            System.exit(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            System.exit(1);
        }
    }

    /** By making one, beside the opening of the database: the first is tens of milliseconds of work for the JVM. */
    private static void linkSystemCalls() {
        try {
            Affinity.of(0);
        } catch (ErrnoException e) {
            System.getLogger(Main.class.getName()).log(Level.DEBUG, "system calls fail; the first that is needed will say why", e);
        }
    }

    private static void run(Daemon daemon) throws InterruptedException, IOException {
        Thread onSignal = new Thread(() -> close(daemon), "end");
        Runtime.getRuntime().addShutdownHook(onSignal);
        daemon.awaitEnd();
        System.exit(0);
    }

    private static void close(Daemon daemon) {
        try {
            daemon.close();
        } catch (IOException | RuntimeException e) {
            System.getLogger(Main.class.getName()).log(Level.ERROR, "the daemon did not end well", e);
        }
    }
}
