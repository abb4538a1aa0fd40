package trefoil.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.cgroup.Cgroup;
import trefoil.linux.cgroup.CgroupException;
import trefoil.linux.cgroup.CgroupTree;
import trefoil.linux.event.Epoll;
import trefoil.linux.file.Open;
import trefoil.linux.process.Affinity;
import trefoil.linux.process.Pidfd;

/**
 * Starts, adopts and deletes containers. One per daemon; thread-safe across containers; calls about the same container
 * are serialised by the caller. Containers, their consoles and exit statuses survive this process: a keeper holds them.
 */
public final class ContainerEngine implements AutoCloseable {
    /** Name of the console's log in a container's directory. */
    public static final String CONSOLE_LOG = "console.log";

    static final String MISSED_OUTPUT = "console.missed";

    private static final long LOG_LIMIT = 2 << 20;
    private static final int END_SECONDS = 30;
    private static final int SIGKILL = 9;
    private static final System.Logger LOG = System.getLogger(ContainerEngine.class.getName());

    /** Given the container's network namespace before its process 1 runs, to put interfaces in. */
    @FunctionalInterface
    public interface NetworkSetup {
        /** No interface but loopback. */
        NetworkSetup NONE = namespace -> {};

        /** @param namespace open on the new network namespace; closed by the engine */
        void into(FileDescriptor namespace) throws IOException;
    }

    /** Work that need not hold up a start. */
    @FunctionalInterface
    public interface Meanwhile {
        /** Does it. */
        void work() throws IOException;
    }

    /**
     * Told once, from a thread of the engine, when a container's process 1 has ended; told again by the next daemon when this
     * one dies before it has cleared the container away. The container is cleared away when it returns, or before, when anybody
     * starts, cleans or deletes one of that name, which the listener may do itself.
     */
    @FunctionalInterface
    public interface ExitListener {
        /** The container is over. */
        void ended(Container container, Exit exit);
    }

    private final Keeper keeper;
    private final Records records;
    private final CgroupTree groups;
    private final EventLoop loop;
    private final ExecWays ways = new ExecWays();
    /** {@code null} on a kernel that cannot do it. */
    private final ProcView views;
    private final ExitListener listener;
    /** Ends of containers: they wait for the kernel. */
    private final ExecutorService ends =
            Executors.newCachedThreadPool(Thread.ofPlatform().name("end-of-container-", 0).daemon().factory());
    private final KernelInterfaces hidden = KernelInterfaces.ofThisKernel();
    /** Those that this process may run on itself. */
    private final BitSet hostCpus;
    private final Map<String, RunningContainer> running = new ConcurrentHashMap<>();
    /** By label; not running yet. */
    private final Map<String, Beginning> begun = new ConcurrentHashMap<>();

    private ContainerEngine(
            Keeper keeper, Records records, CgroupTree groups, EventLoop loop, ProcView views, ExitListener listener) throws IOException {
        this.views = views;
        this.keeper = keeper;
        this.records = records;
        this.groups = groups;
        this.loop = loop;
        this.listener = listener;
        this.hostCpus = Affinity.of(0);
    }

    /**
     * Connects to the keeper of {@code runDirectory}, starting it when there is none.
     *
     * @param tag keeps cgroups of several daemons on one host apart; empty for the host's own
     */
    public static ContainerEngine open(Path runDirectory, String tag, ExitListener listener) throws ContainerException {
        Keeper keeper = Keeper.open(runDirectory);
        try {
            Records records = Records.open(runDirectory, keeper);
            CgroupTree groups = CgroupTree.open(tag);
            ContainerEngine engine = new ContainerEngine(
                    keeper, records, groups, new EventLoop("containers"), views(runDirectory), listener);
            engine.sweep();
            return engine;
        } catch (IOException e) {
            keeper.close();
            throw failure("cannot open the container engine", e);
        }
    }

    private static ProcView views(Path runDirectory) {
        try {
            return ProcView.open(runDirectory);
        } catch (ContainerException e) {
            LOG.log(System.Logger.Level.WARNING, "servers will see the host's memory and CPUs in their /proc", e);
            return null;
        }
    }

    /**
     * Watches the keeper's children that are nobody's process 1: commands that an earlier daemon executed, or half-made
     * starts. Unreaped they would keep their pid namespace from ending (pid_namespaces(7)).
     */
    private void sweep() throws IOException {
        Set<Integer> inits = records.allToBeTaken().stream().map(Records.Record::pid).collect(Collectors.toSet());
        for (int child : keeper.children()) {
            if (!inits.contains(child)) {
                forget(child, Pidfd.open(child));
            }
        }
    }

    /** Reaps a child of the keeper when it ends, telling nobody. */
    private void forget(int child, FileDescriptor pidfd) throws IOException {
        loop.once(pidfd, Epoll.EPOLLIN, () -> {
            reap(child, pidfd);
            pidfd.close();
        });
    }

    private Exit reap(int child, FileDescriptor pidfd) {
        try {
            Exit exit = keeper.reap(child);
            return exit == null ? new Exit(-1, 0) : exit;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the keeper was killed, or it is another one by now", e);
            return exit(child, pidfd);
        }
    }

    /** Makes what a container needs on disk: directories, disk image, host name, machine id. Leaves nothing behind when it fails. */
    public void create(ContainerSpec spec) throws ContainerException {
        makeFiles(spec);
    }

    /** Returns whether its files tell its name. */
    private static boolean makeFiles(ContainerSpec spec) throws ContainerException {
        try {
            Files.createDirectories(
                    spec.directory(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            RootDisk.create(spec.directory(), spec.disk());
            return Identity.write(spec);
        } catch (IOException e) {
            removeFiles(spec, e);
            throw failure("cannot create container " + spec.name(), e);
        }
    }

    private static void removeFiles(ContainerSpec spec, Exception failure) {
        try {
            RootDisk.delete(spec.directory());
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Starts it. Leaves nothing behind when it fails. */
    public Container start(ContainerSpec spec, NetworkSetup network) throws ContainerException {
        awaitPrevious(spec.name(), null);
        refuseSecond(spec);
        Cgroup group = null;
        try {
            Identity.follow(spec);
            group = group(spec);
            return start(spec, group, network);
        } catch (IOException e) {
            removeAfter(spec, group, e);
            throw failure("cannot start container " + spec.name(), e);
        } catch (RuntimeException e) {
            removeAfter(spec, group, e);
            throw e;
        }
    }

    /**
     * Begins a container that nobody has asked for yet, its files included. Leaves nothing behind when it fails.
     *
     * @param spec under a label that is no container's name, {@link #clean} and {@link #delete} know it by that; its command does
     *     not matter. Without nesting and disk
     */
    public Beginning begin(ContainerSpec spec, NetworkSetup network) throws ContainerException {
        boolean named = makeFiles(spec);
        Cgroup group = null;
        Launch launch = new Launch(keeper, records, hidden, spec.name(), spec.idBase(), false);
        try (FileDescriptor disk = RootDisk.open(spec.directory())) {
            group = group(spec);
            LateSource source = new LateSource();
            launch.begin(group, covers(spec.name(), source), network, spec.layers(), spec.directory(), disk);
            launch.settle();
            Beginning beginning = new Beginning(this, launch, group, spec, named, source);
            begun.put(spec.name(), beginning);
            return beginning;
        } catch (IOException e) {
            launch.close();
            removeAfter(spec.name(), group, e);
            removeFiles(spec, e);
            throw failure("cannot begin container " + spec.name(), e);
        } catch (RuntimeException e) {
            launch.close();
            removeAfter(spec.name(), group, e);
            removeFiles(spec, e);
            throw e;
        }
    }

    /** Clears away what {@link #begin} made; its process has ended. */
    void discard(Beginning beginning) throws IOException {
        begun.remove(beginning.label());
        forgetView(beginning.label());
        empty(beginning.group());
        RootDisk.delete(beginning.begun().directory());
    }

    /**
     * Makes what was begun this container: of the same layers and ids, without nesting and disk. Its directory is then that of
     * the container, which must not be there. When it fails nothing is left behind but that.
     *
     * @param meanwhile done by another thread from the beginning on; when it fails, so does the start
     */
    public Container start(ContainerSpec spec, Beginning beginning, Meanwhile meanwhile) throws ContainerException {
        awaitPrevious(spec.name(), null);
        refuseSecond(spec);
        try {
            RunningContainer container;
            try (Alongside other = Alongside.begin(ends, meanwhile)) {
                beginning.become(spec);
                container = start(spec, beginning, other);
            }
            begun.remove(beginning.label());
            return container;
        } catch (IOException e) {
            removeAfter(spec, beginning, e);
            throw failure("cannot start container " + spec.name(), e);
        } catch (RuntimeException e) {
            removeAfter(spec, beginning, e);
            throw e;
        }
    }

    private RunningContainer start(ContainerSpec spec, Beginning beginning, Alongside other) throws IOException {
        long startedAt = System.currentTimeMillis();
        try (Launch launch = beginning.take(spec, startedAt)) {
            launch.tell(spec, user(spec), beginning.texts(spec.name()), startedAt, binding(spec));
            return run(spec, launch, startedAt, beginning.group(), () -> {
                Identity.written(spec);
                other.join();
            });
        }
    }

    private static Users.User user(ContainerSpec spec) throws IOException {
        if (spec.user().isEmpty()) {
            return Launch.user(spec, null);
        }
        try (FileDescriptor disk = RootDisk.open(spec.directory())) {
            return Launch.user(spec, disk);
        }
    }

    private void refuseSecond(ContainerSpec spec) throws ContainerException {
        if (running.containsKey(spec.name())) {
            throw new ContainerException("container " + spec.name() + " runs already", null, null);
        }
    }

    private RunningContainer start(ContainerSpec spec, Cgroup group, NetworkSetup network) throws IOException {
        long startedAt = System.currentTimeMillis();
        try (FileDescriptor disk = RootDisk.open(spec.directory());
                Launch launch = new Launch(keeper, records, hidden, spec.name(), spec.idBase(), spec.nesting())) {
            ViewSource source = ViewSource.of(group, startedAt, spec.directory());
            Users.User who = Launch.user(spec, disk);
            launch.begin(group, covers(spec.name(), source), network, spec.layers(), spec.directory(), disk);
            launch.tell(spec, who, List.of(), startedAt, binding(spec));
            return run(spec, launch, startedAt, group, () -> {});
        }
    }

    private RunningContainer run(ContainerSpec spec, Launch launch, long startedAt, Cgroup group, Meanwhile meanwhile)
            throws IOException {
        PtyConsole console = new PtyConsole(launch.console(), spec.directory().resolve(CONSOLE_LOG), LOG_LIMIT);
        try {
            meanwhile.work();
            Launch.Running made = launch.running(spec);
            RunningContainer container = new RunningContainer(
                    this, spec, made.pid(), made.pidfd(), startedAt, group, console, made.terminals(), made.mounts());
            watch(container);
            return container;
        } catch (IOException | RuntimeException e) {
            console.close();
            throw e;
        }
    }

    /** The CPUs that it is to be bound to from its start; empty for none in particular. */
    private BitSet binding(ContainerSpec spec) throws IOException {
        BitSet cpus = placement(spec.name(), spec.limits());
        return cpus.equals(hostCpus) ? new BitSet() : cpus;
    }

    /** On which CPUs a container is to run under such limits, beside the others that run. */
    BitSet placement(String name, ResourceLimits limits) throws IOException {
        List<BitSet> others = new ArrayList<>();
        if (limits.cpuCap() != null) {
            for (RunningContainer other : running.values()) {
                if (!other.spec().name().equals(name)) {
                    others.add(other.cpus());
                }
            }
        }
        return CpuPlacement.choose(limits.cpuCap(), hostCpus, others);
    }

    /** The CPUs that are the daemon's to give. */
    BitSet hostCpus() {
        return (BitSet) hostCpus.clone();
    }

    private Launch.Covers covers(String name, ViewSource source) {
        return new Launch.Covers() {
            @Override
            public List<String> targets() {
                return views == null ? List.of() : ProcView.targets();
            }

            @Override
            public List<FileDescriptor> make() throws IOException {
                if (views == null) {
                    return List.of();
                }
                views.register(name, source);
                return views.overlays(name).stream().map(ProcView.Overlay::detachedMount).toList();
            }
        };
    }

    private void removeAfter(ContainerSpec spec, Cgroup group, Exception failure) {
        removeAfter(spec.name(), group, failure);
        closeDisk(spec, failure);
    }

    private void removeAfter(ContainerSpec spec, Beginning beginning, Exception failure) {
        begun.remove(beginning.label());
        if (beginning.taken()) {
            removeAfter(beginning.label(), beginning.group(), failure);
        } else {
            beginning.close();
        }
        closeDisk(spec, failure);
    }

    private void removeAfter(String label, Cgroup group, Exception failure) {
        try {
            forgetView(label);
            if (group != null) {
                group.kill();
                group.remove();
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static void closeDisk(ContainerSpec spec, Exception failure) {
        try {
            RootDisk.close(spec.directory());
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private void forgetView(String name) throws ContainerException {
        if (views != null) {
            views.forget(name);
        }
    }

    private void watch(RunningContainer container) throws IOException {
        running.put(container.spec().name(), container);
        loop.once(container.pidfd(), Epoll.EPOLLIN, () -> ends.execute(() -> end(container)));
    }

    /**
     * The exit is told first and cleared away then, or before by whoever starts or deletes a container of that name. The
     * keeper forgets the exit last, so that a daemon that dies in between has it told again by the next one.
     */
    private void end(RunningContainer container) {
        Exit exit = withOomKills(exit(container.pid(), container.pidfd()), container.cgroup());
        container.end();
        try {
            listener.ended(container, exit);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the listener failed at the end of " + container.spec().name(), e);
        }
        clearAway(container);
    }

    /** Once, by whoever comes first; whoever comes later waits until it is done. */
    private void clearAway(RunningContainer container) {
        container.clearOnce(() -> {
            clear(container);
            running.remove(container.spec().name(), container);
        });
    }

    /** The group counts them, and goes when the container is cleared away. */
    private static Exit withOomKills(Exit exit, Cgroup group) {
        if (exit.signal() != SIGKILL) {
            return exit;
        }
        try {
            return new Exit(exit.status(), exit.signal(), Math.max(0, group.oomKills()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "whether a lack of memory ended " + group.name() + " is not known", e);
            return exit;
        }
    }

    private static Exit exit(int pid, FileDescriptor pidfd) {
        try {
            return Zombie.exit(pid, pidfd);
        } catch (IOException | IllegalStateException e) { // the latter: let go of, since the engine is closing
            LOG.log(System.Logger.Level.WARNING, "exit status of process " + pid + " is lost", e);
            return new Exit(-1, 0);
        }
    }

    private void clear(RunningContainer container) {
        String name = container.spec().name();
        try {
            container.letGo();
            empty(container.cgroup());
            RootDisk.close(container.spec().directory());
            forgetView(container.cgroup().name());
            Records.Record record = records.find(name);
            records.remove(name); // first: numbers of a record must never be those of descriptors that are another's
            if (record != null) {
                keeper.drop(record.kept());
            }
            reaped(container.pid());
        } catch (Keeper.GoneException e) {
            LOG.log(System.Logger.Level.DEBUG, "what the keeper held of " + name + " went with it", e);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "container " + name + " ended, but something of it is left", e);
        }
    }

    /** A child of a keeper that was killed is the host's init's, which reaps it. */
    private void reaped(int child) throws IOException {
        try {
            keeper.reap(child);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ECHILD) {
                throw e;
            }
        }
    }

    /** Its processes ended with its process 1 (pid_namespaces(7)); a command on its way in may not have. */
    private static void empty(Cgroup group) throws IOException {
        if (group.populated()) {
            group.kill();
        }
        group.remove();
    }

    /**
     * Takes up a container that an earlier daemon started: running, or ended since (then the listener is told its exit).
     * Empty when the keeper knows nothing of it; the container itself when it is this engine's already.
     */
    public Optional<Container> adopt(ContainerSpec spec) throws ContainerException {
        RunningContainer known = running.get(spec.name());
        if (known != null) {
            return Optional.of(known);
        }
        try {
            Records.Record record = records.take(spec.name());
            if (record == null) {
                return Optional.empty();
            }
            Optional<Cgroup> group = groups.find(record.label());
            return Optional.of(adopt(spec, record, group.isPresent() ? group.get() : group(spec)));
        } catch (IOException e) {
            throw failure("cannot adopt container " + spec.name(), e);
        }
    }

    private Cgroup group(ContainerSpec spec) throws IOException {
        return groups.create(spec.name(), Limits.of(spec.limits(), spec.directory()), spec.idBase());
    }

    private RunningContainer adopt(ContainerSpec spec, Records.Record record, Cgroup group) throws IOException {
        Launch.gatherMissed(spec);
        FileDescriptor pidfd = Pidfd.open(record.pid());
        List<FileDescriptor> kept = keeper.descriptors(record.kept().console(), record.kept().devpts());
        FileDescriptor master = kept.getFirst();
        FileDescriptor terminals = kept.getLast();
        PtyConsole console = new PtyConsole(master, spec.directory().resolve(CONSOLE_LOG), LOG_LIMIT);
        FileDescriptor mounts = mountNamespace(record.pid(), pidfd);
        RunningContainer container =
                new RunningContainer(this, spec, record.pid(), pidfd, record.startedAt(), group, console, terminals, mounts);
        if (views != null) {
            views.takeUp(group.name(), ViewSource.of(group, record.startedAt(), spec.directory()));
        }
        watch(container);
        return container;
    }

    /** Of a process that may have ended meanwhile: then its pidfd stands in, which is closed as well. */
    private static FileDescriptor mountNamespace(int pid, FileDescriptor pidfd) throws ErrnoException {
        try {
            return Open.open("/proc/" + pid + "/ns/mnt", Open.O_RDONLY, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.EACCES && e.errno() != Errno.ESRCH) {
                throw e;
            }
            return pidfd;
        }
    }

    /** Ends whatever of this container runs or is mounted, and removes its cgroups; its files stay. Idempotent: for the undo of a half-made start. */
    public void clean(ContainerSpec spec) throws ContainerException {
        RunningContainer known = running.get(spec.name());
        if (known != null) {
            known.kill();
        }
        awaitPrevious(spec.name(), known);
        try {
            Records.Record record = records.either(spec.name());
            String label = record == null ? spec.name() : record.label();
            Optional<Cgroup> group = groups.find(label);
            if (group.isPresent()) {
                group.get().kill();
                group.get().remove();
            }
            forgetView(label);
            records.remove(spec.name()); // it alone tells the label: after what bears that, for whoever dies in between
            if (record != null) {
                release(record);
            }
            RootDisk.close(spec.directory());
        } catch (IOException e) {
            throw failure("cannot clean up container " + spec.name(), e);
        }
    }

    /** What is left of an earlier run is cleared away in the background; whoever needs its place waits. */
    private void awaitPrevious(String name, RunningContainer killed) throws ContainerException {
        RunningContainer previous = running.get(name);
        if (previous != null && (previous == killed || !previous.alive())) {
            awaitEnd(previous);
        }
    }

    private void awaitEnd(RunningContainer container) throws ContainerException {
        try {
            if (!container.awaitEnd(END_SECONDS)) {
                throw new ContainerException(
                        "container " + container.spec().name() + " was killed, but has not ended after " + END_SECONDS + " s",
                        "look for hung disks or network file systems",
                        null);
            }
            clearAway(container);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerException("interrupted", null, e);
        }
    }

    private void release(Records.Record record) throws IOException {
        try {
            keeper.drop(record.kept());
        } catch (Keeper.GoneException e) {
            return; // what it held went with it, and its children are the host's init's
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EBADF && e.errno() != Errno.ENOENT && e.errno() != Errno.EPERM) {
                throw e;
            }
        }
        for (int child : keeper.children()) {
            if (child == record.pid()) {
                forget(child, Pidfd.open(child));
            }
        }
    }

    /** Removes the container's files. It must not be running. Idempotent. */
    public void delete(ContainerSpec spec) throws ContainerException {
        awaitPrevious(spec.name(), null);
        if (running.containsKey(spec.name())) {
            throw new ContainerException(
                    "container " + spec.name() + " runs", "trefoil stop " + spec.name(), null);
        }
        try {
            RootDisk.delete(spec.directory());
        } catch (IOException e) {
            throw failure("cannot delete container " + spec.name(), e);
        }
    }

    /** What {@link #start} would do, in order. Needs no root and makes nothing. */
    public static List<Step> explain(ContainerSpec spec) throws ContainerException {
        try {
            return Explanation.of(spec);
        } catch (IOException e) {
            throw failure("cannot tell how " + spec.name() + " would be started", e);
        }
    }

    Container.Process exec(RunningContainer container, ExecSpec wanted) throws IOException {
        if (container.paused()) {
            throw new ContainerException(
                    "container " + container.spec().name() + " is paused",
                    "trefoil resume " + container.spec().name(),
                    null);
        }
        if (wanted.command().isEmpty()) {
            throw new ContainerException("no command to run in " + container.spec().name(), "name one", null);
        }
        try (Execution ahead = wanted.terminal() ? null : container.ahead()) {
            if (ahead != null) {
                return ahead.run(wanted);
            }
        } catch (Execution.NeverTold e) {
            LOG.log(System.Logger.Level.DEBUG, "another is begun", e);
        }
        try (Execution execution = Execution.begin(executions(), container, wanted)) {
            return execution.run(wanted);
        }
    }

    /** Begins a process in a container before anybody asks for one. */
    Execution anticipate(RunningContainer container) throws IOException {
        Execution begun = Execution.begin(executions(), container);
        begun.settle();
        return begun;
    }

    private Execution.Means executions() {
        return new Execution.Means(keeper, loop, ways, hostCpus(), this::reap);
    }

    /**
     * The files of a container that is stopped, through its overlay, mounted nowhere and only until they are closed. The caller
     * sees to it that it is neither started nor deleted meanwhile.
     */
    public ContainerFiles files(ContainerSpec spec) throws ContainerException {
        awaitPrevious(spec.name(), null);
        refuseSecond(spec);
        try (FileDescriptor disk = RootDisk.open(spec.directory())) {
            return new RootFiles(RootMount.open(spec.layers(), disk, null, 0).mountAlone(), spec.idBase(), false);
        } catch (IOException e) {
            throw failure("cannot open the files of " + spec.name(), e);
        }
    }

    /** Grows its limited disk to what {@code spec} says, whether it runs or not. */
    public RootDisk.Growth growDisk(ContainerSpec spec) throws ContainerException {
        awaitPrevious(spec.name(), null);
        try {
            RootDisk.Growth growth = RootDisk.resize(spec.directory(), spec.disk());
            if (growth == RootDisk.Growth.AT_NEXT_START && !running.containsKey(spec.name())) {
                RootDisk.open(spec.directory()).close(); // waits for the last run's mount to go
                return RootDisk.resize(spec.directory(), spec.disk());
            }
            return growth;
        } catch (IOException e) {
            throw failure("cannot grow the disk of " + spec.name(), e);
        }
    }

    ContainerFiles files(FileDescriptor root, ContainerSpec spec) {
        return new RootFiles(root, spec.idBase(), true);
    }

    long diskUsed(ContainerSpec spec) throws IOException {
        return RootDisk.used(spec.directory());
    }

    /** Bytes of the host's memory that the keeper holds, for all containers together (PSS). */
    public long keeperMemory() {
        return keeper.memory();
    }

    /** Whether no container runs, nor one that has ended waits to be told of. */
    public boolean idle() throws ContainerException {
        try {
            return running.values().stream().noneMatch(RunningContainer::alive) && records.all().size() <= running.size();
        } catch (IOException e) {
            throw failure("cannot tell which containers run", e);
        }
    }

    /** Ends the keeper too, and takes what the engine made for all containers off the host; refused while a container runs. */
    public void retire() throws ContainerException {
        begun.values().forEach(Beginning::close);
        for (String name : running.keySet()) {
            awaitPrevious(name, null);
        }
        try {
            if (!records.all().isEmpty()) {
                throw new ContainerException(
                        "containers run: " + records.all().stream().map(Records.Record::name).toList(),
                        "stop them first",
                        null);
            }
            groups.remove();
            if (views != null) {
                views.dispose();
            }
            keeper.retire();
        } catch (ContainerException e) {
            throw e;
        } catch (IOException e) {
            throw failure("cannot retire the keeper", e);
        }
        close();
    }

    /** Lets go; containers and keeper go on. */
    @Override
    public void close() {
        loop.close();
        ends.shutdown();
        awaitEnds();
        begun.values().forEach(Beginning::close);
        running.values().forEach(RunningContainer::letGo);
        running.clear();
        if (views != null) {
            views.close();
        }
        keeper.close();
        groups.close();
    }

    private void awaitEnds() {
        try {
            if (!ends.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "containers that ended are not cleared away yet; the next daemon will");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ContainerException failure(String what, IOException e) {
        if (e instanceof ContainerException known) {
            return known;
        }
        return new ContainerException(what + ": " + e.getMessage(), e instanceof CgroupException c ? c.next() : null, e);
    }
}
