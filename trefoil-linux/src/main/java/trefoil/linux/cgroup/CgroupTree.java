package trefoil.linux.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.host.KernelFile;

/**
 * All groups of one daemon: {@code trefoil} or {@code trefoil-<tag>} at the root of each hierarchy, one group per server
 * below. Nothing of the host's own groups is touched, save that on a version 2 host the root is asked to enable the
 * controllers that limits need ({@code cgroup.subtree_control}). Thread-safe.
 *
 * <p>The top group weighs ten times what one ordinary group or process of the host weighs, so that under contention the
 * servers together get most of the CPU and the host keeps a part; idle CPU goes to whoever asks.
 */
public abstract sealed class CgroupTree implements AutoCloseable permits CgroupV1, CgroupV2 {
    /** Weight of the top group; the default of any group is 100. */
    static final int TOP_WEIGHT = 1000;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

    private final String top;
    private final Path unifiedRoot;
    private final FileDescriptor ownMount;
    private final List<String> delegated;

    CgroupTree(String top, Path unifiedRoot, FileDescriptor ownMount) throws IOException {
        this.top = top;
        this.unifiedRoot = unifiedRoot;
        this.ownMount = ownMount;
        this.delegated = delegatedFiles();
    }

    /**
     * The tree on this host, in the flavor that /proc/self/mountinfo shows. Makes nothing yet.
     *
     * @param tag keeps several daemons apart: letters and digits; empty for the host's own
     * @throws CgroupException when this kernel or this environment has no usable control groups
     */
    public static CgroupTree open(String tag) throws IOException {
        return open(tag, KernelFile.read("/proc/self/mountinfo"));
    }

    static CgroupTree open(String tag, String mountinfo) throws IOException {
        if (!tag.matches("[A-Za-z0-9]*")) {
            throw new IllegalArgumentException("tag \"" + tag + "\": letters and digits only");
        }
        String top = tag.isEmpty() ? "trefoil" : "trefoil-" + tag;
        CgroupMounts mounts = CgroupMounts.parse(mountinfo);
        if (mounts.controllers().isEmpty() && mounts.unified() != null) {
            return new CgroupV2(top, mounts.unified());
        }
        if (mounts.controllers().isEmpty()) {
            throw new CgroupException(
                    "no control groups are mounted",
                    "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
                    null);
        }
        return mounts.unified() != null
                ? new CgroupV1(top, mounts.controllers(), mounts.unified(), null)
                : unmounted(top, mounts);
    }

    private static CgroupTree unmounted(String top, CgroupMounts mounts) throws IOException {
        FileDescriptor own = DetachedCgroup2.mount();
        try {
            return new CgroupV1(top, mounts.controllers(), Path.of(own.path()), own);
        } catch (IOException e) {
            own.close();
            throw e;
        }
    }

    /** What the kernel itself lists as safe to give away; its first three where it does not say (before Linux 4.15). */
    private static List<String> delegatedFiles() throws IOException {
        try {
            return KernelFile.read("/sys/kernel/cgroup/delegate").lines().toList();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return List.of("cgroup.procs", "cgroup.threads", "cgroup.subtree_control");
            }
            throw e;
        }
    }

    /** {@code v1}, {@code v2}, or {@code hybrid}: version 1 controllers beside a mounted cgroup2. */
    public abstract String flavor();

    /**
     * Makes the group of a server. Nothing is left behind when it fails.
     *
     * @param name of the server: a letter or digit, then letters, digits, dashes and underscores, at most 64 in all
     * @param ownerUid host's user id of the server's root, to which its cgroup2 group is delegated
     * @throws CgroupException when it exists, or a limit cannot be set
     */
    public Cgroup create(String name, CgroupLimits limits, int ownerUid) throws IOException {
        Cgroup group = group(checked(name));
        List<Path> made = new ArrayList<>();
        try {
            make(name, limits, made);
            new UnifiedGroup(unified(name)).delegate(ownerUid, delegated);
            guaranteeChanged(0, limits.memoryGuarantee() == null ? 0 : limits.memoryGuarantee());
            return group;
        } catch (IOException e) {
            for (Path directory : made.reversed()) {
                GroupDirectory.removeTree(directory);
            }
            throw e;
        }
    }

    /** Makes a group's directories, adding each to {@code made} once it is, and sets its limits. */
    abstract void make(String name, CgroupLimits limits, List<Path> made) throws IOException;

    /** The object for a group, whether it exists or not. */
    abstract Cgroup group(String name);

    /** Roots of all hierarchies. */
    abstract List<Path> roots();

    /** Told that a group's memory guarantee has changed, bytes. */
    void guaranteeChanged(long from, long to) throws IOException {}

    /** The guarantee to be taken back when a group with this limiter is removed, bytes. */
    long guaranteeOf(Limiter limiter) throws IOException {
        return 0;
    }

    /** The group of a server, also a half-made one; empty when there is nothing of it in any hierarchy. */
    public Optional<Cgroup> find(String name) {
        String directory = directoryName(checked(name));
        boolean there = roots().stream().anyMatch(root -> GroupDirectory.exists(root.resolve(top).resolve(directory)));
        return there ? Optional.of(group(name)) : Optional.empty();
    }

    /** Names of all servers that have groups, half-made ones too. */
    public Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        for (Path root : roots()) {
            for (String directory : GroupDirectory.children(root.resolve(top))) {
                names.add(directory.startsWith("_") ? directory.substring(1) : directory);
            }
        }
        return names;
    }

    /** Removes the top group in each hierarchy; where servers' groups are left in it, it stays. */
    public void remove() throws IOException {
        for (Path root : roots()) {
            GroupDirectory.remove(root.resolve(top));
        }
    }

    /** Lets go; the groups stay. */
    @Override
    public void close() {
        if (ownMount != null) {
            ownMount.close();
        }
    }

    final Path unifiedRoot() {
        return unifiedRoot;
    }

    final Path unified(String name) {
        return below(unifiedRoot, name);
    }

    final Path below(Path root, String name) {
        return root.resolve(top).resolve(directoryName(name));
    }

    final Path top(Path root) {
        return root.resolve(top);
    }

    /** Makes one directory, with the top group when that is missing. */
    final void makeDirectory(Path directory, GroupDirectory.TopMade whenTopMade, List<Path> made) throws IOException {
        try {
            GroupDirectory.makeBelow(directory, whenTopMade);
        } catch (ErrnoException e) {
            throw e.errno() != Errno.EEXIST
                    ? e
                    : new CgroupException("there is a control group " + directory + " already", "remove it first", e);
        }
        made.add(directory);
    }

    /** Files of a group share its directory with the groups below: a server called "tasks" must not meet {@code tasks}. */
    private static String directoryName(String name) {
        return name.equals("tasks") ? "_tasks" : name;
    }

    private static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name of a control group: " + name);
        }
        return name;
    }
}
