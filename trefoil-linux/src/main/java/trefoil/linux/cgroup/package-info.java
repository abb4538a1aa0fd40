/**
 * Control groups, versions 1 and 2, behind one interface.
 *
 * <h2>Two jobs, two hierarchies</h2>
 * A control group does two things for a server: it is a <em>handle</em> on all of its processes (freeze, kill, pressure,
 * CPU time, the {@code /sys/fs/cgroup} that the server's own systemd manages), and it carries <em>limits</em>.
 * <ul>
 *   <li>The handle is always a cgroup2 group. All of freeze, kill, pressure and CPU time are <em>core</em> files, present
 *       without any controller (cgroup-v2.rst, "Core Interface Files"), so they work on a host whose controllers are all
 *       bound to version 1; and the kernel's cgroup2 hierarchy exists even where nobody has mounted it, then
 *       {@link trefoil.linux.cgroup.CgroupTree} mounts it detached, for itself only.
 *   <li>The limits are files of the same group on a version 2 host, and of one more group per controller hierarchy
 *       (memory, cpu, pids, blkio) on a version 1 host.
 * </ul>
 *
 * <h2>Places</h2>
 * {@code <hierarchy>/trefoil[-tag]/<name>}, the same in each hierarchy. The cgroup2 group is delegated as cgroup-v2.rst
 * "Model of Delegation" says: the directory and the files of {@code /sys/kernel/cgroup/delegate} belong to the server's
 * root, every other file of the group stays the host's. Those others are the limits (a group's resource files govern
 * what its <em>parent</em> gives it), so the server cannot lift its own limits and no extra parent level is needed. The
 * server takes this group as the root of its cgroup namespace.
 *
 * <h2>Being born into a group</h2>
 * Writing another process's id to {@code cgroup.procs} waits for an RCU grace period, 6 to 8 ms. So nobody is moved:
 * {@link trefoil.linux.cgroup.Birth} hands out what a child needs to get there itself, {@code tasks} files of version 1
 * to which it writes {@code 0}, and a directory for clone3(2)'s CLONE_INTO_CGROUP.
 *
 * <h2>Left out on purpose</h2>
 * <ul>
 *   <li>{@code devices} (v1) and its BPF successor: a device node made in a user namespace cannot be opened
 *       (user_namespaces(7), mounts there are {@code nodev}); host-made nodes are only those a server may have.
 *   <li>{@code freezer} (v1): replaced by {@code cgroup.freeze}, in every kernel since 5.2. Servers need 5.19 anyway, for
 *       overlays over id-mapped layers.
 *   <li>{@code cpuacct} (v1): {@code cpu.stat} of the cgroup2 group tells the CPU time at no further group's cost.
 *   <li>{@code net_cls}, {@code net_prio}, {@code hugetlb}, {@code rdma}, {@code misc}: nothing here limits by them.
 * </ul>
 */
package trefoil.linux.cgroup;
