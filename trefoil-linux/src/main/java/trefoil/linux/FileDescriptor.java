package trefoil.linux;

import java.util.concurrent.atomic.AtomicInteger;
import trefoil.linux.call.Syscall;

/**
 * An open file descriptor of this process, owned by whoever holds this object. Closing is idempotent and thread-safe;
 * using it after that throws {@link IllegalStateException}, never touches a number that the kernel has given away again.
 */
public final class FileDescriptor implements AutoCloseable {
    private static final int SYS_CLOSE = 3;
    private static final int SYS_FCNTL = 72;
    private static final int F_DUPFD_CLOEXEC = 1030;

    private final AtomicInteger number;
    private final String what;

    /**
     * @param number the descriptor, now owned by this object
     * @param what for messages: what it is open on
     */
    public FileDescriptor(int number, String what) {
        if (number < 0) {
            throw new IllegalArgumentException("not a descriptor: " + number);
        }
        this.number = new AtomicInteger(number);
        this.what = what;
    }

    /** The number, valid while this object is open. */
    public int number() {
        int n = number.get();
        if (n < 0) {
            throw new IllegalStateException("closed: " + what);
        }
        return n;
    }

    /** Whether {@link #close} has not been called. */
    public boolean isOpen() {
        return number.get() >= 0;
    }

    /** The path that leads to the open file within this process. */
    public String path() {
        return "/proc/self/fd/" + number();
    }

    /** fcntl(2) F_DUPFD_CLOEXEC: another descriptor of the same open file, to be closed on its own. */
    public FileDescriptor duplicate() throws ErrnoException {
        return new FileDescriptor((int) Syscall.call("fcntl(F_DUPFD_CLOEXEC)", SYS_FCNTL, number(), F_DUPFD_CLOEXEC, 3), what);
    }

    /** Gives the number away: whoever asked now closes it. */
    public int release() {
        int n = number.getAndSet(-1);
        if (n < 0) {
            throw new IllegalStateException("closed: " + what);
        }
        return n;
    }

    /** close(2). Its errors are not the caller's to mend and are not reported. */
    @Override
    public void close() {
        int n = number.getAndSet(-1);
        if (n >= 0) {
            Syscall.raw(SYS_CLOSE, n, 0, 0);
        }
    }

    @Override
    public String toString() {
        return what + " (fd " + number.get() + ")";
    }
}
