package trefoil.linux.capability;

import java.util.EnumSet;
import java.util.Set;

/**
 * A capability of capabilities(7); its ordinal is its number in linux/capability.h. Sets are bit masks, as capset(2) takes
 * them in two halves of 32 bits and /proc/PID/status shows them.
 */
public enum Capability {
    CAP_CHOWN,
    CAP_DAC_OVERRIDE,
    CAP_DAC_READ_SEARCH,
    CAP_FOWNER,
    CAP_FSETID,
    CAP_KILL,
    CAP_SETGID,
    CAP_SETUID,
    CAP_SETPCAP,
    CAP_LINUX_IMMUTABLE,
    CAP_NET_BIND_SERVICE,
    CAP_NET_BROADCAST,
    CAP_NET_ADMIN,
    CAP_NET_RAW,
    CAP_IPC_LOCK,
    CAP_IPC_OWNER,
    CAP_SYS_MODULE,
    CAP_SYS_RAWIO,
    CAP_SYS_CHROOT,
    CAP_SYS_PTRACE,
    CAP_SYS_PACCT,
    CAP_SYS_ADMIN,
    CAP_SYS_BOOT,
    CAP_SYS_NICE,
    CAP_SYS_RESOURCE,
    CAP_SYS_TIME,
    CAP_SYS_TTY_CONFIG,
    CAP_MKNOD,
    CAP_LEASE,
    CAP_AUDIT_WRITE,
    CAP_AUDIT_CONTROL,
    CAP_SETFCAP,
    CAP_MAC_OVERRIDE,
    CAP_MAC_ADMIN,
    CAP_SYSLOG,
    CAP_WAKE_ALARM,
    CAP_BLOCK_SUSPEND,
    CAP_AUDIT_READ,
    CAP_PERFMON,
    CAP_BPF,
    CAP_CHECKPOINT_RESTORE;

    /**
     * What root inside a container does without. All of these are powerless in a user namespace, since the kernel asks for
     * them in the first one; they are dropped so that programs inside can tell, above all systemd, whose units ask
     * (ConditionCapability=) and then leave alone what is the host's:
     * <ul>
     * <li>{@code CAP_SYS_MODULE}: systemd-modules-load, kmod-static-nodes; modules are the host kernel's;
     * <li>{@code CAP_SYS_RAWIO}: the mounts of debugfs, tracefs and configfs; I/O ports, /dev/mem;
     * <li>{@code CAP_SYS_TIME}: time daemons (chrony, ntpsec, systemd-timesyncd); the clock is the host's;
     * <li>{@code CAP_WAKE_ALARM}, {@code CAP_BLOCK_SUSPEND}: waking and keeping awake the machine;
     * <li>{@code CAP_SYSLOG}: the host kernel's log and addresses;
     * <li>{@code CAP_MAC_ADMIN}, {@code CAP_MAC_OVERRIDE}: the host's security modules;
     * <li>{@code CAP_AUDIT_CONTROL}, {@code CAP_AUDIT_READ}: the host's audit;
     * <li>{@code CAP_SYS_PACCT}: accounting; {@code CAP_BPF}, {@code CAP_PERFMON}: the filter refuses their calls.
     * </ul>
     */
    private static final Set<Capability> OF_THE_HOST = EnumSet.of(
            CAP_SYS_MODULE,
            CAP_SYS_RAWIO,
            CAP_SYS_TIME,
            CAP_WAKE_ALARM,
            CAP_BLOCK_SUSPEND,
            CAP_SYSLOG,
            CAP_MAC_ADMIN,
            CAP_MAC_OVERRIDE,
            CAP_AUDIT_CONTROL,
            CAP_AUDIT_READ,
            CAP_SYS_PACCT,
            CAP_BPF,
            CAP_PERFMON);

    /** Its bit in a set. */
    public long bit() {
        return 1L << ordinal();
    }

    /** The set of some. */
    public static long mask(Set<Capability> some) {
        return some.stream().mapToLong(Capability::bit).reduce(0, (a, b) -> a | b);
    }

    /** The capabilities in a set; bits that this table does not know are left out. */
    public static Set<Capability> of(long mask) {
        EnumSet<Capability> some = EnumSet.noneOf(Capability.class);
        for (Capability capability : values()) {
            if ((mask & capability.bit()) != 0) {
                some.add(capability);
            }
        }
        return some;
    }

    /** All that this table knows. */
    public static long all() {
        return (1L << values().length) - 1;
    }

    /**
     * The bounding set of a container: what root inside may hold, over the container's own namespaces only. Everything a
     * server's administrator works with is in it; for what is not see {@code OF_THE_HOST} in the source. Outside the
     * container's user namespace none of it counts (user_namespaces(7)). Containers that nest hold the same.
     */
    public static long inside() {
        return all() & ~mask(OF_THE_HOST);
    }
}
