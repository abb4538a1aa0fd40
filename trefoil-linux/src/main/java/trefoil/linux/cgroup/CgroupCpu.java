package trefoil.linux.cgroup;

/**
 * CPU time of a group and the groups below since it was made, nanoseconds in steps of 1 µs.
 *
 * @param total all of it
 * @param user in user mode
 * @param system in the kernel
 */
public record CgroupCpu(long total, long user, long system) {}
