package trefoil.linux.cgroup;

import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.Sizes;

/** What the kernel means by refusing a limit, in words, for both versions. */
final class Controllers {
    private Controllers() {}

    static CgroupException refused(ControlFiles files, String file, String value, ErrnoException e) {
        String what = "cannot set " + file + " of " + files + " to " + value + ": ";
        return switch (e.errno()) {
            case Errno.ENOENT ->
                new CgroupException(
                        what + "this kernel, or this group, has no such file",
                        "see /proc/cgroups for the controllers that are enabled; limit nothing that needs others",
                        e);
            case Errno.ENODEV ->
                new CgroupException(
                        what + "no such disk, a part of a disk, or the group is gone",
                        "name a whole disk by major:minor, see lsblk",
                        e);
            case Errno.EINVAL, Errno.ERANGE -> new CgroupException(what + "not a value the kernel takes", null, e);
            case Errno.EACCES, Errno.EPERM, Errno.EROFS ->
                new CgroupException(what + "not permitted", "run as root, with cgroup file systems writable", e);
            default -> new CgroupException(what + Errno.message(e.errno()), null, e);
        };
    }

    static CgroupException tooMuchMemory(long held, long cap, ErrnoException e) {
        return new CgroupException(
                "cannot lower the memory cap to " + Sizes.words(cap) + ": " + Sizes.words(held) + " are in use and no more can be reclaimed",
                "end processes inside first, or give it swap",
                e);
    }
}
