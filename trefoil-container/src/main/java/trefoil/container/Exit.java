package trefoil.container;

/**
 * How a process ended.
 *
 * @param status exit status 0–255, or −1 when a signal ended it or nobody knows
 * @param signal the signal that ended it, or 0. For process 1 of a container, SIGINT (2) is what its own {@code poweroff}
 *     and SIGHUP (1) what its own {@code reboot} leaves behind (reboot(2), "Behavior inside PID namespaces")
 */
public record Exit(int status, int signal) {
    /** What a shell would say: the status, or 128 + the signal; 255 when nobody knows. */
    public int shellStatus() {
        return signal != 0 ? 128 + signal : status < 0 ? 255 : status;
    }
}
