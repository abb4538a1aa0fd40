package trefoil.cli.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which of the standard streams are terminals.
 *
 * @param in standard input
 * @param out standard output
 * @param err standard error
 */
public record Terminals(boolean in, boolean out, boolean err) {
    /** None. */
    public static final Terminals NONE = new Terminals(false, false, false);

    /**
     * This process's. The links of {@code /proc/self/fd} (proc_pid_fd(5)) tell without isatty(3), which Java offers for
     * standard input and output together only.
     */
    public static Terminals ofThisProcess() {
        return new Terminals(isTerminal(0), isTerminal(1), isTerminal(2));
    }

    private static boolean isTerminal(int descriptor) {
        String target;
        try {
            target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
        } catch (IOException e) {
            // The descriptor is closed: no terminal.
            return false;
        }
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.startsWith("/dev/hvc") || target.equals("/dev/console");
    }
}
