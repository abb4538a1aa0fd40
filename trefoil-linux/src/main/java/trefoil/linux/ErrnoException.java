package trefoil.linux;

import java.io.IOException;

/** A system call that failed: which, with what arguments, and its error number. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    /**
     * @param call the call, with its telling arguments where known: {@code mkdirat(5, "dev", 0755)}
     * @param errno its error number, positive
     */
    public ErrnoException(String call, int errno) {
        super(call + ": " + Errno.message(errno) + " (" + Errno.name(errno) + ")");
        this.call = call;
        this.errno = errno;
    }

    /** The same failure, named with its arguments. */
    public ErrnoException in(String fullCall) {
        ErrnoException named = new ErrnoException(fullCall, errno);
        named.initCause(this);
        return named;
    }

    /** The call that failed. */
    public String call() {
        return call;
    }

    /** The error number, see {@link Errno}. */
    public int errno() {
        return errno;
    }
}
