package trefoil.linux.cgroup;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.host.Fields;
import trefoil.linux.host.KernelFile;
import trefoil.linux.host.PressureStall;

/**
 * The core files of a cgroup2 group (cgroup-v2.rst, "Core Interface Files"): all that a group does without a controller.
 * A call that waits blocks its carrier thread in poll(2).
 */
final class UnifiedGroup {
    private static final int SYS_POLL = 7;
    private static final int SYS_LSEEK = 8;
    private static final int POLLPRI = 2;
    private static final int DIRECTORY = KernelFile.O_RDONLY | KernelFile.O_DIRECTORY | KernelFile.O_NOFOLLOW;

    /** Groups that a guest may make: more than any system needs, few enough that their kernel memory does no harm. */
    static final int DESCENDANTS = 8192;

    /** Levels of groups that a guest may make: containers in containers in services are six. */
    static final int DEPTH = 64;

    /** A group, the host's, in which processes are born once the guest's root group can hold none. */
    static final String LEAF = "trefoil-exec";

    private final Path directory;

    UnifiedGroup(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    private String file(String name) {
        return directory + "/" + name;
    }

    /** Bounds the groups that a guest can make and gives it what {@code delegated} names. */
    void delegate(int owner, List<String> delegated) throws IOException {
        KernelFile.write(file("cgroup.max.descendants"), Integer.toString(DESCENDANTS));
        KernelFile.write(file("cgroup.max.depth"), Integer.toString(DEPTH));
        for (String name : delegated) {
            GroupDirectory.chown(directory.resolve(name), owner);
        }
        GroupDirectory.chown(directory, owner);
    }

    /**
     * The group's directory for CLONE_INTO_CGROUP. A guest whose systemd has enabled controllers for the groups below
     * its root has made that root uninhabitable (cgroup-v2.rst, "No Internal Process Constraint"; clone3 would say
     * EBUSY): then it is a leaf group of the host's making in it. Its {@code cgroup.procs} is the guest's, which may
     * move processes out of it; the rest is the host's, so that a guest cannot spoil it for the next.
     */
    FileDescriptor inhabitable() throws IOException {
        if (KernelFile.read(file("cgroup.subtree_control")).isBlank()) {
            return KernelFile.open(directory.toString(), DIRECTORY);
        }
        Path leaf = directory.resolve(LEAF);
        if (!GroupDirectory.exists(leaf)) {
            GroupDirectory.make(leaf);
            int owner = (int) Files.getAttribute(directory, "unix:uid");
            GroupDirectory.chown(leaf.resolve("cgroup.procs"), owner);
        }
        return KernelFile.open(leaf.toString(), DIRECTORY);
    }

    boolean frozen() throws ErrnoException {
        return event(KernelFile.read(file("cgroup.events")), "frozen");
    }

    boolean populated() throws ErrnoException {
        return event(KernelFile.read(file("cgroup.events")), "populated");
    }

    private static boolean event(String events, String key) {
        return Fields.number(events, key, 0) != 0;
    }

    /** Asks for a freeze or thaw; true once it is complete, false when it is not after so many milliseconds. */
    boolean freeze(boolean freeze, long milliseconds) throws IOException {
        KernelFile.write(file("cgroup.freeze"), freeze ? "1" : "0");
        return await(events -> event(events, "frozen") == freeze, milliseconds);
    }

    /** Sends SIGKILL to all, in the groups below too, with no race against fork(2) (since Linux 5.14). */
    void kill() throws ErrnoException {
        KernelFile.write(file("cgroup.kill"), "1");
    }

    /** Waits until no process is left; false when some are after so many milliseconds. */
    boolean awaitEmpty(long milliseconds) throws IOException {
        return await(events -> !event(events, "populated"), milliseconds);
    }

    /** Waits for cgroup.events to change to what is wanted; the kernel then flags the open file POLLPRI. */
    private boolean await(Predicate<String> wanted, long milliseconds) throws ErrnoException {
        long deadline = System.nanoTime() + milliseconds * 1_000_000;
        try (FileDescriptor events = KernelFile.open(file("cgroup.events"), KernelFile.O_RDONLY);
                Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(8, 4); // struct pollfd { int fd; short events; short revents; }
            pollfd.set(ValueLayout.JAVA_INT, 0, events.number());
            pollfd.set(ValueLayout.JAVA_SHORT, 4, (short) POLLPRI);
            while (!wanted.test(KernelFile.readToEnd(events, "cgroup.events"))) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                long n = Syscall.raw(SYS_POLL, pollfd.address(), 1, left);
                if (n < 0 && n != -Errno.EINTR) {
                    throw new ErrnoException("poll(cgroup.events)", (int) -n);
                }
                Syscall.call("lseek(cgroup.events)", SYS_LSEEK, events.number(), 0, 0);
            }
            return true;
        }
    }

    /** Process ids, the host's, of the group and those below. */
    List<Integer> processes() throws IOException {
        List<Integer> pids = new ArrayList<>();
        try (FileDescriptor open = KernelFile.open(directory.toString(), DIRECTORY)) {
            collect(open, pids);
        }
        return pids;
    }

    private static void collect(FileDescriptor group, List<Integer> pids) throws IOException {
        try {
            KernelFile.read(group, "cgroup.procs").lines().map(Integer::valueOf).forEach(pids::add);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.ENODEV) { // a threaded group; one just removed
                throw e;
            }
        }
        for (String child : GroupDirectory.children(group)) {
            try (FileDescriptor below = KernelFile.openAt(group, child, DIRECTORY)) {
                collect(below, pids);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
                    throw e;
                }
            }
        }
    }

    CgroupCpu cpu() throws ErrnoException {
        String stat = KernelFile.read(file("cpu.stat"));
        return new CgroupCpu(
                Fields.number(stat, "usage_usec", 0) * 1000,
                Fields.number(stat, "user_usec", 0) * 1000,
                Fields.number(stat, "system_usec", 0) * 1000);
    }

    PressureStall pressure(String resource) throws ErrnoException {
        return PressureStall.read(file(resource + ".pressure"));
    }
}
