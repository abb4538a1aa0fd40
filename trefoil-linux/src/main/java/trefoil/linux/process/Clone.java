package trefoil.linux.process;

/** Flags of clone3(2), unshare(2) and setns(2), {@code linux/sched.h}, and the layout of {@code struct clone_args}. */
public final class Clone {
    public static final long NEWTIME = 0x80;
    public static final long NEWNS = 0x2_0000;
    public static final long NEWCGROUP = 0x200_0000;
    public static final long NEWUTS = 0x400_0000;
    public static final long NEWIPC = 0x800_0000;
    public static final long NEWUSER = 0x1000_0000;
    public static final long NEWPID = 0x2000_0000;
    public static final long NEWNET = 0x4000_0000;
    public static final long CLEAR_SIGHAND = 0x1_0000_0000L;
    public static final long INTO_CGROUP = 0x2_0000_0000L;

    /** {@code sizeof(struct clone_args)}, version 2 (Linux 5.7): with {@code cgroup}. */
    public static final int ARGS_SIZE = 88;

    public static final int ARGS_FLAGS = 0;
    public static final int ARGS_EXIT_SIGNAL = 32;
    public static final int ARGS_CGROUP = 80;

    private Clone() {}
}
