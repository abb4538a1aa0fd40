package trefoil.daemon.operation;

import java.io.IOException;
import java.lang.System.Logger.Level;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.container.ContainerException;
import trefoil.container.IncompatibleImageException;
import trefoil.daemon.database.DatabaseException;
import trefoil.image.ImageException;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.network.NetworkException;

/** Turns what was thrown below into what a client is told: code, what, why, what to do next. */
public final class Failures {
    private static final String FREE_SPACE = "free space below the state directory, for example with: trefoil image list, trefoil image delete NAME";
    private static final System.Logger LOG = System.getLogger(Failures.class.getName());

    /** What to tell; what is the daemon's own fault goes to its log too. */
    public ApiError explain(String what, Throwable thrown) {
        return switch (thrown) {
            case ApiException e -> e.error();
            case IncompatibleImageException e -> error(ErrorCode.INCOMPATIBLE_IMAGE, e.getMessage(), e.next());
            case ContainerException e when full(e) -> withCause(ErrorCode.DISK_FULL, e.getMessage(), FREE_SPACE, e);
            case ContainerException e -> withCause(ErrorCode.INTERNAL, e.getMessage(), e.next(), e);
            case ImageException e -> withCause(code(e.reason()), e.getMessage(), e.next(), e);
            case NetworkException e when full(e) -> withCause(ErrorCode.DISK_FULL, e.getMessage(), FREE_SPACE, e);
            case NetworkException e -> withCause(ErrorCode.HOST_UNFIT, e.getMessage(), e.next(), e);
            case DatabaseException e -> withCause(
                    e.full() ? ErrorCode.DISK_FULL : ErrorCode.INTERNAL, e.getMessage(), e.full() ? FREE_SPACE : null, e);
            case UnsupportedOperationException e -> error(ErrorCode.NOT_IMPLEMENTED, String.valueOf(e.getMessage()), null);
            case InterruptedException e -> error(ErrorCode.CANCELLED, what + ": interrupted, the daemon is ending", null);
            default -> {
                LOG.log(Level.ERROR, what + " failed", thrown);
                yield full(thrown)
                        ? error(ErrorCode.DISK_FULL, what + ": " + words(thrown), FREE_SPACE)
                        : error(ErrorCode.INTERNAL, what + ": " + words(thrown), "see the daemon's log: trefoil doctor names it");
            }
        };
    }

    private static ApiError withCause(ErrorCode code, String message, String next, Throwable thrown) {
        LOG.log(Level.WARNING, message, thrown);
        return error(code, message, next);
    }

    private static ApiError error(ErrorCode code, String message, String next) {
        return new ApiError(code.word(), code.httpStatus(), message, next, null);
    }

    private static String words(Throwable thrown) {
        return thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
    }

    /** Whether a full disk is behind it. */
    private static boolean full(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ErrnoException e && (e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT)) {
                return true;
            }
            // What the JDK's own calls say has no number, only strerror(3)'s words.
            String words = cause instanceof IOException && cause.getMessage() != null ? cause.getMessage() : "";
            if (words.contains("No space left on device") || words.contains("Disk quota exceeded")) {
                return true;
            }
        }
        return false;
    }

    private static ErrorCode code(ImageException.Reason reason) {
        return switch (reason) {
            case NOT_FOUND -> ErrorCode.NOT_FOUND;
            case BAD_IMAGE -> ErrorCode.BAD_IMAGE;
            case IN_USE -> ErrorCode.CONFLICT;
            case DISK_FULL -> ErrorCode.DISK_FULL;
            case TOOL_MISSING, SOURCE_FAILED -> ErrorCode.HOST_UNFIT;
        };
    }
}
