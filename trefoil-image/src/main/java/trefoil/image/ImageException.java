package trefoil.image;

import java.io.IOException;

/** An image that cannot be had, with what, why, and what to do next. */
public final class ImageException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What kind of failure, for whoever must answer it with a code. */
    public enum Reason {
        /** No such image, alias or source. */
        NOT_FOUND,
        /** Malformed, hostile, or not what its digest says. */
        BAD_IMAGE,
        /** Servers are made from it. */
        IN_USE,
        /** The disk is full. */
        DISK_FULL,
        /** A Debian package or tool is missing. */
        TOOL_MISSING,
        /** The source could not be reached or did not verify. */
        SOURCE_FAILED
    }

    private final Reason reason;
    private final String next;

    /**
     * @param next the next command or step to try; may be {@code null}
     * @param cause may be {@code null}
     */
    public ImageException(Reason reason, String message, String next, Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.next = next;
    }

    /** What kind of failure. */
    public Reason reason() {
        return reason;
    }

    /** What to do next; may be {@code null}. */
    public String next() {
        return next;
    }
}
