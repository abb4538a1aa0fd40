package trefoil.container;

/**
 * How a process ended.
 *
 * @param status exit status 0–255, or −1 when a signal ended it or nobody knows
 * @param signal the signal that ended it, or 0. For process 1 of a container, SIGINT (2) is what its own {@code poweroff}
 *     and SIGHUP (1) what its own {@code reboot} leaves behind (reboot(2), "Behavior inside PID namespaces")
 * @param oomKills for process 1 of a container: how many processes of its run the kernel had killed for lack of memory by then,
 *     itself included, where it was killed itself; 0 otherwise
 */
public record Exit(int status, int signal, long oomKills) {
    private static final int SIGKILL = 9;

    /** An end that has nothing to do with memory. */
    public Exit(int status, int signal) {
        this(status, signal, 0);
    }

    /**
     * Whether the kernel ended it for lack of memory. Its trace is SIGKILL and a count: a SIGKILL of the host's administrator
     * after an earlier lack of memory looks the same.
     */
    public boolean outOfMemory() {
        return signal == SIGKILL && oomKills > 0;
    }

    /** What a shell would say: the status, or 128 + the signal; 255 when nobody knows. */
    public int shellStatus() {
        return signal != 0 ? 128 + signal : status < 0 ? 255 : status;
    }
}
