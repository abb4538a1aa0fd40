package trefoil.linux.program;

import java.util.Locale;

/**
 * What an operation does: system calls of x86-64 by number (arch/x86/entry/syscalls/syscall_64.tbl), and the
 * interpreter's own pseudo-operations. A table; it lists what programs of Trefoil use.
 */
public enum Call {
    READ(0),
    WRITE(1),
    CLOSE(3),
    LSEEK(8),
    MMAP(9),
    RT_SIGACTION(13),
    RT_SIGPROCMASK(14),
    IOCTL(16),
    PREAD64(17),
    PWRITE64(18),
    SENDTO(44),
    RECVMSG(47),
    SOCKET(41),
    BIND(49),
    LISTEN(50),
    EXECVE(59),
    FCNTL(72),
    FTRUNCATE(77),
    CHDIR(80),
    FCHDIR(81),
    UMASK(95),
    SETSID(112),
    SETGROUPS(116),
    SETRESUID(117),
    SETRESGID(119),
    PIVOT_ROOT(155),
    PRCTL(157),
    MOUNT(165),
    UMOUNT2(166),
    SETHOSTNAME(170),
    SCHED_SETAFFINITY(203),
    EPOLL_WAIT(232),
    EPOLL_CTL(233),
    EXIT_GROUP(231),
    WAITID(247),
    KEYCTL(250),
    OPENAT(257),
    MKDIRAT(258),
    UNSHARE(272),
    ACCEPT4(288),
    EPOLL_CREATE1(291),
    DUP3(292),
    PRLIMIT64(302),
    SETNS(308),
    SECCOMP(317),
    OPEN_TREE(428),
    MOVE_MOUNT(429),
    FSOPEN(430),
    FSCONFIG(431),
    FSMOUNT(432),
    CLONE3(435),
    CLOSE_RANGE(436),
    MOUNT_SETATTR(442),

    /** {@code a0 + a1}. */
    ADD(-1),
    /** {@code a0 - a1}. */
    SUBTRACT(-2),
    /** The 64-bit word at address {@code a0}. */
    LOAD(-3),
    /** The 32-bit word at address {@code a0}, sign extended. */
    LOAD32(-4),
    /** Stores {@code a1} as a 64-bit word at address {@code a0}; the result is {@code a1}. */
    STORE(-5);

    private final int number;

    Call(int number) {
        this.number = number;
    }

    /** What the operation's {@code nr} field holds, as 64 bits. */
    public long number() {
        return number & 0xFFFF_FFFFL;
    }

    /** Whether the kernel sees it. */
    public boolean isSystemCall() {
        return number >= 0;
    }

    /** As in the manual pages: {@code pivot_root}. */
    public String symbol() {
        return name().toLowerCase(Locale.ROOT);
    }
}
