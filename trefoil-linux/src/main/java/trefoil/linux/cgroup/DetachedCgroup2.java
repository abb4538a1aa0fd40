package trefoil.linux.cgroup;

import java.lang.foreign.Arena;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/**
 * The kernel's cgroup2 hierarchy on a host that has not mounted it: there is one and only one, and it exists from boot
 * (cgroup-v2.rst, "Mounting"). Mounted detached (fsmount(2)), it is visible to nobody but the holder of the descriptor.
 */
final class DetachedCgroup2 {
    private static final int SYS_FSOPEN = 430;
    private static final int SYS_FSCONFIG = 431;
    private static final int SYS_FSMOUNT = 432;
    private static final int CLOEXEC = 1; // FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int MOUNT_ATTR_NOSUID_NODEV_NOEXEC = 2 | 4 | 8;

    private DetachedCgroup2() {}

    static FileDescriptor mount() throws CgroupException {
        try (Arena arena = Arena.ofConfined();
                FileDescriptor context = new FileDescriptor(
                        (int) Syscall.call(
                                "fsopen(\"cgroup2\")", SYS_FSOPEN, arena.allocateFrom("cgroup2").address(), CLOEXEC, 0),
                        "cgroup2 context")) {
            Syscall.call("fsconfig(CREATE)", SYS_FSCONFIG, context.number(), FSCONFIG_CMD_CREATE, 0, 0, 0, 0);
            int mount = (int) Syscall.call(
                    "fsmount(cgroup2)", SYS_FSMOUNT, context.number(), CLOEXEC, MOUNT_ATTR_NOSUID_NODEV_NOEXEC);
            return new FileDescriptor(mount, "cgroup2");
        } catch (ErrnoException e) {
            throw new CgroupException(
                    "cannot reach the cgroup2 hierarchy, which freezing, killing and the servers' own systemd need",
                    "mkdir /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified",
                    e);
        }
    }
}
