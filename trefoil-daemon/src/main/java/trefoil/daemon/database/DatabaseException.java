package trefoil.daemon.database;

/** The database could not be read or written. */
public final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean full;

    /** @param message what, why and, where that is known, what to do */
    public DatabaseException(String message, boolean full, Throwable cause) {
        super(message, cause);
        this.full = full;
    }

    /** Whether the disk is full. */
    public boolean full() {
        return full;
    }
}
