package trefoil.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.cgroup.Birth;
import trefoil.linux.cgroup.Cgroup;
import trefoil.linux.event.Epoll;
import trefoil.linux.file.Open;
import trefoil.linux.host.KernelFile;
import trefoil.linux.mount.Mounts;
import trefoil.linux.process.Affinity;
import trefoil.linux.process.Clone;
import trefoil.linux.process.Pidfd;
import trefoil.linux.program.Call;
import trefoil.linux.program.Operation;
import trefoil.linux.program.ProgramImage;
import trefoil.linux.socket.PacketSocket;

/**
 * One start of a container, step by step; {@link #close} undoes whatever was done unless {@link #running} succeeded.
 *
 * <p>It falls into two halves. {@link #begin} needs to know the container's image but not its name: the keeper forks
 * process 1, and while that makes its namespaces, this side maps its ids, makes its devices, puts its interfaces in, makes the
 * root and sends all mounts. {@link #tell} tells what it is to be, and {@link #running} hears by the end of the socket, which
 * closes at {@code execve}, that it runs. Between the halves it may wait, see {@link Beginning}.
 */
final class Launch implements AutoCloseable {
    private static final long START_TIMEOUT_MS = 60_000;
    private static final int IDS = 65_536;
    private static final int SIGKILL = 9;
    private static final byte[] GO = new byte[8];
    private static final Users.User ROOT = new Users.User("root", 0, 0, List.of(), "/root");

    private final Keeper keeper;
    private final Records records;
    private final KernelInterfaces hidden;
    private final String label;
    private final int idBase;
    private final boolean nesting;
    private final List<FileDescriptor> open = new ArrayList<>();
    /** Without the root, in the order of {@link #places}. */
    private final List<FileDescriptor> mounts = new ArrayList<>();
    private List<String> covered = List.of();
    private PacketSocket.Pair sockets;
    private ProgramImage birth;
    private ProgramImage rooting;
    private RootMount.Root root;
    private StartProgram.Laid laid;
    private int nextFree;
    private Keeper.Started process;
    private FileDescriptor pidfd;
    private FileDescriptor user;
    private FileDescriptor mountNamespace;
    private Devices devices;
    private String name;
    private Records.Draft record;
    private boolean kept;
    private boolean succeeded;

    /**
     * @param label what errors call it until it has a name; noted for the next daemon
     * @param idBase first host uid and gid of its range
     */
    Launch(Keeper keeper, Records records, KernelInterfaces hidden, String label, int idBase, boolean nesting) {
        this.keeper = keeper;
        this.records = records;
        this.hidden = hidden;
        this.label = label;
        this.name = label;
        this.idBase = idBase;
        this.nesting = nesting;
    }

    /**
     * What runs.
     *
     * @param terminals root of the container's devpts; the caller's
     * @param mounts its mount namespace; the caller's. While it is held, the end of process 1 is told before its mounts go
     */
    record Running(
            int pid,
            FileDescriptor pidfd,
            FileDescriptor terminals,
            FileDescriptor mounts) {}

    /** Makes what covers files of the container's /proc and /sys, while its namespaces are being made. */
    interface Covers {
        /** Paths inside. */
        List<String> targets();

        /** A mount for each; closed by the launch. */
        List<FileDescriptor> make() throws IOException;
    }

    /**
     * Forks process 1 and makes what it needs whoever it will be.
     *
     * @param layers of its image, lowest first
     * @param directory its own
     * @param disk holds its own layer, see {@link RootDisk#open}
     */
    void begin(
            Cgroup cgroup, Covers covers, ContainerEngine.NetworkSetup network, List<Path> layers, Path directory, FileDescriptor disk)
            throws IOException {
        sockets = PacketSocket.pair();
        sockets.here().timeout(START_TIMEOUT_MS);
        fork(cgroup);
        covered = covers.targets();
        String proc = "/proc/" + process.pid();
        String map = "0 " + idBase + " " + IDS + "\n";
        KernelFile.write(proc + "/uid_map", map);
        KernelFile.write(proc + "/gid_map", map);
        user = keep(Open.open(proc + "/ns/user", Open.O_RDONLY, 0));
        devices = Devices.make(idBase);
        makeMounts(covers);
        awaitNamespaces();
        mountNamespace = keep(Open.open(proc + "/ns/mnt", Open.O_RDONLY, 0));
        try (FileDescriptor namespace = Open.open(proc + "/ns/net", Open.O_RDONLY, 0)) {
            network.into(namespace);
        }
        sendRoot(layers, disk);
        record(directory);
    }

    private void sendRoot(List<Path> layers, FileDescriptor disk) throws IOException {
        rooting = StartProgram.root(new StartProgram.Rooting(nextFree, places(hidden, covered), copies(hidden), nesting));
        process.write(rooting);
        root = RootMount.open(layers, disk, user, idBase);
        List<FileDescriptor> sent = new ArrayList<>();
        sent.add(root.mount());
        sent.addAll(mounts);
        sockets.here().send(new byte[8], sent);
    }

    /** Lets go of what process 1 was sent, which may take a while. For one that will wait. */
    void settle() {
        root.close();
    }

    private void fork(Cgroup cgroup) throws IOException {
        try (Birth way = cgroup.birth()) {
            List<FileDescriptor> given = new ArrayList<>();
            given.add(sockets.there());
            given.addAll(way.joinFiles());
            nextFree = Keeper.descriptor(given.size()) + (way.cloneInto() == null ? 0 : 1);
            birth = StartProgram.birth(way.joinFiles().size(), nextFree, nesting);
            Keeper.Fork fork = new Keeper.Fork(
                    birth, StartProgram.ROOM, Clone.NEWUSER | Clone.NEWPID, way.cloneInto(), null,
                    Clocks.zero(), given);
            process = keeper.run(fork);
            pidfd = keep(Pidfd.open(process.pid()));
            sockets.given();
        }
    }

    /**
     * Tells process 1 what it is to be.
     *
     * @param who runs process 1
     * @param texts files that tell its name, to be written anew
     * @param startedAt what is noted as its start, milliseconds since the epoch
     * @param cpus that it is bound to; empty for those of the keeper, which are the daemon's
     */
    void tell(ContainerSpec spec, Users.User who, List<StartProgram.Text> texts, long startedAt, BitSet cpus) throws IOException {
        name = spec.name();
        laid = StartProgram.of(plan(spec, who, texts));
        if (laid.image().size() > StartProgram.MOST_RUNNING) {
            throw new ContainerException(
                    "cannot start " + name + ": its command and environment are " + laid.image().size() + " bytes",
                    "give it less; " + StartProgram.MOST_RUNNING + " bytes are the most", null);
        }
        process.write(laid.image());
        devices.giveConsole(idBase, who.uid());
        record.commit(name, startedAt);
        if (!cpus.isEmpty()) {
            Affinity.set(process.pid(), cpus);
        }
        go();
    }

    /** The master of its console; the caller's from now on. */
    FileDescriptor console() {
        return devices.give(devices.master());
    }

    /** Waits until it has executed its program. */
    Running running(ContainerSpec spec) throws IOException {
        awaitExecution(spec);
        succeeded = true;
        open.remove(pidfd);
        open.remove(mountNamespace);
        return new Running(process.pid(), pidfd, devices.give(devices.terminals()), mountNamespace);
    }

    /** What made it give up before is in its memory. */
    private void go() throws ErrnoException {
        try {
            sockets.here().send(GO, List.of());
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EPIPE) {
                throw e;
            }
        }
    }

    /** Whether process 1 still waits for {@link #tell}. */
    boolean waits() throws IOException {
        return !Pidfd.ended(pidfd);
    }

    private FileDescriptor keep(FileDescriptor fd) {
        open.add(fd);
        return fd;
    }

    /** Where the mounts go that {@link #mounts} makes, without the root. */
    static List<StartProgram.Place> places(KernelInterfaces hidden, Iterable<String> overlays) {
        List<StartProgram.Place> places = new ArrayList<>();
        places.add(new StartProgram.Place("/dev", true, false));
        places.add(new StartProgram.Place("/dev/pts", false, false));
        places.add(new StartProgram.Place("/dev/shm", false, false));
        places.add(new StartProgram.Place("/run", true, false));
        overlays.forEach(target -> places.add(new StartProgram.Place(target, false, true)));
        hidden.directories().stream().limit(1).forEach(target -> places.add(new StartProgram.Place(target, false, false)));
        return places;
    }

    static List<StartProgram.Copy> copies(KernelInterfaces hidden) {
        List<StartProgram.Copy> copies = new ArrayList<>();
        copies.add(new StartProgram.Copy("/dev/pts/0", "/dev/console"));
        hidden.files().forEach(target -> copies.add(new StartProgram.Copy("/dev/null", target)));
        hidden.directories().stream()
                .skip(1)
                .forEach(target -> copies.add(new StartProgram.Copy(hidden.directories().getFirst(), target)));
        return copies;
    }

    private void makeMounts(Covers covers) throws IOException {
        mounts.add(devices.directory());
        mounts.add(devices.terminals());
        mounts.add(devices.sharedMemory());
        mounts.add(keep(Devices.tmpfs(idBase, "755", null)));
        covers.make().forEach(cover -> mounts.add(keep(cover)));
        if (!hidden.directories().isEmpty()) {
            FileDescriptor empty = keep(Devices.tmpfs(0, "555", "0"));
            Mounts.mount_setattr(empty, Mounts.MOUNT_ATTR_RDONLY | Mounts.MOUNT_ATTR_NOEXEC);
            mounts.add(empty);
        }
    }

    /** What the next daemon needs, should this one die. */
    private void record(Path directory) throws IOException {
        Path missed = directory.resolve(ContainerEngine.MISSED_OUTPUT);
        int flags = Open.O_WRONLY | Open.O_CREAT | Open.O_TRUNC | Open.O_APPEND | Open.O_NOFOLLOW;
        record = records.draft(label, process.pid());
        try (FileDescriptor log = Open.open(missed.toString(), flags, 0600)) {
            keeper.keep(record.file(), devices.master(), log, devices.terminals());
            kept = true;
        }
    }

    /**
     * Whom process 1 runs as, as the container's files tell it.
     *
     * @param disk its own, with what it changed; {@code null} to look at its layers alone
     */
    static Users.User user(ContainerSpec spec, FileDescriptor disk) throws IOException {
        if (spec.user().isEmpty()) {
            return ROOT;
        }
        List<Path> layers = new ArrayList<>(spec.layers());
        if (disk != null) {
            layers.add(Path.of(disk.path(), "upper"));
        }
        try (LayeredTree tree = new LayeredTree(layers)) {
            return Users.read(tree).find(spec.user());
        }
    }

    static StartProgram.Plan plan(ContainerSpec spec, Users.User user, List<StartProgram.Text> texts) {
        boolean init = spec.command().isEmpty();
        List<String> command = init ? List.of("/sbin/init") : spec.command();
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", StartProgram.DEFAULT_PATH);
        environment.put("HOME", user.home());
        environment.put("TERM", "linux");
        environment.put("container", "trefoil");
        environment.putAll(spec.environment());
        return new StartProgram.Plan(
                spec.name(),
                texts,
                command,
                candidates(command.getFirst(), environment.get("PATH")),
                variables(environment),
                !init,
                user.equals(ROOT) ? null : new StartProgram.Identity(user.uid(), user.gid(), user.groups()),
                spec.workingDirectory());
    }

    static List<String> variables(Map<String, String> environment) {
        return environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    }

    /** Where execvp(3) would look for a program. */
    static List<String> candidates(String program, String path) {
        if (program.contains("/")) {
            return List.of(program);
        }
        List<String> candidates = new ArrayList<>();
        for (String directory : path.split(":")) {
            candidates.add((directory.isEmpty() ? "." : directory) + "/" + program);
        }
        return candidates;
    }

    private void awaitNamespaces() throws IOException {
        if (sockets.here().receive(1).length == 0) {
            throw failed(birth.failure(process.memory(birth)));
        }
    }

    private void awaitExecution(ContainerSpec spec) throws IOException {
        awaitSocketClosed();
        byte[] memory = process.memory(laid.image());
        Optional<ProgramImage.Failure> failure = laid.image().failure(memory);
        if (failure.isPresent() && laid.executions().contains(failure.get().operation())) {
            String program = spec.command().isEmpty() ? "/sbin/init" : spec.command().getFirst();
            throw new ContainerException(
                    "cannot start " + name + ": " + new Tries(laid.executions(), memory).message(program),
                    "give a command that the image has, or another image",
                    null);
        }
        if (failure.isPresent() && failure.get().operation().purpose().equals(StartProgram.WORKING_DIRECTORY)) {
            throw new ContainerException(
                    "cannot start " + name + ": its image wants it to start in " + spec.workingDirectory() + ": " + failure.get(),
                    "make that directory in the image, or import it without a working directory",
                    null);
        }
        if (failure.isPresent() || !ProgramImage.ran(memory, before(laid))) {
            throw failed(failure.isPresent() ? failure : earlierFailure());
        }
    }

    private void awaitSocketClosed() throws IOException {
        try {
            if (sockets.here().receive(1).length != 0) {
                throw new IOException("process 1 spoke out of turn");
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ECONNRESET) { // it gave up before it was told to go
                throw e;
            }
        }
    }

    private Optional<ProgramImage.Failure> earlierFailure() throws ErrnoException {
        Optional<ProgramImage.Failure> failure = rooting.failure(process.memory(rooting));
        return failure.isPresent() ? failure : birth.failure(process.memory(birth));
    }

    private static Operation before(StartProgram.Laid laid) {
        List<Operation> operations = laid.image().operations();
        return operations.get(operations.indexOf(laid.executions().getFirst()) - 1);
    }

    private ContainerException failed(Optional<ProgramImage.Failure> failure) {
        if (failure.isPresent()) {
            ErrnoException cause = new ErrnoException(failure.get().operation().text(), failure.get().errno());
            return new ContainerException("cannot start " + name + ": " + failure.get(), next(failure.get().operation()), cause);
        }
        return new ContainerException(
                "cannot start " + name + ": its process 1 was killed before it ran its init (out of memory, or killed from outside)",
                "raise its memory limit, or look into the kernel's log (dmesg)",
                null);
    }

    private static String next(Operation failed) {
        return failed.call() == Call.MOVE_MOUNT
                ? "look at that place in the image: it must be a directory and no link"
                : "trefoil doctor";
    }

    /** Undoes a start that failed: kills, reaps, lets go. */
    @Override
    public void close() {
        try {
            if (!succeeded && process != null) {
                undo();
            }
        } finally {
            if (root != null) {
                root.close();
            }
            open.forEach(FileDescriptor::close);
            if (devices != null) {
                devices.close();
            }
            if (sockets != null) {
                sockets.close();
            }
            if (record != null) {
                record.close();
            }
            if (process != null) {
                process.close();
            }
        }
    }

    private void undo() {
        try {
            if (pidfd != null) {
                Pidfd.signal(pidfd, SIGKILL);
                awaitEnd();
            }
            keeper.reap(process.pid());
            Records.Record left = kept ? left() : null;
            records.remove(name);
            records.remove(label);
            if (left != null) {
                keeper.drop(left.kept());
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot undo the start of " + name, e);
        }
    }

    private Records.Record left() throws IOException {
        Records.Record draft = records.findDraft(label);
        return draft != null ? draft : records.find(name);
    }

    private void awaitEnd() throws IOException {
        try (Epoll epoll = new Epoll()) {
            epoll.add(pidfd, Epoll.EPOLLIN, 0);
            epoll.await((int) START_TIMEOUT_MS, (key, events) -> {});
        }
    }

    /** Appends what was printed while no daemon ran to the log, so that nothing is lost. */
    static void gatherMissed(ContainerSpec spec) throws IOException {
        Path missed = spec.directory().resolve(ContainerEngine.MISSED_OUTPUT);
        if (missed.toFile().length() > 0) { // 0 when it is not there
            byte[] output = Files.readAllBytes(missed);
            Files.write(
                    spec.directory().resolve(ContainerEngine.CONSOLE_LOG),
                    output,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            Files.write(missed, new byte[0], StandardOpenOption.TRUNCATE_EXISTING); // the keeper's descriptor appends
        }
    }
}
