package trefoil.container;

import java.io.IOException;

/** A container that cannot be made, started or reached: what, why, what to do next. */
public class ContainerException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String next;

    /**
     * @param next the next command or step to try; may be {@code null}
     * @param cause may be {@code null}
     */
    public ContainerException(String message, String next, Throwable cause) {
        super(message, cause);
        this.next = next;
    }

    /** What to do next; may be {@code null}. */
    public String next() {
        return next;
    }
}
