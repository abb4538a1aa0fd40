package trefoil.container;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.cgroup.Birth;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;
import trefoil.linux.process.Pidfd;
import trefoil.linux.program.ProgramImage;
import trefoil.linux.socket.PacketSocket;
import trefoil.linux.tty.Terminal;

/** One execution of a command in a live container. */
final class Execution {
    private static final long TIMEOUT_MS = 30_000;
    private static final int TTY_GROUP = 5;
    private static final int F_DUPFD_CLOEXEC = 1030;

    private final Keeper keeper;
    private final EventLoop loop;
    private final RunningContainer container;
    private final BitSet hostCpus;
    private final ExecSpec wanted;

    /** @param hostCpus where the keeper runs what it forks */
    Execution(Keeper keeper, EventLoop loop, RunningContainer container, BitSet hostCpus, ExecSpec wanted) {
        this.keeper = keeper;
        this.loop = loop;
        this.container = container;
        this.hostCpus = hostCpus;
        this.wanted = wanted;
    }

    /** The streams of a process: its own ends, and ours. */
    private record Streams(List<FileDescriptor> inside, List<FileDescriptor> ours) implements AutoCloseable {
        @Override
        public void close() {
            inside.forEach(FileDescriptor::close);
        }

        void abandon() {
            ours.forEach(FileDescriptor::close);
        }
    }

    Container.Process run(ExecProcess.Reaper reaper) throws IOException {
        if (wanted.command().isEmpty()) {
            throw new ContainerException("no command to run in " + container.spec().name(), "name one", null);
        }
        Users.User user;
        try (FileDescriptor root = container.root()) {
            user = Users.read(root).find(wanted.user());
        }
        try (Streams streams = wanted.terminal() ? terminal(user) : pipes(user)) {
            try {
                return fork(user, streams, reaper);
            } catch (IOException | RuntimeException e) {
                streams.abandon();
                throw e;
            }
        }
    }

    private Streams pipes(Users.User user) throws IOException {
        List<FileDescriptor> inside = new ArrayList<>();
        List<FileDescriptor> ours = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                Pidfd.Pipe pipe = Pidfd.pipe();
                inside.add(i == 0 ? pipe.reader() : pipe.writer());
                ours.add(i == 0 ? pipe.writer() : pipe.reader());
                // so that /dev/stdout can be opened by whom it belongs to
                Inodes.fchown(inside.get(i), host(user.uid()), host(user.gid()));
                Open.nonblocking(ours.get(i));
            }
            return new Streams(inside, ours);
        } catch (IOException e) {
            inside.forEach(FileDescriptor::close);
            ours.forEach(FileDescriptor::close);
            throw e;
        }
    }

    private Streams terminal(Users.User user) throws IOException {
        List<FileDescriptor> open = new ArrayList<>();
        try {
            FileDescriptor master = Terminal.open(container.terminals());
            open.add(master);
            FileDescriptor slave = Terminal.slave(master);
            open.add(slave);
            Inodes.fchown(slave, host(user.uid()), host(TTY_GROUP));
            if (wanted.columns() > 0 && wanted.rows() > 0) {
                Terminal.resize(master, wanted.columns(), wanted.rows());
            }
            Open.nonblocking(master);
            FileDescriptor input = new FileDescriptor(Open.fcntl(master, F_DUPFD_CLOEXEC, 3), "terminal's input");
            return new Streams(List.of(slave, slave, slave), List.of(input, master));
        } catch (IOException e) {
            open.forEach(FileDescriptor::close);
            throw e;
        }
    }

    private int host(int inside) {
        return container.spec().idBase() + inside;
    }

    private Container.Process fork(Users.User user, Streams streams, ExecProcess.Reaper reaper) throws IOException {
        try (PacketSocket.Pair sockets = PacketSocket.pair();
                Birth birth = container.cgroup().birth()) {
            PacketSocket socket = sockets.here();
            socket.timeout(TIMEOUT_MS);
            List<FileDescriptor> given = new ArrayList<>();
            given.add(sockets.there());
            given.addAll(birth.joinFiles());
            given.add(container.pidfd());
            given.addAll(streams.inside());
            ExecProgram.Laid laid = ExecProgram.of(plan(user, birth.joinFiles().size()));
            Keeper.Fork fork =
                    new Keeper.Fork(laid.image(), 0, 0, birth.cloneInto(), container.pidfd(), "", given);
            try (Keeper.Started started = keeper.run(fork)) {
                FileDescriptor pidfd = Pidfd.open(started.pid());
                sockets.given();
                List<FileDescriptor> ours = streams.ours();
                ExecProcess process = new ExecProcess(
                        loop, reaper, started.pid(), pidfd, ours.get(0), ours.get(1), wanted.terminal() ? null : ours.get(2));
                socket.receive(1); // ends at execve or with the process
                Optional<Container.Process> failed = failed(laid, started.memory(laid.image()));
                failed.ifPresent(none -> process.close());
                return failed.isPresent() ? failed.get() : process;
            }
        }
    }

    private Optional<Container.Process> failed(ExecProgram.Laid laid, byte[] memory) throws ContainerException {
        Optional<ProgramImage.Failure> failure = laid.image().failure(memory);
        if (failure.isEmpty()) {
            return Optional.empty();
        }
        String program = wanted.command().getFirst();
        if (laid.executions().contains(failure.get().operation())) {
            Tries tries = new Tries(laid.executions(), memory);
            return Optional.of(new NotExecuted("trefoil: " + tries.message(program), wanted.terminal(), tries.status()));
        }
        if (failure.get().operation().purpose().equals(StartProgram.WORKING_DIRECTORY)) {
            String text = "trefoil: working directory " + wanted.directory() + ": " + failure.get();
            return Optional.of(new NotExecuted(text, wanted.terminal(), 127));
        }
        ErrnoException cause = new ErrnoException(failure.get().operation().text(), failure.get().errno());
        throw new ContainerException(
                "cannot run " + program + " in " + container.spec().name() + ": " + failure.get(), "trefoil doctor", cause);
    }

    private ExecProgram.Plan plan(Users.User user, int joinFiles) throws IOException {
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
        BitSet cpus = container.cpus();
        return new ExecProgram.Plan(
                joinFiles,
                cpus.equals(hostCpus) ? new BitSet() : cpus,
                wanted.terminal(),
                container.spec().nesting(),
                new StartProgram.Identity(user.uid(), user.gid(), user.groups()),
                directories,
                wanted.command(),
                Launch.candidates(wanted.command().getFirst(), environment.get("PATH")),
                Launch.variables(environment));
    }
}
