package trefoil.api;

/** The numbered kinds of error; the word goes into {@link ApiError#code()}, the number is the HTTP status. */
public enum ErrorCode {
    BAD_REQUEST(400),
    FORBIDDEN(403),
    NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    /** The name is taken, the server is not in the state that the request needs, or another command is at work on it. */
    CONFLICT(409),
    /** {@code If-Match} did not match. */
    PRECONDITION_FAILED(412),
    /** The image cannot be run by the kind that was asked for. */
    INCOMPATIBLE_IMAGE(422),
    /** An archive or image is malformed, hostile, or does not match its digest. */
    BAD_IMAGE(422),
    /** It would break a guarantee that the ledger holds. */
    INSUFFICIENT_RESOURCES(507),
    /** The host's disk is full. */
    DISK_FULL(507),
    /** The host lacks a package or a kernel feature. */
    HOST_UNFIT(503),
    TIMEOUT(504),
    /** The server's process 1 ended when it should have gone on. */
    SERVER_ENDED(500),
    /** A client cancelled it, or the daemon ended before it was done. */
    CANCELLED(409),
    /** The body is larger than the daemon takes. */
    TOO_LARGE(413),
    NOT_IMPLEMENTED(501),
    INTERNAL(500);

    private final int httpStatus;

    ErrorCode(int httpStatus) {
        this.httpStatus = httpStatus;
    }

    /** HTTP status of an answer with this error. */
    public int httpStatus() {
        return httpStatus;
    }

    /** The word in {@link ApiError#code()}: the name in lower case with hyphens. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
