package trefoil.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.cgroup.Cgroup;
import trefoil.linux.cgroup.CgroupStatistics;
import trefoil.linux.file.Open;
import trefoil.linux.process.Affinity;
import trefoil.linux.process.Pidfd;

/** A container whose process 1 this daemon started or adopted. */
final class RunningContainer implements Container {
    private static final System.Logger LOG = System.getLogger(RunningContainer.class.getName());
    private static final int SIGUSR2 = 12;
    private static final int SIGTERM = 15;
    private static final int SIGRTMIN_PLUS_4 = 38; // systemd(1): SIGRTMIN is 34 for C programs, signal(7)

    private final ContainerEngine engine;
    private final ContainerSpec spec;
    private final int pid;
    private final FileDescriptor pidfd;
    private final long startedAt;
    private final Cgroup cgroup;
    private final PtyConsole console;
    private final FileDescriptor terminals;
    private final FileDescriptor mounts;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CountDownLatch exited = new CountDownLatch(1);
    private final ReentrantLock clearing = new ReentrantLock();
    /** Its limit of processes, {@code null} for none. */
    private volatile Long mostProcesses;

    private final KnownUsers users = new KnownUsers();
    /** A process begun ahead of need. */
    private final AtomicReference<Execution> ahead = new AtomicReference<>();

    private boolean cleared;

    RunningContainer(
            ContainerEngine engine,
            ContainerSpec spec,
            int pid,
            FileDescriptor pidfd,
            long startedAt,
            Cgroup cgroup,
            PtyConsole console,
            FileDescriptor terminals,
            FileDescriptor mounts) {
        this.engine = engine;
        this.spec = spec;
        this.pid = pid;
        this.pidfd = pidfd;
        this.startedAt = startedAt;
        this.cgroup = cgroup;
        this.console = console;
        this.terminals = terminals;
        this.mounts = mounts;
        this.mostProcesses = spec.limits().pids();
    }

    @Override
    public ContainerSpec spec() {
        return spec;
    }

    @Override
    public int pid() {
        return pid;
    }

    @Override
    public long startedAt() {
        return startedAt;
    }

    @Override
    public boolean alive() {
        return !ended.get();
    }

    /** Told by the engine, when process 1 has ended and its console is to be read to the end. */
    void end() {
        ended.set(true);
        relax();
        console.close();
        exited.countDown();
    }

    /** Waits for {@link #end}; whether it came in time. */
    boolean awaitEnd(long seconds) throws InterruptedException {
        return exited.await(seconds, TimeUnit.SECONDS);
    }

    /** Clears it away, unless that was done; returns when it is done. */
    void clearOnce(Runnable clear) {
        clearing.lock();
        try {
            if (!cleared) {
                cleared = true;
                clear.run();
            }
        } finally {
            clearing.unlock();
        }
    }

    /** The daemon lets go of it; if it runs, it goes on. */
    void letGo() {
        relax();
        console.close();
        terminals.close();
        pidfd.close();
        mounts.close();
    }

    FileDescriptor pidfd() {
        return pidfd;
    }

    FileDescriptor terminals() {
        return terminals;
    }

    Cgroup cgroup() {
        return cgroup;
    }

    @Override
    public void askToPowerOff() throws ContainerException {
        int signal = powerOffSignal();
        try {
            Pidfd.signal(pidfd, signal);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ESRCH) {
                throw failed("ask to power off", e);
            }
        } catch (IllegalStateException e) {
            throw gone(e);
        }
    }

    /** By the program that runs as process 1, looked up outside: its name is all that is used of it. */
    private int powerOffSignal() throws ContainerException {
        try {
            Path program = Files.readSymbolicLink(Path.of("/proc/" + pid + "/exe")).getFileName();
            String name = program == null ? "" : program.toString();
            if (name.startsWith("systemd")) {
                return SIGRTMIN_PLUS_4;
            }
            return name.equals("busybox") && isInit() ? SIGUSR2 : SIGTERM;
        } catch (IOException e) {
            throw failed("look at its process 1", e);
        }
    }

    private boolean isInit() throws IOException {
        String arguments = Files.readString(Path.of("/proc/" + pid + "/cmdline"), java.nio.charset.StandardCharsets.ISO_8859_1);
        String first = arguments.split("\0", 2)[0];
        return first.equals("init") || first.endsWith("/init");
    }

    @Override
    public void kill() throws ContainerException {
        try {
            cgroup.kill();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) { // its group is gone: it ended
                throw failed("kill it", e);
            }
        } catch (IOException e) {
            throw failed("kill it", e);
        }
    }

    @Override
    public void pause() throws ContainerException {
        try {
            cgroup.freeze();
        } catch (IOException e) {
            throw failed("pause it", e);
        }
    }

    @Override
    public void resume() throws ContainerException {
        try {
            cgroup.thaw();
        } catch (IOException e) {
            throw failed("resume it", e);
        }
    }

    @Override
    public boolean paused() {
        try {
            return alive() && cgroup.frozen();
        } catch (IOException e) {
            return false; // its group is gone: it ended
        }
    }

    @Override
    public void limits(ResourceLimits limits) throws ContainerException {
        try {
            cgroup.limits(Limits.of(limits, spec.directory()));
            mostProcesses = limits.pids();
            place(limits);
        } catch (IOException | IllegalArgumentException e) {
            throw failed("set its limits", e);
        }
    }

    /** Moves it to as many CPUs as the new cap is worth; stays where it is when it has that many. */
    private void place(ResourceLimits limits) throws IOException {
        BitSet wanted = engine.placement(spec.name(), limits);
        if (wanted.cardinality() != cpus().cardinality()) {
            CpuPlacement.bind(cgroup, wanted);
        }
    }

    /** The CPUs that process 1 may run on; those of the host when it has ended. */
    BitSet cpus() throws IOException {
        try {
            return Affinity.of(pid);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
            return engine.hostCpus();
        }
    }

    @Override
    public Statistics statistics() throws ContainerException {
        try {
            CgroupStatistics use = cgroup.statistics();
            return new Statistics(
                    use.cpuNanos(),
                    use.memory(),
                    use.memoryWorkingSet(),
                    use.memoryPeak(),
                    use.swap(),
                    use.processes(),
                    use.ioRead(),
                    use.ioWritten(),
                    use.oomKills(),
                    engine.diskUsed(spec),
                    use.cpuPressure().some(),
                    use.memoryPressure().some(),
                    use.ioPressure().some());
        } catch (IOException e) {
            throw failed("read what it uses", e);
        }
    }

    @Override
    public Process exec(ExecSpec wanted) throws ContainerException {
        try {
            return engine.exec(this, wanted);
        } catch (ContainerException e) {
            throw e;
        } catch (IOException e) {
            throw failed("run " + wanted.program() + " in it", e);
        } catch (IllegalStateException e) {
            throw gone(e);
        }
    }

    @Override
    public void anticipate() {
        if (ended.get() || ahead.get() != null || paused()) {
            return;
        }
        try {
            if (isFull()) {
                return;
            }
            Execution begun = engine.anticipate(this);
            if (isFull() || !ahead.compareAndSet(null, begun)) {
                begun.abandon();
            } else if (ended.get()) {
                relax();
            }
        } catch (IOException | IllegalStateException e) { // the latter: it has ended
            LOG.log(System.Logger.Level.DEBUG, "nothing is begun ahead of need in " + spec.name(), e);
        }
    }

    /** Whether one process more would be too many: version 1 of control groups lets one that joins exceed the limit. */
    private boolean isFull() throws IOException {
        Long most = mostProcesses;
        return most != null && cgroup.statistics().processes() >= most;
    }

    @Override
    public void relax() {
        Execution begun = ahead.getAndSet(null);
        if (begun != null) {
            begun.abandon();
        }
    }

    /** A process that was begun ahead of need and waits, taken away; {@code null} where there is none. */
    Execution ahead() {
        Execution begun = ahead.getAndSet(null);
        if (begun == null || begun.wake()) {
            return begun;
        }
        begun.abandon();
        return null;
    }

    /** One of its own users, see {@link Users#find}. */
    Users.User user(String wanted) throws IOException {
        try (FileDescriptor root = root()) {
            return users.of(root).find(wanted);
        }
    }

    @Override
    public Console console() {
        return console;
    }

    @Override
    public ContainerFiles files() throws ContainerException {
        try {
            return engine.files(root(), spec);
        } catch (IOException e) {
            throw failed("open its files", e);
        }
    }

    /** Its root directory, as the host sees it. */
    FileDescriptor root() throws IOException {
        return itsOwn("root", Open.O_PATH | Open.O_DIRECTORY);
    }

    /** Something of its process 1 in {@code /proc}; the pidfd proves that the number still was its own. */
    private FileDescriptor itsOwn(String name, int flags) throws IOException {
        FileDescriptor opened = Open.open("/proc/" + pid + "/" + name, flags, 0);
        try {
            Pidfd.signal(pidfd, 0);
            return opened;
        } catch (IOException | IllegalStateException e) {
            opened.close();
            throw e;
        }
    }

    @Override
    public FileDescriptor networkNamespace() throws ContainerException {
        try {
            return itsOwn("ns/net", Open.O_RDONLY);
        } catch (IOException e) {
            throw failed("open its network namespace", e);
        } catch (IllegalStateException e) {
            throw gone(e);
        }
    }

    private ContainerException failed(String what, Exception e) {
        String next = e instanceof trefoil.linux.cgroup.CgroupException c ? c.next() : null;
        return new ContainerException("container " + spec.name() + ": cannot " + what + ": " + e.getMessage(), next, e);
    }

    private ContainerException gone(IllegalStateException e) {
        return new ContainerException("container " + spec.name() + " has ended", "trefoil start " + spec.name(), e);
    }

    /** Its name, for messages. */
    @Override
    public String toString() {
        return spec.name() + List.of(pid);
    }
}
