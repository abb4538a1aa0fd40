package trefoil.container;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import trefoil.linux.capability.Capability;
import trefoil.linux.mount.Mounts;
import trefoil.linux.process.Clone;
import trefoil.linux.program.Call;
import trefoil.linux.program.Data;
import trefoil.linux.program.Operand;
import trefoil.linux.program.Operation;
import trefoil.linux.program.Operation.Label;
import trefoil.linux.program.ProgramImage;
import trefoil.linux.program.SyscallProgram;
import trefoil.linux.seccomp.SeccompFilter;

/**
 * The program of a container's process 1 from its birth to {@code execve}, in three parts. In the first it is born by the
 * keeper in a user namespace and a pid namespace of its own; it makes the other namespaces itself, tells the daemon, and
 * waits. The daemon maps its ids, makes its mounts, writes the second part and sends the mounts; with them it makes its
 * root, confines itself, and waits again. The daemon writes the third part, which alone knows the container's name and what
 * it is to run, and says go.
 *
 * <p>When the daemon dies while it waits, its socket ends and it exits: nothing half-started survives.
 */
final class StartProgram {
    /** What it says when its namespaces are made. */
    static final byte[] READY = {'r'};

    static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** As close_range(2) has it: no end. */
    static final long LAST_DESCRIPTOR = 0xFFFF_FFFFL;

    /** Purpose of the operation that enters it. */
    static final String WORKING_DIRECTORY = "working directory";

    /** Where the second part lies, bytes from the first. */
    private static final int ROOTING = 0x4000;

    /** Where the third part lies, bytes from the first. */
    private static final int RUNNING = 0x10000;

    /** Most bytes of the third part: twice what execve(2) takes of arguments and environment by default. */
    static final int MOST_RUNNING = 4 << 20;

    /** Bytes of memory that the three take at most. */
    static final int ROOM = RUNNING + MOST_RUNNING;

    private static final int FAILED = 111;
    private static final int FILE_SYSTEMS = 4;
    private static final String WHOLE = "/dev/.trefoil";
    private static final Operand HERE = Operand.of(-100, "AT_FDCWD");
    private static final int O_RDWR_NOCTTY_CLOEXEC = 0x80102;
    /** Not O_TRUNC: ext4 writes a file to disk at its closing that was cut to nothing (ext4(5), auto_da_alloc). */
    private static final int O_WRONLY_NOFOLLOW_CLOEXEC = 0xA0001;
    private static final int TIOCSCTTY = 0x540E;
    private static final int KEYCTL_JOIN_SESSION_KEYRING = 1;
    private static final int RLIMIT_NOFILE = 7;
    private static final long SOFT_NOFILE = 1024; // what programs with select(2) expect; they raise it to the hard limit
    private static final int SIG_SETMASK = 2;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int SOCK_FILTER = 8;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final long KERNEL_FS = Mounts.MOUNT_ATTR_NOSUID | Mounts.MOUNT_ATTR_NODEV | Mounts.MOUNT_ATTR_NOEXEC;

    private final SyscallProgram program;
    private final Data empty;

    private StartProgram(String name) {
        program = new SyscallProgram(name);
        empty = program.string("");
    }

    /**
     * A mount that the daemon sends.
     *
     * @param target where it goes, absolute, inside
     * @param directory whether to make the directory where it is missing
     * @param optional whether to go on when there is no such file to cover
     */
    record Place(String target, boolean directory, boolean optional) {}

    /**
     * A mount that is made inside by copying one that the daemon sent.
     *
     * @param source inside, on a mount of the host's making
     * @param target inside
     */
    record Copy(String source, String target) {}

    /**
     * What its root is.
     *
     * @param nextFree lowest descriptor that is not in use when the first part begins
     * @param places where the mounts go that come after the root, in the order sent
     * @param copies mounts made after those
     * @param nesting whether containers may run inside: which seccomp filter, and a proc and sysfs that nothing covers
     */
    record Rooting(int nextFree, List<Place> places, List<Copy> copies, boolean nesting) {}

    /**
     * A file inside that is written anew. It must be there.
     *
     * @param path absolute, inside
     */
    record Text(String path, String content) {}

    /**
     * What the container is to be.
     *
     * @param hostName of the container
     * @param texts files that tell its name
     * @param command what to execute; tried in order of {@code paths}
     * @param paths of the program to execute, the first that exists is taken
     * @param environment as {@code NAME=value}
     * @param controllingTerminal whether process 1 gets the console as its controlling terminal
     * @param identity whom process 1 runs as; {@code null} for root
     * @param directory where it starts; empty for {@code /}
     */
    record Plan(
            String hostName,
            List<Text> texts,
            List<String> command,
            List<String> paths,
            List<String> environment,
            boolean controllingTerminal,
            Identity identity,
            String directory) {}

    /**
     * The third part and its last operations.
     *
     * @param executions the tries to execute
     */
    record Laid(ProgramImage image, List<Operation> executions) {}

    /**
     * The first part.
     *
     * @param joinFiles how many version 1 control groups it joins; their descriptors follow the socket's
     * @param nextFree lowest descriptor that is not in use when it begins
     */
    static ProgramImage birth(int joinFiles, int nextFree, boolean nesting) {
        StartProgram start = new StartProgram("birth");
        return start.bear(joinFiles, nextFree, nesting);
    }

    private ProgramImage bear(int joinFiles, int nextFree, boolean nesting) {
        joinGroups(program, joinFiles);
        forgetKept(program);
        isolate();
        newFileSystem("proc", KERNEL_FS);
        newFileSystem("sysfs", KERNEL_FS | Mounts.MOUNT_ATTR_RDONLY);
        newFileSystem("cgroup2", KERNEL_FS);
        newFileSystem("mqueue", KERNEL_FS);
        if (nesting) {
            newFileSystem("proc", KERNEL_FS);
            newFileSystem("sysfs", KERNEL_FS);
        }
        receive(firstSent(nextFree, nesting));
        return goOn(Keeper.PROGRAM_BASE, ROOTING);
    }

    private ProgramImage goOn(long base, int next) {
        program.call("go on", Call.ADD, 0, 1).leaveTo(Keeper.PROGRAM_BASE + next);
        end();
        return program.at(base);
    }

    private void end() {
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, FAILED);
    }

    /** The kernel gives the lowest free numbers, and each file system took two: its context and, after that, its mount. */
    private static int firstSent(int nextFree, boolean nesting) {
        return nextFree + 2 * (FILE_SYSTEMS + (nesting ? 2 : 0));
    }

    private static Operand made(int nextFree, int index) {
        return Operand.of(nextFree + 2 * index + 1);
    }

    /** The second part. */
    static ProgramImage root(Rooting rooting) {
        StartProgram start = new StartProgram("root");
        return start.makeRoot(rooting);
    }

    private ProgramImage makeRoot(Rooting rooting) {
        int firstSent = firstSent(rooting.nextFree(), rooting.nesting());
        becomeRoot(program);
        changeRoot(firstSent);
        attach(made(rooting.nextFree(), 0), "/proc", true);
        attach(made(rooting.nextFree(), 1), "/sys", true);
        attach(made(rooting.nextFree(), 2), "/sys/fs/cgroup", false);
        for (int i = 0; i < rooting.places().size(); i++) {
            Place place = rooting.places().get(i);
            Operation attach = attach(Operand.of(firstSent + 1 + i), place.target(), place.directory());
            if (place.optional()) {
                attach.tolerant();
            }
        }
        attach(made(rooting.nextFree(), 3), "/dev/mqueue", false);
        if (rooting.nesting()) {
            attachWhole(made(rooting.nextFree(), 4), made(rooting.nextFree(), 5));
        }
        for (Copy copy : rooting.copies()) {
            int flags = Mounts.OPEN_TREE_CLONE | Mounts.OPEN_TREE_CLOEXEC;
            Operation tree = program.call(
                    "copy " + copy.source(),
                    Call.OPEN_TREE,
                    HERE,
                    program.string(copy.source()),
                    Operand.of(flags, "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC"));
            attach(tree, copy.target(), false);
        }
        console();
        limitFiles(program);
        confine(program, rooting.nesting());
        program.call("wait for its name", Call.READ, Keeper.descriptor(0), program.zeros("go", 8), 8).onZero(program.failure());
        ProgramImage image = goOn(Keeper.PROGRAM_BASE + ROOTING, RUNNING);
        if (image.size() > RUNNING - ROOTING) {
            throw new IllegalStateException("the second part of a start is " + image.size() + " bytes");
        }
        return image;
    }

    /** The third part. */
    static Laid of(Plan plan) {
        StartProgram start = new StartProgram("start of " + plan.hostName());
        return start.run(plan);
    }

    private Laid run(Plan plan) {
        program.call("host name", Call.SETHOSTNAME, program.string(plan.hostName()), plan.hostName().length());
        plan.texts().forEach(this::write);
        if (plan.controllingTerminal()) {
            program.call("controlling terminal", Call.IOCTL, 0, Operand.of(TIOCSCTTY, "TIOCSCTTY"), 0);
        }
        List<Operation> executions = execute(
                program,
                plan.identity(),
                plan.directory().isEmpty() ? List.of() : List.of(plan.directory()),
                plan.paths(),
                plan.command(),
                plan.environment());
        end();
        return new Laid(program.at(Keeper.PROGRAM_BASE + RUNNING), executions);
    }

    private void write(Text text) {
        byte[] bytes = text.content().getBytes(StandardCharsets.UTF_8);
        Operation open = program.call(
                "open " + text.path(),
                Call.OPENAT,
                HERE,
                program.string(text.path()),
                Operand.of(O_WRONLY_NOFOLLOW_CLOEXEC, "O_WRONLY|O_NOFOLLOW|O_CLOEXEC"),
                0);
        Operation write = program.call("write " + text.path(), Call.WRITE, 0, program.data(text.path(), bytes), bytes.length);
        open.to(write, 0);
        Operation number = program.call("number of " + text.path(), Call.LOAD, open.result());
        Operation end = program.call("end of " + text.path(), Call.FTRUNCATE, 0, bytes.length);
        number.to(end, 0);
    }

    static void joinGroups(SyscallProgram program, int joinFiles) {
        Data zero = program.string("0");
        for (int i = 0; i < joinFiles; i++) {
            program.call("join control group " + (i + 1), Call.WRITE, Keeper.descriptor(1 + i), zero, 1);
        }
    }

    /** Closes what the keeper keeps for other containers: a fork has copies. */
    static void forgetKept(SyscallProgram program) {
        program.call("close what is kept for others", Call.CLOSE_RANGE, KeeperProgram.FIRST_KEPT, LAST_DESCRIPTOR, 0);
    }

    private void isolate() {
        long all = Clone.NEWNS | Clone.NEWUTS | Clone.NEWIPC | Clone.NEWNET | Clone.NEWCGROUP;
        Operand flags = Operand.of(all, "CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWNET|CLONE_NEWCGROUP");
        program.call("own namespaces", Call.UNSHARE, flags);
        program.call("say so", Call.SENDTO, Keeper.descriptor(0), program.data("\"r\"", READY), 1, MSG_NOSIGNAL, 0, 0);
    }

    private void receive(int firstSent) {
        Data vector = program.zeros("iovec", 16).put(0, program.zeros("message", 8).address()).put(8, 8);
        Data control = program.zeros("control", 16 + 4 * 254);
        Data header = program.zeros("msghdr", 56)
                .put(16, vector.address())
                .put(24, 1)
                .put(32, control.address())
                .put(40, control.size());
        program.call("wait for ids and mounts", Call.RECVMSG, Keeper.descriptor(0), header, Operand.of(MSG_CMSG_CLOEXEC, "MSG_CMSG_CLOEXEC"))
                .onZero(program.failure());
        Operation first = program.call("number of the first mount", Call.LOAD32, control.at(16));
        Label expected = program.label("expected");
        Operation compare = program.call("is as planned", Call.SUBTRACT, 0, firstSent).onZero(expected).then(program.failure());
        first.to(compare, 0);
        program.here(expected);
    }

    /** Root inside, whose memory still is nobody's business there: a change of identity may set the flag (fs.suid_dumpable). */
    static void becomeRoot(SyscallProgram program) {
        program.call("no groups", Call.SETGROUPS, 0, 0);
        program.call("root's group", Call.SETRESGID, 0, 0, 0);
        program.call("root", Call.SETRESUID, 0, 0, 0);
        keepMemoryPrivate(program);
        program.call("own session keyring", Call.KEYCTL, Operand.of(KEYCTL_JOIN_SESSION_KEYRING, "KEYCTL_JOIN_SESSION_KEYRING"), 0)
                .tolerant();
    }

    static void keepMemoryPrivate(SyscallProgram program) {
        program.call("keep others out of its memory", Call.PRCTL, Operand.of(PR_SET_DUMPABLE, "PR_SET_DUMPABLE"), 0, 0, 0, 0);
    }

    /** fsopen, create, fsmount: two descriptors, the context's and the detached mount's. */
    private void newFileSystem(String type, long attributes) {
        Operation open = program.call("new " + type, Call.FSOPEN, program.string(type), Operand.of(1, "FSOPEN_CLOEXEC"));
        Operation create = program.call(
                "make " + type, Call.FSCONFIG, 0, Operand.of(Mounts.FSCONFIG_CMD_CREATE, "FSCONFIG_CMD_CREATE"), 0, 0, 0);
        open.to(create, 0);
        Operation again = program.call("context of " + type, Call.LOAD, open.result());
        Operation mount = program.call(
                "mount " + type,
                Call.FSMOUNT,
                0,
                Operand.of(1, "FSMOUNT_CLOEXEC"),
                Operand.of(attributes, "0x" + Long.toHexString(attributes)));
        again.to(mount, 0);
    }

    /** pivot_root(2), "pivot_root(".", ".")": the old root ends up below the new one's place and is dropped. */
    private void changeRoot(int root) {
        Data here = program.string(".");
        move("attach root", Operand.of(root), "/");
        program.call("enter root", Call.FCHDIR, root);
        program.call("change root", Call.PIVOT_ROOT, here, here);
        program.call("drop the host's root", Call.UMOUNT2, here, Operand.of(Mounts.MNT_DETACH, "MNT_DETACH"));
        program.call("into root", Call.CHDIR, program.string("/"));
    }

    private Operation move(String purpose, Operand mount, String target) {
        return program.call(
                purpose,
                Call.MOVE_MOUNT,
                mount,
                empty,
                HERE,
                program.string(target),
                Operand.of(Mounts.MOVE_MOUNT_F_EMPTY_PATH, "MOVE_MOUNT_F_EMPTY_PATH"));
    }

    private void attach(Operation mount, String target, boolean directory) {
        mount.to(attach(Operand.of(0), target, directory), 0);
    }

    private Operation attach(Operand mount, String target, boolean directory) {
        if (directory) {
            program.call("make " + target, Call.MKDIRAT, HERE, program.string(target), Operand.of(0755, "0755"))
                    .tolerant();
        }
        return move("attach " + target, mount, target);
    }

    /**
     * The kernel lets a user namespace mount proc and sysfs only where one that nothing covers is in sight
     * (mount_namespaces(7), "restrictions on mount namespaces"). With nesting there is one of each, out of everybody's way.
     */
    private void attachWhole(Operand proc, Operand sys) {
        program.call("place for whole proc and sysfs", Call.MKDIRAT, HERE, program.string(WHOLE), Operand.of(0700, "0700"));
        attach(proc, WHOLE + "/proc", true);
        attach(sys, WHOLE + "/sys", true);
    }

    private void console() {
        program.call("own session", Call.SETSID);
        Operation open = program.call(
                "open the console",
                Call.OPENAT,
                HERE,
                program.string("/dev/console"),
                Operand.of(O_RDWR_NOCTTY_CLOEXEC, "O_RDWR|O_NOCTTY|O_CLOEXEC"),
                0);
        for (int i = 0; i < 3; i++) {
            Operation number = program.call("console", Call.LOAD, open.result());
            Operation place = program.call("standard file " + i, Call.DUP3, 0, i, 0);
            number.to(place, 0);
        }
    }

    static void limitFiles(SyscallProgram program) {
        Data before = program.zeros("old RLIMIT_NOFILE", 16);
        Data limit = program.zeros("RLIMIT_NOFILE", 16).put(0, SOFT_NOFILE);
        program.call("limit of open files", Call.PRLIMIT64, 0, Operand.of(RLIMIT_NOFILE, "RLIMIT_NOFILE"), 0, before);
        program.call("hard limit stays", Call.LOAD, before.at(8)).to(limit.at(8)).tolerant();
        program.call("usual limit of open files", Call.PRLIMIT64, 0, Operand.of(RLIMIT_NOFILE, "RLIMIT_NOFILE"), limit, 0);
    }

    /**
     * Who a process is to be.
     *
     * @param uid inside
     * @param gid inside
     * @param groups supplementary, inside
     */
    record Identity(int uid, int gid, List<Integer> groups) {}

    /**
     * Capabilities and seccomp. The filter is installed while the process may (CAP_SYS_ADMIN in its user namespace,
     * seccomp(2)), so that no_new_privs, which would break sudo, is not needed.
     */
    static void confine(SyscallProgram program, boolean nesting) {
        dropCapabilities(program);
        filter(program, nesting);
    }

    /**
     * The end of every program, once it is confined: identity, execve.
     *
     * @param identity whom to become; {@code null} to stay root
     * @param directories working directories to try in order; may be empty
     * @return the tries to execute
     */
    static List<Operation> execute(
            SyscallProgram program,
            Identity identity,
            List<String> directories,
            List<String> paths,
            List<String> command,
            List<String> environment) {
        if (identity != null) {
            become(program, identity);
        }
        enter(program, directories);
        Data none = program.zeros("no signal", 8);
        program.call("let signals come", Call.RT_SIGPROCMASK, Operand.of(SIG_SETMASK, "SIG_SETMASK"), none, 0, 8);
        Data arguments = program.strings("arguments", command);
        Data variables = program.strings("environment", environment);
        List<Operation> executions = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            Operation execute = program.call("execute " + paths.get(i), Call.EXECVE, program.string(paths.get(i)), arguments, variables);
            if (i < paths.size() - 1) {
                execute.tolerant();
            }
            executions.add(execute);
        }
        return executions;
    }

    private static void dropCapabilities(SyscallProgram program) {
        Set<Capability> kept = Capability.of(Capability.inside());
        for (Capability capability : Capability.values()) {
            if (!kept.contains(capability)) {
                program.call("drop " + capability, Call.PRCTL, Operand.of(PR_CAPBSET_DROP, "PR_CAPBSET_DROP"), capability.ordinal(), 0, 0, 0)
                        .tolerant(); // EINVAL: a capability that this kernel does not know
            }
        }
    }

    private static void filter(SyscallProgram program, boolean nesting) {
        byte[] filter = SeccompFilter.program(nesting);
        Data instructions = program.data("filter", filter);
        Data header = program.zeros("sock_fprog", 16)
                .put(0, filter.length / SOCK_FILTER)
                .put(8, instructions.address());
        program.call("seccomp filter", Call.SECCOMP, Operand.of(SECCOMP_SET_MODE_FILTER, "SECCOMP_SET_MODE_FILTER"), 0, header);
    }

    private static void enter(SyscallProgram program, List<String> directories) {
        Label entered = program.label("entered");
        for (int i = 0; i < directories.size(); i++) {
            Operation enter = program.call(WORKING_DIRECTORY, Call.CHDIR, program.string(directories.get(i))).then(entered);
            if (i < directories.size() - 1) {
                enter.tolerant();
            }
        }
        program.here(entered);
    }

    private static void become(SyscallProgram program, Identity identity) {
        ByteBuffer groups = ByteBuffer.allocate(Math.max(4, 4 * identity.groups().size())).order(ByteOrder.LITTLE_ENDIAN);
        identity.groups().forEach(groups::putInt);
        int count = identity.groups().size();
        program.call("groups", Call.SETGROUPS, count, program.data(identity.groups().toString(), groups.array()));
        program.call("group", Call.SETRESGID, identity.gid(), identity.gid(), identity.gid());
        program.call("user", Call.SETRESUID, identity.uid(), identity.uid(), identity.uid());
        keepMemoryPrivate(program);
    }
}
