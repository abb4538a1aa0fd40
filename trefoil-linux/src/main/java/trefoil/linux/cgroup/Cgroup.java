package trefoil.linux.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.host.KernelFile;
import trefoil.linux.host.PressureStall;

/**
 * The group of one server: a handle on all its processes, and its limits. Keeps no descriptors and no state of its own,
 * so any number of objects may stand for one group and none needs closing. Thread-safe as the kernel is; changes of
 * limits of one group are serialised by the caller. Methods that wait block their carrier thread.
 *
 * <p>Every method throws {@link CgroupException} with words where the cause is the caller's or the host's to mend, and
 * {@link ErrnoException} (ENOENT, ENODEV) when the group has been removed meanwhile.
 */
public final class Cgroup {
    private static final long FREEZE_MILLISECONDS = 10_000;
    private static final long KILL_MILLISECONDS = 10_000;
    private static final long DRAIN_MILLISECONDS = 5_000;
    private static final int SYS_KILL = 62;
    private static final int SIGKILL = 9;

    private final CgroupTree tree;
    private final String name;
    private final UnifiedGroup unified;
    private final Map<String, Path> controllers;
    private final Limiter limiter;

    /** @param controllers the group's directory in each version 1 hierarchy, by controller; empty with version 2 */
    Cgroup(CgroupTree tree, String name, Path unified, Map<String, Path> controllers, Limiter limiter) {
        this.tree = tree;
        this.name = name;
        this.unified = new UnifiedGroup(unified);
        this.controllers = new LinkedHashMap<>(controllers);
        this.limiter = limiter;
    }

    /** The name it was made with. */
    public String name() {
        return name;
    }

    /** Its cgroup2 directory, the server's {@code /sys/fs/cgroup}; valid in this process only. */
    public Path directory() {
        return unified.directory();
    }

    /** What a process needs to be born into it; opened anew, the caller closes it. */
    public Birth birth() throws IOException {
        List<FileDescriptor> joins = new ArrayList<>();
        try {
            for (Path directory : hierarchies()) {
                joins.add(KernelFile.open(directory + "/tasks", KernelFile.O_WRONLY));
            }
            return new Birth(joins, unified.inhabitable());
        } catch (IOException e) {
            joins.forEach(FileDescriptor::close);
            throw e;
        }
    }

    private List<Path> hierarchies() {
        return controllers.values().stream().distinct().toList(); // cpu and cpuacct, say, may be mounted together
    }

    /**
     * Changes its limits to these; {@code null} components lift what was set. Either all or none are changed, as far as
     * the kernel allows taking back.
     */
    public void limits(CgroupLimits limits) throws IOException {
        CgroupLimits before = limiter.limits();
        try {
            limiter.change(before, limits);
            tree.guaranteeChanged(guarantee(before), guarantee(limits));
        } catch (IOException e) {
            try {
                limiter.change(limiter.limits(), before);
            } catch (IOException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    private static long guarantee(CgroupLimits limits) {
        return limits.memoryGuarantee() == null ? 0 : limits.memoryGuarantee();
    }

    /** Its limits as the kernel holds them: bytes in whole pages, weights as near as the version's scale comes. */
    public CgroupLimits limits() throws IOException {
        return limiter.limits();
    }

    /**
     * Freezes all its processes and returns when they are frozen; no-op when they are.
     *
     * @throws CgroupException when some are not after 10 s (uninterruptible sleep); all are then thawed again
     */
    public void freeze() throws IOException {
        if (!unified.freeze(true, FREEZE_MILLISECONDS)) {
            unified.freeze(false, 0);
            throw new CgroupException(
                    "cannot freeze " + name + ": some of its processes are in uninterruptible sleep (state D)",
                    "look for hung disks or network file systems, then try again",
                    null);
        }
    }

    /** Thaws them; no-op when they are not frozen. */
    public void thaw() throws IOException {
        if (!unified.freeze(false, FREEZE_MILLISECONDS)) {
            throw new CgroupException("cannot thaw " + name + ": a group above it is frozen", null, null);
        }
    }

    /** Whether they are all frozen. */
    public boolean frozen() throws IOException {
        return unified.frozen();
    }

    /** Whether any process lives in it or in a group below. */
    public boolean populated() throws IOException {
        return unified.populated();
    }

    /**
     * Kills all its processes, frozen or not, and returns when none is left (zombies aside: their parent reaps them).
     *
     * @throws CgroupException when some are left after 10 s, naming them
     */
    public void kill() throws IOException {
        unified.kill();
        if (!unified.awaitEmpty(KILL_MILLISECONDS) || !killStragglers()) {
            throw new CgroupException(
                    "killed " + name + ", but processes are left in uninterruptible sleep: " + processes(),
                    "look for hung disks or network file systems",
                    null);
        }
    }

    /** A starting child is in the version 1 groups a moment before it is in the cgroup2 group. */
    private boolean killStragglers() throws IOException {
        long deadline = System.nanoTime() + KILL_MILLISECONDS * 1_000_000;
        for (Path directory : hierarchies()) {
            List<Integer> pids = processesOf(directory);
            while (!pids.isEmpty()) {
                for (int pid : pids) {
                    Syscall.raw(SYS_KILL, pid, SIGKILL, 0);
                }
                if (System.nanoTime() > deadline) {
                    return false;
                }
                LockSupport.parkNanos(1_000_000);
                pids = processesOf(directory);
            }
        }
        return true;
    }

    private static List<Integer> processesOf(Path directory) throws ErrnoException {
        return KernelFile.read(directory + "/cgroup.procs").lines().map(Integer::valueOf).toList();
    }

    /** Ids, the host's, of the processes in it and in the groups below; a snapshot. */
    public List<Integer> processes() throws IOException {
        return unified.processes();
    }

    /** What it uses. */
    public CgroupStatistics statistics() throws IOException {
        CgroupMemory memory = limiter.memory();
        Limiter.Transferred io = limiter.transferred();
        return new CgroupStatistics(
                unified.cpu().total(),
                memory.usage(),
                workingSet(memory),
                limiter.memoryPeak(),
                memory.swap(),
                limiter.processes(),
                io.read(),
                io.written(),
                limiter.oomKills(),
                unified.pressure("cpu"),
                unified.pressure("memory"),
                unified.pressure("io"));
    }

    private static long workingSet(CgroupMemory memory) {
        return memory.usage() < 0 ? -1 : Math.max(0, memory.usage() - memory.inactiveFile());
    }

    /** Its memory in detail. */
    public CgroupMemory memory() throws IOException {
        return limiter.memory();
    }

    /** CPU time that it and the groups below have used. */
    public CgroupCpu cpu() throws IOException {
        return unified.cpu();
    }

    /** Its CPU cap in CPUs; {@code null} for none. */
    public Double cpuCap() throws IOException {
        return limiter.cpuCap();
    }

    /** How many processes and threads there are in it; −1 where the kernel does not count them. */
    public long tasks() throws IOException {
        return limiter.processes();
    }

    /** How many of its processes the kernel killed for lack of memory; −1 where the kernel does not count them. */
    public long oomKills() throws IOException {
        return limiter.oomKills();
    }

    /** How long its tasks wait for {@code cpu}, {@code memory} or {@code io}. */
    public PressureStall pressure(String resource) throws IOException {
        return unified.pressure(resource);
    }

    /**
     * A new non-blocking descriptor that turns readable when the group runs out of memory. Whoever waits for it reads it
     * empty (up to 4096 bytes, content without meaning) and looks at {@link CgroupStatistics#oomKills()}, which is the
     * truth; the caller closes it.
     */
    public FileDescriptor oomEvents() throws IOException {
        Path memory = controllers.get("memory");
        return memory != null ? OomEvents.ofV1(memory) : OomEvents.ofV2(unified.directory());
    }

    /**
     * Removes it with all groups below it; no-op when it is gone. Waits up to 5 s for processes that are dying.
     *
     * @throws CgroupException when processes live in it, naming them
     */
    public void remove() throws IOException {
        remove(DRAIN_MILLISECONDS);
    }

    void remove(long milliseconds) throws IOException {
        long deadline = System.nanoTime() + milliseconds * 1_000_000;
        long guarantee = GroupDirectory.exists(unified.directory()) ? tree.guaranteeOf(limiter) : 0;
        List<Path> left = new ArrayList<>(hierarchies());
        left.add(unified.directory());
        while (true) {
            for (var remaining = left.iterator(); remaining.hasNext(); ) {
                if (GroupDirectory.removeTree(remaining.next())) {
                    remaining.remove();
                }
            }
            if (left.isEmpty()) {
                break;
            }
            if (System.nanoTime() > deadline) {
                throw new CgroupException(
                        "cannot remove the control group of " + name + ": processes live in it " + occupants(left),
                        "kill them first",
                        null);
            }
            drain(left, milliseconds);
        }
        tree.guaranteeChanged(guarantee, 0);
    }

    /** Waits for a process to leave; version 1 has no event for that. */
    private void drain(List<Path> left, long milliseconds) throws IOException {
        if (left.contains(unified.directory()) && unified.populated()) {
            unified.awaitEmpty(milliseconds);
        } else {
            LockSupport.parkNanos(500_000);
        }
    }

    private static List<Integer> occupants(List<Path> directories) throws IOException {
        List<Integer> pids = new ArrayList<>();
        for (Path directory : directories) {
            try {
                processesOf(directory).stream().filter(pid -> !pids.contains(pid)).forEach(pids::add);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
                    throw e;
                }
            }
        }
        return pids;
    }

    @Override
    public String toString() {
        return "cgroup " + name + " at " + unified.directory();
    }
}
