package trefoil.container;

import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.host.KernelFile;
import trefoil.linux.process.Pidfd;

/**
 * How a process ended that is not this process's child. While its parent, the keeper, has not reaped it, the zombie tells it in
 * {@code /proc/PID/stat} (proc_pid_stat(5), field 52); afterwards, as when the keeper was killed and the host's init has reaped it,
 * its pidfd does.
 */
final class Zombie {
    private static final long PATIENCE_NANOS = 2_000_000_000L;
    private static final long PAUSE_NANOS = 1_000_000;
    /** Fields after the command's name in parentheses, of which the first is the third of all. */
    private static final int STATE = 0;

    private static final int EXIT_CODE = 52 - 3;

    private Zombie() {}

    /** How it ended; an exit that nobody knows where the kernel does not tell. Its pidfd must have turned readable. */
    static Exit exit(int pid, FileDescriptor pidfd) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < deadline) {
            OptionalInt status = Pidfd.waitStatus(pidfd);
            if (status.isEmpty()) {
                status = ofZombie(pid, pidfd);
            }
            if (status.isPresent()) {
                return ofWaitStatus(status.getAsInt());
            }
            LockSupport.parkNanos(PAUSE_NANOS); // on its way from zombie to reaped
        }
        return new Exit(-1, 0);
    }

    /** What a process that has ended left for its parent, while that has not reaped it; empty once it has. */
    static OptionalInt ofZombie(int pid, FileDescriptor pidfd) throws IOException {
        try {
            String stat = KernelFile.read("/proc/" + pid + "/stat");
            Pidfd.signal(pidfd, 0); // it was its number still
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ");
            return fields[STATE].equals("Z") && fields.length > EXIT_CODE
                    ? OptionalInt.of(Integer.parseInt(fields[EXIT_CODE]))
                    : OptionalInt.empty();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ESRCH) {
                throw e;
            }
            return OptionalInt.empty();
        }
    }

    /** wait(2): the signal in the low seven bits, or else the exit status in the second byte. */
    static Exit ofWaitStatus(int status) {
        int signal = status & 0x7F;
        return signal != 0 ? new Exit(-1, signal) : new Exit(status >> 8 & 0xFF, 0);
    }
}
