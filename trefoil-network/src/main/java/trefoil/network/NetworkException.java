package trefoil.network;

import java.io.IOException;

/** A network that cannot be made or changed: what, why, what to do next. */
public final class NetworkException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String next;

    /**
     * @param next the next command or step to try; may be {@code null}
     * @param cause may be {@code null}
     */
    public NetworkException(String message, String next, Throwable cause) {
        super(message, cause);
        this.next = next;
    }

    /** What to do next; may be {@code null}. */
    public String next() {
        return next;
    }
}
