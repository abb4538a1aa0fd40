package trefoil.cli.value;

/** The command line is wrong; it ends with exit code 2. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String next;

    /** What is wrong, and the next command to try, which may be {@code null}. */
    public UsageException(String message, String next) {
        super(message);
        this.next = next;
    }

    /** The next command to try, or {@code null}. */
    public String next() {
        return next;
    }
}
