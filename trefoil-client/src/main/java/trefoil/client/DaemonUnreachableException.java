package trefoil.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Nobody answers on the daemon's socket. */
public final class DaemonUnreachableException extends IOException {
    private static final long serialVersionUID = 1L;

    private static final int LONGEST_PATH = 107;

    /** Why nobody answers. */
    public enum Reason {
        /** There is no socket: no daemon has run here since the host's boot. */
        MISSING,
        /** There is a socket and nobody listens on it: a daemon was killed. */
        REFUSED,
        /** The socket may not be opened by this user. */
        FORBIDDEN,
        /** The connection failed for another reason, named in the message. */
        FAILED
    }

    private final Reason reason;

    DaemonUnreachableException(Reason reason, Path socket, IOException cause) {
        super(words(reason, socket, cause), cause);
        this.reason = reason;
    }

    /** Why nobody answers. */
    public Reason reason() {
        return reason;
    }

    /** Whether starting a daemon would help. */
    public boolean startable() {
        return reason == Reason.MISSING || reason == Reason.REFUSED;
    }

    /** Whether no socket can have this path, so that no daemon can be started either: unix(7). */
    static boolean isTooLong(Path socket) {
        return socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH;
    }

    private static String words(Reason reason, Path socket, IOException cause) {
        return switch (reason) {
            case MISSING -> "no Trefoil daemon is running: there is no socket " + socket;
            case REFUSED -> "no Trefoil daemon is running: nobody listens on " + socket;
            case FORBIDDEN -> "you may not use the Trefoil daemon: " + socket + " is open to root and the group trefoil only";
            case FAILED -> isTooLong(socket)
                    ? "the path " + socket + " is longer than the " + LONGEST_PATH + " octets of a Unix socket's: choose a shorter TREFOIL_DIR"
                    : "cannot connect to the Trefoil daemon at " + socket + ": " + cause.getMessage();
        };
    }
}
