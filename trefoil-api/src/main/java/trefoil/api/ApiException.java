package trefoil.api;

/** A failure that is answered to a client as an {@link ApiError}. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ApiError error;

    /** An error that an answer carried. */
    public ApiException(ApiError error) {
        super(error.message());
        this.error = error;
    }

    /** An error with what, why, and what to do next; {@code next} may be {@code null}. */
    public ApiException(ErrorCode code, String message, String next) {
        this(code, message, next, null);
    }

    /** An error with a cause kept for the log. */
    public ApiException(ErrorCode code, String message, String next, Throwable cause) {
        super(message, cause);
        this.error = new ApiError(code.word(), code.httpStatus(), message, next, null);
    }

    /** What the client is told. */
    public ApiError error() {
        return error;
    }
}
