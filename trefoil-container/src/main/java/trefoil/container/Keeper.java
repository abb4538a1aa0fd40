package trefoil.container;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.event.Epoll;
import trefoil.linux.file.Contents;
import trefoil.linux.file.Open;
import trefoil.linux.host.KernelFile;
import trefoil.linux.process.Pidfd;
import trefoil.linux.program.ProgramImage;
import trefoil.linux.program.StaticElf;
import trefoil.linux.socket.PacketSocket;

/**
 * The connection to the keeper, a tiny process that forks containers for the daemon and outlives it; see
 * {@link KeeperProgram}. Thread-safe: requests go one at a time.
 */
final class Keeper implements AutoCloseable {
    /** Where programs for its children are laid out. */
    static final long PROGRAM_BASE = 0x1000_0000L;

    private static final long REPLY_TIMEOUT_MS = 30_000;
    private static final int PAGE = 4096;
    private static final int SIGKILL = 9;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;

    /** Guards the connection: a request and its reply. Taken last, holding nothing else. */
    private final ReentrantLock turn = new ReentrantLock();

    private static final System.Logger LOG = System.getLogger(Keeper.class.getName());

    private final Path runDirectory;
    /** Written under {@link #turn}, as {@link #pid}: another keeper takes the place of one that was killed. */
    private volatile PacketSocket connection;

    private volatile int pid;

    private Keeper(Path runDirectory, PacketSocket connection, int pid) {
        this.runDirectory = runDirectory;
        this.connection = connection;
        this.pid = pid;
    }

    /** The keeper did not take a request, since it has ended. Nothing but a signal that cannot be caught ends it. */
    static final class GoneException extends IOException {
        private static final long serialVersionUID = 1L;

        private GoneException(Path runDirectory, Throwable cause) {
            super("the keeper of " + runDirectory + " has ended", cause);
        }
    }

    /**
     * Connects to the keeper of a run directory; starts it when there is none. One of another version of Trefoil is replaced where it
     * has no children, and refused where it has: they go on under it.
     */
    static Keeper open(Path runDirectory) throws ContainerException {
        return open(runDirectory, KeeperProgram.VERSION);
    }

    /** @param version of the requests to be spoken; tests alone speak another than {@link KeeperProgram#VERSION} */
    static Keeper open(Path runDirectory, int version) throws ContainerException {
        try {
            Files.createDirectories(runDirectory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path lockFile = runDirectory.resolve("keeper.lock");
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                assert lock.isValid();
                return connected(runDirectory, version);
            }
        } catch (ContainerException e) {
            throw e;
        } catch (IOException e) {
            throw failure("cannot reach or start the keeper of " + runDirectory, e);
        }
    }

    private static Keeper connected(Path runDirectory, int version) throws IOException {
        Keeper keeper = connectedToAny(runDirectory, version);
        long spoken = keeper.request("about", message(KeeperProgram.ABOUT), List.of()).getLong(0);
        if (spoken == version) {
            return keeper;
        }
        try {
            if (!keeper.children().isEmpty()) {
                throw new ContainerException(
                        "servers run under the keeper of another version of Trefoil, process " + keeper.pid + ": it speaks version " + spoken
                                + ", this daemon version " + version + ". They go on; this daemon cannot serve them",
                        "with the Trefoil that started them: trefoil daemon stop --servers; then start this one",
                        null);
            }
            keeper.end();
        } finally {
            keeper.close();
        }
        start(runDirectory, version);
        return connectedToAny(runDirectory, version);
    }

    /** Whatever version it speaks, it ends so. */
    private void end() throws IOException {
        try (FileDescriptor process = Pidfd.open(pid);
                Epoll epoll = new Epoll()) {
            Pidfd.signal(process, SIGKILL);
            epoll.add(process, Epoll.EPOLLIN, 0);
            epoll.await((int) REPLY_TIMEOUT_MS, (key, events) -> {});
        }
    }

    private static Keeper connectedToAny(Path runDirectory, int version) throws IOException {
        PacketSocket socket;
        try {
            socket = connect(runDirectory);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ECONNREFUSED) {
                throw e;
            }
            start(runDirectory, version);
            socket = connect(runDirectory);
        }
        try {
            socket.timeout(REPLY_TIMEOUT_MS);
            return new Keeper(runDirectory, socket, readPid(runDirectory));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static int readPid(Path runDirectory) throws IOException {
        String text = Files.readString(runDirectory.resolve("keeper.pid")).strip();
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IOException("keeper.pid holds no number: " + text, e);
        }
    }

    /** Through a descriptor of the directory, since a socket's path may have only 107 bytes. */
    private static PacketSocket connect(Path runDirectory) throws ErrnoException {
        try (FileDescriptor directory = Open.open(runDirectory.toString(), Open.O_PATH | Open.O_DIRECTORY, 0)) {
            return PacketSocket.connect(directory.path() + "/" + KeeperProgram.SOCKET);
        }
    }

    private static void start(Path runDirectory, int version) throws IOException {
        Files.deleteIfExists(runDirectory.resolve(KeeperProgram.SOCKET));
        ProgramImage image = KeeperProgram.image(version);
        byte[] elf = StaticElf.of(image);
        try (FileDescriptor file = executable()) {
            Contents.writeFully(file, elf, 0, elf.length);
            Open.fcntl(file, Open.F_ADD_SEALS, Open.F_SEAL_WRITE | Open.F_SEAL_GROW | Open.F_SEAL_SHRINK | Open.F_SEAL_SEAL);
            String path = "/proc/" + ProcessHandle.current().pid() + "/fd/" + file.number();
            ProcessBuilder builder = new ProcessBuilder(path).directory(runDirectory.toFile());
            builder.environment().clear();
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
            Process process = builder.start();
            process.getOutputStream().close();
            boolean listens = process.getInputStream().read() < 0 && !process.waitFor(0, TimeUnit.SECONDS);
            process.getInputStream().close();
            if (!listens) {
                throw new IOException("the keeper ended as it began, status " + process.waitFor());
            }
            writePid(runDirectory, process.pid());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the keeper began", e);
        }
    }

    /** Before Linux 6.3 every memfd may be executed, and MFD_EXEC is unknown. */
    private static FileDescriptor executable() throws ErrnoException {
        int flags = Open.MFD_CLOEXEC | Open.MFD_ALLOW_SEALING;
        try {
            return Open.memfd_create("keeper", flags | Open.MFD_EXEC);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            return Open.memfd_create("keeper", flags);
        }
    }

    private static void writePid(Path runDirectory, long pid) throws IOException {
        Path next = runDirectory.resolve("keeper.pid.new");
        Files.writeString(next, pid + "\n");
        Files.move(next, runDirectory.resolve("keeper.pid"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    /** The keeper's process id. */
    int pid() {
        return pid;
    }

    /**
     * What to fork.
     *
     * @param image laid out at {@link #PROGRAM_BASE}
     * @param room bytes that the program's memory has at least; beyond the image they are zero
     * @param flags of clone3(2)
     * @param cgroup the cgroup2 directory to be born in; {@code null} for the keeper's own
     * @param pidNamespace pidfd of a process whose pid namespace the child joins; {@code null} for a new one or none
     * @param clockOffsets for {@code /proc/self/timens_offsets} of a new time namespace; empty for none
     * @param descriptors that the program uses; it finds them at {@link #descriptor}
     */
    record Fork(
            ProgramImage image,
            int room,
            long flags,
            FileDescriptor cgroup,
            FileDescriptor pidNamespace,
            String clockOffsets,
            List<FileDescriptor> descriptors) {}

    /** The number under which a forked program finds the descriptor that was given at {@code index}. */
    static int descriptor(int index) {
        return KeeperProgram.FIRST_RECEIVED + 1 + index;
    }

    /** A program that was started: its process, and the memory in which its results appear. */
    static final class Started implements AutoCloseable {
        private final int pid;
        private final FileDescriptor memory;

        private Started(int pid, FileDescriptor memory) {
            this.pid = pid;
            this.memory = memory;
        }

        int pid() {
            return pid;
        }

        /** The memory of a part of the program as it is now. */
        byte[] memory(ProgramImage part) throws ErrnoException {
            byte[] bytes = new byte[part.size()];
            Contents.pread(memory, bytes, 0, bytes.length, part.base() - PROGRAM_BASE);
            return bytes;
        }

        /** Writes a part of the program that it has not come to. */
        void write(ProgramImage part) throws ErrnoException {
            byte[] bytes = part.bytes();
            Contents.pwrite(memory, bytes, 0, bytes.length, part.base() - PROGRAM_BASE);
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    /**
     * Forks a child of the keeper that runs a program. Another keeper is started for it where the keeper was killed.
     * Containers of the killed one go on as children of the host's init. The daemon that runs serves them on, their exit status
     * included ({@link Zombie}); the next one does not take them up but ends them, since their consoles went with the two.
     */
    Started run(Fork fork) throws IOException {
        int length = Math.max(fork.image().size(), fork.room()) + PAGE - 1 & -PAGE;
        FileDescriptor memory = Open.memfd_create("program", Open.MFD_CLOEXEC);
        try {
            byte[] bytes = fork.image().bytes();
            Contents.pwrite(memory, bytes, 0, bytes.length, 0);
            Contents.ftruncate(memory, length);
            List<FileDescriptor> descriptors = new ArrayList<>();
            descriptors.add(memory);
            descriptors.addAll(fork.descriptors());
            ByteBuffer message = message(KeeperProgram.RUN);
            describe(message, fork, descriptors, length);
            long child = fork(message, descriptors).getLong(0);
            return new Started((int) child, memory);
        } catch (IOException | RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    private ByteBuffer fork(ByteBuffer message, List<FileDescriptor> descriptors) throws IOException {
        PacketSocket asked = connection;
        try {
            return request("fork", message, descriptors);
        } catch (GoneException e) {
            replace(asked, e);
            return request("fork", message, descriptors);
        }
    }

    /** Starts another keeper and speaks to that one from now on, unless another thread did it. */
    private void replace(PacketSocket gone, GoneException why) throws IOException {
        turn.lock();
        try {
            if (connection == gone) {
                LOG.log(System.Logger.Level.WARNING, "the keeper, process {0}, was killed: starting another; containers that ran"
                        + " go on until this daemon ends, and the next one ends them", pid);
                gone.close();
                Keeper next = open(runDirectory);
                connection = next.connection;
                pid = next.pid;
            }
        } catch (IOException e) {
            e.addSuppressed(why);
            throw e;
        } finally {
            turn.unlock();
        }
    }

    private static void describe(ByteBuffer message, Fork fork, List<FileDescriptor> descriptors, int length) {
        int args = KeeperProgram.RUN_CLONE_ARGS;
        long flags = fork.flags();
        if (fork.cgroup() != null) {
            message.putLong(args + trefoil.linux.process.Clone.ARGS_CGROUP, KeeperProgram.FIRST_RECEIVED + descriptors.size());
            descriptors.add(fork.cgroup());
            flags |= trefoil.linux.process.Clone.INTO_CGROUP;
        }
        message.putLong(args + trefoil.linux.process.Clone.ARGS_FLAGS, flags);
        message.putLong(args + trefoil.linux.process.Clone.ARGS_EXIT_SIGNAL, 17 /* SIGCHLD */);
        if (fork.pidNamespace() != null) {
            message.putLong(KeeperProgram.RUN_PID_NAMESPACE, KeeperProgram.FIRST_RECEIVED + descriptors.size());
            descriptors.add(fork.pidNamespace());
        }
        byte[] offsets = fork.clockOffsets().getBytes(StandardCharsets.US_ASCII);
        if (offsets.length > KeeperProgram.MOST_OFFSETS) {
            throw new IllegalArgumentException("clock offsets of " + offsets.length + " bytes");
        }
        message.putLong(KeeperProgram.RUN_OFFSETS_LENGTH, offsets.length);
        message.put(KeeperProgram.RUN_OFFSETS, offsets);
        message.putLong(KeeperProgram.RUN_PROGRAM, KeeperProgram.FIRST_RECEIVED);
        message.putLong(KeeperProgram.RUN_LENGTH, length);
        message.putLong(KeeperProgram.RUN_ADDRESS, fork.image().base());
    }

    /**
     * Numbers of descriptors that the keeper holds for a container.
     *
     * @param console master of its console
     * @param missed file for console output that no daemon reads
     * @param devpts root of its devpts
     */
    record Kept(long console, long missed, long devpts) {
        static final int SIZE = 24;
    }

    /** Gives descriptors to the keeper, which writes their numbers to the first {@link Kept#SIZE} bytes of {@code record} itself. */
    void keep(FileDescriptor record, FileDescriptor console, FileDescriptor missed, FileDescriptor devpts)
            throws IOException {
        request("keep", message(KeeperProgram.KEEP), List.of(record, console, missed, devpts));
    }

    /** Ends what {@link #keep} began. */
    void drop(Kept kept) throws IOException {
        ByteBuffer message = message(KeeperProgram.DROP);
        message.putLong(8, kept.console()).putLong(16, kept.missed()).putLong(24, kept.devpts());
        request("drop", message, List.of());
    }

    /** What became of a child, which is then forgotten; {@code null} while it lives. ECHILD when it is not the keeper's child. */
    Exit reap(int child) throws IOException {
        ByteBuffer message = message(KeeperProgram.REAP);
        message.putLong(8, child).putLong(16, WNOHANG | WEXITED);
        ByteBuffer reply = request("reap", message, List.of());
        // siginfo_t of sigaction(2) for SIGCHLD: si_code at 8, si_pid at 16, si_status at 24
        int code = reply.getInt(KeeperProgram.REPLY_SIGINFO + 8);
        int status = reply.getInt(KeeperProgram.REPLY_SIGINFO + 24);
        if (reply.getInt(KeeperProgram.REPLY_SIGINFO + 16) == 0) {
            return null;
        }
        return code == 1 /* CLD_EXITED */ ? new Exit(status, 0) : new Exit(-1, status);
    }

    /** Ends the keeper. Children that live go to the host's init. */
    void retire() throws IOException {
        turn.lock();
        try {
            connection.send(message(KeeperProgram.RETIRE).array(), List.of());
            connection.receive(KeeperProgram.REPLY);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ECONNRESET && e.errno() != Errno.EPIPE) {
                throw e;
            }
        } finally {
            turn.unlock();
        }
        Files.deleteIfExists(runDirectory.resolve(KeeperProgram.SOCKET));
        Files.deleteIfExists(runDirectory.resolve("keeper.pid"));
    }

    private static ByteBuffer message(int command) {
        return ByteBuffer.allocate(KeeperProgram.REQUEST).order(ByteOrder.LITTLE_ENDIAN).putLong(0, command);
    }

    private ByteBuffer request(String what, ByteBuffer message, List<FileDescriptor> descriptors) throws IOException {
        byte[] reply;
        turn.lock();
        try {
            send(message, descriptors);
            reply = connection.receive(KeeperProgram.REPLY);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EAGAIN) {
                connection.close(); // a late reply would be taken for that of the next request
                throw new IOException("the keeper did not answer for " + REPLY_TIMEOUT_MS / 1000
                        + " s: is another daemon connected to " + runDirectory + "?", e);
            }
            throw e;
        } finally {
            turn.unlock();
        }
        if (reply.length != KeeperProgram.REPLY) {
            throw new IOException("the keeper of " + runDirectory + " has ended");
        }
        ByteBuffer answer = ByteBuffer.wrap(reply).order(ByteOrder.LITTLE_ENDIAN);
        if (answer.getLong(0) < 0) {
            throw new ErrnoException("keeper: " + what, (int) -answer.getLong(0));
        }
        return answer;
    }

    private void send(ByteBuffer message, List<FileDescriptor> descriptors) throws IOException {
        try {
            connection.send(message.array(), descriptors);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EPIPE || e.errno() == Errno.ECONNRESET) {
                throw new GoneException(runDirectory, e);
            }
            throw e;
        }
    }

    /** Its children: processes 1, executed commands, and those of both that have ended and wait to be reaped. */
    List<Integer> children() throws IOException {
        String text = KernelFile.read("/proc/" + pid + "/task/" + pid + "/children").strip();
        return text.isEmpty() ? List.of() : Stream.of(text.split(" ")).map(Integer::valueOf).toList();
    }

    /** Duplicates of descriptors that it keeps. */
    List<FileDescriptor> descriptors(long... numbers) throws IOException {
        List<FileDescriptor> duplicates = new ArrayList<>();
        try (FileDescriptor pidfd = Pidfd.open(pid)) {
            for (long number : numbers) {
                duplicates.add(Pidfd.getfd(pidfd, (int) number));
            }
            return duplicates;
        } catch (IOException e) {
            duplicates.forEach(FileDescriptor::close);
            throw e;
        }
    }

    /** Its proportional set size in bytes; −1 when it has ended. */
    long memory() {
        try {
            String pss = KernelFile.read("/proc/" + pid + "/smaps_rollup")
                    .lines()
                    .filter(line -> line.startsWith("Pss:"))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(pss.replaceAll("[^0-9]", "")) * 1024;
        } catch (ErrnoException e) {
            return -1;
        }
    }

    static ContainerException failure(String what, IOException e) {
        return new ContainerException(what + ": " + e.getMessage(), null, e);
    }

    @Override
    public void close() {
        connection.close();
    }
}
