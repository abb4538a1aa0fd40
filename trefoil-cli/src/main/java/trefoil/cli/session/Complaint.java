package trefoil.cli.session;

import java.io.IOException;
import java.io.PrintStream;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.cli.output.Safe;
import trefoil.cli.value.UsageException;
import trefoil.client.DaemonUnreachableException;

/**
 * A failure in words: what and why, more lines where there are any, what to do next.
 *
 * @param message what could not be done, and why
 * @param detail more lines, such as the tail of a log; may be {@code null}
 * @param next the next command to try; may be {@code null}
 * @param cause for {@code --debug}
 */
public record Complaint(String message, String detail, String next, Exception cause) {
    /** Set by the launcher to what was typed to call it. */
    private static final String COMMAND = "TREFOIL_COMMAND";

    /** A wrong command line. */
    public static Complaint of(UsageException e) {
        return new Complaint(e.getMessage(), null, e.next(), e);
    }

    /** What the daemon refused, or what failed here. */
    public static Complaint of(ApiException e) {
        ApiError error = e.error();
        return new Complaint(error.message(), error.detail(), error.next(), e);
    }

    /** A failure of a file or of the connection. */
    public static Complaint of(IOException e) {
        boolean startable = e instanceof DaemonUnreachableException unreachable && unreachable.startable();
        boolean forbidden = e instanceof DaemonUnreachableException unreachable && unreachable.reason() == DaemonUnreachableException.Reason.FORBIDDEN;
        String next = startable ? "trefoil daemon start" : forbidden ? "the same with sudo, or as root: usermod -aG trefoil USER" : null;
        return new Complaint(IoWords.of(e), null, next, e);
    }

    /** A mistake of this program. */
    public static Complaint of(RuntimeException e) {
        return new Complaint("an error in trefoil itself: " + e, null, "the same with --debug, and report what it shows", e);
    }

    /** Advice whose commands can be typed: where this one was called by a path, {@code trefoil} alone may not be found. */
    static String asTyped(String next, String command) {
        if (command == null || command.indexOf('/') < 0) {
            return next;
        }
        String typed = next.startsWith("trefoil ") ? command + next.substring("trefoil".length()) : next;
        return typed.replace("sudo trefoil ", "sudo " + command + " ").replace(": trefoil ", ": " + command + " ");
    }

    /** Prints it on standard error. */
    public void print(Session session) {
        session.out().flush();
        PrintStream err = session.err();
        boolean colour = session.colour();
        err.println((colour ? "\033[1;31merror:\033[0m " : "error: ") + Safe.lines(message));
        if (detail != null && !detail.isBlank()) {
            Safe.lines(detail.strip()).lines().forEach(line -> err.println("  " + line));
        }
        if (next != null && !next.isBlank()) {
            err.println((colour ? "\033[1mtry:\033[0m " : "try: ") + Safe.lines(asTyped(next, session.environment().get(COMMAND))));
        }
        if (session.verbosity() == Session.Verbosity.DEBUG) {
            cause.printStackTrace(err);
        }
        err.flush();
    }
}
