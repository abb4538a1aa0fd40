package trefoil.container;

import java.io.IOException;
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
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;
import trefoil.linux.process.Pidfd;
import trefoil.linux.program.ProgramImage;
import trefoil.linux.socket.PacketSocket;
import trefoil.linux.tty.Terminal;

/**
 * One process in a live container, from the request for it until it has executed its program. {@link #begin} sends it on its
 * way, {@link #run} tells it what to run: the daemon looks users up and lays the program out while it walks, or it has been begun before anybody asked.
 * Used by one thread at a time.
 */
final class Execution implements AutoCloseable {
    private static final long TIMEOUT_MS = 30_000;
    private static final int TTY_GROUP = 5;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final byte[] GO = new byte[8];

    private final RunningContainer container;
    private final PacketSocket.Pair sockets;
    private final Streams streams;
    private final ProgramImage way;
    private final Keeper.Started started;
    private final ExecProcess process;

    private Execution(
            RunningContainer container, PacketSocket.Pair sockets, Streams streams, ProgramImage way, Keeper.Started started, ExecProcess process) {
        this.container = container;
        this.sockets = sockets;
        this.streams = streams;
        this.way = way;
        this.started = started;
        this.process = process;
    }

    /**
     * What it takes to begin one.
     *
     * @param hostCpus where the keeper runs what it forks
     */
    record Means(Keeper keeper, EventLoop loop, ExecWays ways, BitSet hostCpus, ExecProcess.Reaper reaper) {}

    /**
     * The streams of a process.
     *
     * @param inside its own ends, ours until it has them
     * @param ours what is read and written here
     * @param owned what is to belong to the user it runs as, so that /dev/stdout can be opened by whom it belongs to
     * @param terminal whether they are one
     */
    private record Streams(List<FileDescriptor> inside, List<FileDescriptor> ours, List<FileDescriptor> owned, boolean terminal) {
        void abandon() {
            inside.forEach(FileDescriptor::close);
            ours.forEach(FileDescriptor::close);
        }
    }

    /** Begins one whose streams are pipes. */
    static Execution begin(Means means, RunningContainer container) throws IOException {
        return begin(means, container, pipes());
    }

    /** Begins one whose streams are what {@code wanted} says. */
    static Execution begin(Means means, RunningContainer container, ExecSpec wanted) throws IOException {
        return begin(means, container, wanted.terminal() ? terminal(container, wanted) : pipes());
    }

    private static Execution begin(Means means, RunningContainer container, Streams streams) throws IOException {
        PacketSocket.Pair sockets = null;
        boolean begun = false;
        try {
            sockets = PacketSocket.pair();
            sockets.here().timeout(TIMEOUT_MS);
            Execution execution = fork(means, container, streams, sockets);
            begun = true;
            return execution;
        } finally {
            if (!begun) {
                streams.abandon();
                if (sockets != null) {
                    sockets.close();
                }
            }
        }
    }

    private static Execution fork(Means means, RunningContainer container, Streams streams, PacketSocket.Pair sockets) throws IOException {
        try (Birth birth = container.cgroup().birth()) {
            List<FileDescriptor> given = new ArrayList<>();
            given.add(sockets.there());
            given.addAll(birth.joinFiles());
            given.add(container.pidfd());
            given.addAll(streams.inside());
            BitSet cpus = container.cpus();
            ProgramImage way = means.ways().way(new ExecProgram.Way(
                    birth.joinFiles().size(), cpus.equals(means.hostCpus()) ? new BitSet() : cpus, container.spec().nesting()));
            Keeper.Started started = means.keeper().run(
                    new Keeper.Fork(way, ExecProgram.ROOM, 0, birth.cloneInto(), container.pidfd(), "", given));
            try {
                FileDescriptor pidfd = Pidfd.open(started.pid());
                sockets.given();
                List<FileDescriptor> ours = streams.ours();
                ExecProcess process = new ExecProcess(
                        means.loop(), means.reaper(), started.pid(), pidfd, ours.get(0), ours.get(1), streams.terminal() ? null : ours.get(2));
                return new Execution(container, sockets, streams, way, started, process);
            } catch (IOException | RuntimeException e) {
                started.close();
                throw e;
            }
        }
    }

    private static Streams pipes() throws IOException {
        List<FileDescriptor> inside = new ArrayList<>();
        List<FileDescriptor> ours = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                Pidfd.Pipe pipe = Pidfd.pipe();
                inside.add(i == 0 ? pipe.reader() : pipe.writer());
                ours.add(i == 0 ? pipe.writer() : pipe.reader());
                Open.nonblocking(ours.get(i));
            }
            return new Streams(inside, ours, ours, false); // both ends of a pipe are one inode
        } catch (IOException e) {
            inside.forEach(FileDescriptor::close);
            ours.forEach(FileDescriptor::close);
            throw e;
        }
    }

    private static Streams terminal(RunningContainer container, ExecSpec wanted) throws IOException {
        List<FileDescriptor> open = new ArrayList<>();
        try {
            FileDescriptor master = Terminal.open(container.terminals());
            open.add(master);
            FileDescriptor slave = Terminal.slave(master);
            open.add(slave);
            if (wanted.columns() > 0 && wanted.rows() > 0) {
                Terminal.resize(master, wanted.columns(), wanted.rows());
            }
            Open.nonblocking(master);
            FileDescriptor input = new FileDescriptor(Open.fcntl(master, F_DUPFD_CLOEXEC, 3), "terminal's input");
            return new Streams(List.of(slave, slave, slave), List.of(input, master), List.of(slave), true);
        } catch (IOException e) {
            open.forEach(FileDescriptor::close);
            throw e;
        }
    }

    /** For one that will wait: closes what it has got, and has its end seen, since its container cannot end before it is reaped. */
    void settle() throws IOException {
        streams.inside().forEach(FileDescriptor::close);
        process.watchWaiting();
    }

    /** After {@link #settle}: whether it can still be told what to run, which it then is. Somebody inside may have killed it. */
    boolean wake() {
        return process.wake();
    }

    /** Tells it what to run, and waits until it does. What it returns is the caller's; close this nevertheless. */
    Container.Process run(ExecSpec wanted) throws IOException {
        boolean runs = false;
        try {
            Users.User user = container.user(wanted.user());
            own(user);
            ExecProgram.Laid laid = ExecProgram.of(plan(user, wanted));
            if (laid.image().size() > StartProgram.MOST_RUNNING) {
                throw new ContainerException(
                        "cannot run " + wanted.program() + ": its arguments and environment are " + laid.image().size() + " bytes",
                        "give it less; " + StartProgram.MOST_RUNNING + " bytes are the most", null);
            }
            started.write(laid.image());
            boolean told = go() && awaitExecution();
            Optional<Container.Process> failed = failed(wanted, laid);
            if (!told && failed.isEmpty()) {
                throw new NeverTold("the process that was to run " + wanted.program() + " was ended before it could");
            }
            runs = failed.isEmpty();
            return failed.orElse(process);
        } finally {
            if (!runs) {
                process.close();
            }
        }
    }

    private void own(Users.User user) throws IOException {
        int gid = streams.terminal() ? TTY_GROUP : user.gid();
        for (FileDescriptor file : streams.owned()) {
            Inodes.fchown(file, host(user.uid()), host(gid));
        }
    }

    private int host(int inside) {
        return container.spec().idBase() + inside;
    }

    /** It ended, killed inside, and never read what it was to run: another may be begun for that. */
    static final class NeverTold extends IOException {
        private static final long serialVersionUID = 1;

        private NeverTold(String message) {
            super(message);
        }
    }

    /** Whether it was there to be told. What made it give up before is in its memory. */
    private boolean go() throws ErrnoException {
        try {
            sockets.here().send(GO, List.of());
            return true;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EPIPE && e.errno() != Errno.ECONNRESET) {
                throw e;
            }
            return false;
        }
    }

    /** Waits for execve or its end; whether it had read what it was told, since the kernel says where something was left unread (unix(7)). */
    private boolean awaitExecution() throws ErrnoException {
        try {
            sockets.here().receive(1);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ECONNRESET) {
                throw e;
            }
            return false;
        }
    }

    private Optional<Container.Process> failed(ExecSpec wanted, ExecProgram.Laid laid) throws IOException {
        String program = wanted.program();
        Optional<ProgramImage.Failure> onTheWay = way.failure(started.memory(way));
        if (onTheWay.isPresent()) {
            throw cannot(program, onTheWay.get());
        }
        byte[] memory = started.memory(laid.image());
        Optional<ProgramImage.Failure> failure = laid.image().failure(memory);
        if (failure.isEmpty()) {
            return Optional.empty();
        }
        if (laid.executions().contains(failure.get().operation())) {
            Tries tries = new Tries(laid.executions(), memory);
            return Optional.of(new NotExecuted("trefoil: " + tries.message(program), wanted.terminal(), tries.status()));
        }
        if (failure.get().operation().purpose().equals(StartProgram.WORKING_DIRECTORY)) {
            String text = "trefoil: working directory " + wanted.directory() + ": " + failure.get();
            return Optional.of(new NotExecuted(text, wanted.terminal(), 127));
        }
        throw cannot(program, failure.get());
    }

    private ContainerException cannot(String program, ProgramImage.Failure failure) {
        ErrnoException cause = new ErrnoException(failure.operation().text(), failure.errno());
        return new ContainerException("cannot run " + program + " in " + container.spec().name() + ": " + failure, "trefoil doctor", cause);
    }

    private static ExecProgram.Plan plan(Users.User user, ExecSpec wanted) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", StartProgram.DEFAULT_PATH);
        environment.put("HOME", user.home());
        environment.put("USER", user.name());
        environment.put("LANG", "C.UTF-8"); // no file tells what an administrator inside chose but PAM's, which is not asked
        environment.put("container", "trefoil");
        if (wanted.terminal()) {
            environment.put("TERM", "xterm-256color");
        }
        environment.putAll(wanted.environment());
        List<String> directories = wanted.directory() == null || wanted.directory().isEmpty()
                ? List.of(user.home(), "/")
                : List.of(wanted.directory());
        return new ExecProgram.Plan(
                wanted.terminal(),
                new StartProgram.Identity(user.uid(), user.gid(), user.groups()),
                directories,
                wanted.command(),
                Launch.candidates(wanted.command().getFirst(), environment.get("PATH")),
                Launch.variables(environment));
    }

    /** Lets go of what served to start it; not of the process, once {@link #run} has given that away. */
    @Override
    public void close() {
        streams.inside().forEach(FileDescriptor::close);
        sockets.close();
        started.close();
    }

    /** Ends what was begun and not told what to run. */
    void abandon() {
        close();
        process.close();
    }
}
