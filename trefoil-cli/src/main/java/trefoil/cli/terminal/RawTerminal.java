package trefoil.cli.terminal;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/** The terminal at standard input with its settings changed until {@link #close}, or until the process ends in any way but SIGKILL. */
public final class RawTerminal implements AutoCloseable {
    private final String saved;
    private final Thread hook = new Thread(this::restore, "trefoil-stty");
    private final AtomicBoolean restored = new AtomicBoolean();

    private RawTerminal(String... settings) throws IOException {
        saved = Stty.run("-g");
        Runtime.getRuntime().addShutdownHook(hook);
        boolean set = false;
        try {
            Stty.run(settings);
            set = true;
        } finally {
            if (!set) {
                close();
            }
        }
    }

    /** Every octet passes as it is typed, Ctrl-c too; nothing is echoed. */
    public static RawTerminal raw() throws IOException {
        return new RawTerminal("raw", "-echo");
    }

    /** Keys come at once and are not echoed; Ctrl-c still interrupts. */
    public static RawTerminal keys() throws IOException {
        return new RawTerminal("-icanon", "-echo", "min", "1", "time", "0");
    }

    private void restore() {
        if (restored.compareAndSet(false, true)) {
            try {
                Stty.run(saved);
            } catch (IOException e) {
                // The terminal was hung up, or the user is told here what to type into it.
                System.err.print("the terminal could not be restored (" + e.getMessage() + "): type stty sane\r\n");
            }
        }
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook runs, finds that all is done, and ends.
            restored.set(true);
        }
    }
}
