package trefoil.linux.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalInt;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/** Processes by descriptor. A pidfd is readable (epoll, poll) once its process has ended. Thread-safe. */
public final class Pidfd {
    private static final int SYS_POLL = 7;
    private static final int SYS_IOCTL = 16;
    private static final int SYS_PIPE2 = 293;
    private static final int SYS_PIDFD_SEND_SIGNAL = 424;
    private static final int SYS_PIDFD_OPEN = 434;
    private static final int SYS_PIDFD_GETFD = 438;
    private static final int O_CLOEXEC = 0x80000;
    private static final short POLLIN = 1;
    // struct pidfd_info {u64 mask, cgroupid; u32 pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid; s32 exit_code}
    private static final int INFO_SIZE = 64;
    private static final int INFO_EXIT_CODE = 60;
    private static final long PIDFD_INFO_EXIT = 1 << 3;
    private static final long PIDFD_GET_INFO = 0xC040FF0BL; // _IOWR(0xFF, 11, struct pidfd_info)

    private Pidfd() {}

    /** pidfd_open(2). */
    public static FileDescriptor open(int pid) throws ErrnoException {
        return new FileDescriptor(
                (int) Syscall.call("pidfd_open(" + pid + ")", SYS_PIDFD_OPEN, pid, 0, 0), "process " + pid);
    }

    /** pidfd_send_signal(2). */
    public static void signal(FileDescriptor pidfd, int signal) throws ErrnoException {
        Syscall.call("pidfd_send_signal(" + pidfd + ", " + signal + ")", SYS_PIDFD_SEND_SIGNAL, pidfd.number(), signal, 0);
    }

    /** Whether its process has ended: poll(2) of one descriptor, without waiting. */
    public static boolean ended(FileDescriptor pidfd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment asked = arena.allocate(8, 4); // struct pollfd {int fd; short events; short revents}
            asked.set(ValueLayout.JAVA_INT, 0, pidfd.number());
            asked.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
            return Syscall.call("poll(" + pidfd + ")", SYS_POLL, asked.address(), 1, 0) > 0;
        }
    }

    /**
     * PIDFD_GET_INFO with PIDFD_INFO_EXIT (Linux 6.15, {@code linux/pidfd.h}): the wait status (wait(2)) of a process that has
     * ended and was reaped, whoever's child it was; empty while it is not reaped, and on a kernel that does not tell it.
     */
    public static OptionalInt waitStatus(FileDescriptor pidfd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(INFO_SIZE, 8);
            info.set(ValueLayout.JAVA_LONG, 0, PIDFD_INFO_EXIT);
            Syscall.call("ioctl(" + pidfd + ", PIDFD_GET_INFO)", SYS_IOCTL, pidfd.number(), PIDFD_GET_INFO, info.address());
            return (info.get(ValueLayout.JAVA_LONG, 0) & PIDFD_INFO_EXIT) == 0
                    ? OptionalInt.empty()
                    : OptionalInt.of(info.get(ValueLayout.JAVA_INT, INFO_EXIT_CODE));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ESRCH && e.errno() != Errno.ENOTTY && e.errno() != Errno.EINVAL) {
                throw e;
            }
            return OptionalInt.empty();
        }
    }

    /** pidfd_getfd(2): a duplicate of another process's descriptor; needs the right to ptrace it. */
    public static FileDescriptor getfd(FileDescriptor pidfd, int number) throws ErrnoException {
        long fd = Syscall.call("pidfd_getfd(" + pidfd + ", " + number + ")", SYS_PIDFD_GETFD, pidfd.number(), number, 0);
        return new FileDescriptor((int) fd, "descriptor " + number + " of " + pidfd);
    }

    /** Both ends of a pipe. */
    public record Pipe(FileDescriptor reader, FileDescriptor writer) implements AutoCloseable {
        @Override
        public void close() {
            reader.close();
            writer.close();
        }
    }

    /** pipe2(2), closed at execve. */
    public static Pipe pipe() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(8, 4);
            Syscall.call("pipe2", SYS_PIPE2, ends.address(), O_CLOEXEC, 0);
            return new Pipe(
                    new FileDescriptor(ends.get(ValueLayout.JAVA_INT, 0), "pipe's reader"),
                    new FileDescriptor(ends.get(ValueLayout.JAVA_INT, 4), "pipe's writer"));
        }
    }
}
