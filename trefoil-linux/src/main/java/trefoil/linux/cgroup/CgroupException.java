package trefoil.linux.cgroup;

import java.io.IOException;

/** A control group that cannot be found, made, changed or removed: what, why, and what to do next. */
public final class CgroupException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String next;

    /**
     * @param next the next step to try; may be {@code null}
     * @param cause may be {@code null}
     */
    public CgroupException(String message, String next, Throwable cause) {
        super(message, cause);
        this.next = next;
    }

    /** What to do next; may be {@code null}. */
    public String next() {
        return next;
    }
}
