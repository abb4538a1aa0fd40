package trefoil.disk;

import java.io.IOException;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.machine.IoStatus;

/** An operation on an image that ends with a status; known within this module, where it passes up to the backend's method. */
public class IoFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final IoStatus status;

    public IoFailure(IoStatus status, String message) {
        super(message);
        this.status = status;
    }

    /** The status of a failure, whichever class it is of. */
    public static IoStatus status(IOException e) {
        return switch (e) {
            case IoFailure failure -> failure.status;
            case ErrnoException errno when isFull(errno.errno()) -> IoStatus.NO_SPACE;
            default -> IoStatus.IO_ERROR;
        };
    }

    static boolean isFull(int errno) {
        return errno == Errno.ENOSPC || errno == Errno.EDQUOT || errno == Errno.EFBIG;
    }
}
