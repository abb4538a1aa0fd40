package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.event.Epoll;
import trefoil.linux.file.Contents;
import trefoil.linux.file.Open;
import trefoil.linux.process.Clone;
import trefoil.linux.process.Pidfd;
import trefoil.linux.program.Call;
import trefoil.linux.program.ProgramImage;
import trefoil.linux.program.SyscallProgram;

/** The keeper by itself; needs root. */
class KeeperTest {
    private Path directory;
    private Keeper keeper;

    @BeforeEach
    void open() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: a socket that only root may use");
        directory = Files.createTempDirectory("trefoil-keeper-with-a-name-that-is-longer-than-the-path-of-a-socket-may-be-"
                + "because-state-directories-may-lie-anywhere");
        keeper = Keeper.open(directory);
    }

    @AfterEach
    void close() throws Exception {
        if (keeper != null) {
            keeper.retire();
            keeper.close();
            Busybox.delete(directory);
        }
    }

    private static ProgramImage exits(int status) {
        SyscallProgram program = new SyscallProgram("exits");
        program.call("end", Call.EXIT_GROUP, status);
        return program.at(Keeper.PROGRAM_BASE);
    }

    private static Keeper.Fork fork(ProgramImage image, FileDescriptor... descriptors) {
        return new Keeper.Fork(image, 0, 0, null, null, "", List.of(descriptors));
    }

    private static void awaitEnd(int pid) throws Exception {
        try (FileDescriptor pidfd = Pidfd.open(pid);
                Epoll epoll = new Epoll()) {
            epoll.add(pidfd, Epoll.EPOLLIN, 1);
            assertThat(epoll.await(10_000, (key, events) -> {})).isEqualTo(1);
        }
    }

    @Test
    void keepsAnExitStatusUntilItIsAskedToForget() throws Exception {
        try (Keeper.Started started = keeper.run(fork(exits(42)))) {
            awaitEnd(started.pid());
            try (FileDescriptor pidfd = Pidfd.open(started.pid())) {
                assertThat(Zombie.exit(started.pid(), pidfd)).isEqualTo(new Exit(42, 0));
            }
            assertThat(keeper.children()).contains(started.pid());
            assertThat(keeper.reap(started.pid())).isEqualTo(new Exit(42, 0));
            assertThat(keeper.children()).isEmpty();
            assertThatThrownBy(() -> keeper.reap(started.pid()))
                    .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ECHILD));
        }
    }

    @Test
    void aProgramFindsItsDescriptorsAndReportsItsFailure() throws Exception {
        SyscallProgram program = new SyscallProgram("reports");
        program.call("write", Call.WRITE, Keeper.descriptor(0), program.string("hello"), 5);
        program.call("close nothing", Call.CLOSE, 4000);
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, 3);
        ProgramImage image = program.at(Keeper.PROGRAM_BASE);
        Path file = directory.resolve("out");
        try (FileDescriptor out = Open.open(file.toString(), Open.O_WRONLY | Open.O_CREAT, 0600);
                Keeper.Started started = keeper.run(fork(image, out))) {
            awaitEnd(started.pid());
            assertThat(Files.readString(file)).isEqualTo("hello");
            assertThat(image.failure(started.memory(image))).get().hasToString("close nothing: close(4000): Bad file descriptor (EBADF)");
            assertThat(keeper.reap(started.pid())).isEqualTo(new Exit(3, 0));
        }
    }

    @Test
    void aForkThatTheKernelRefusesIsReportedAndLeavesNothing() throws Exception {
        Keeper.Fork refused = new Keeper.Fork(exits(0), 0, Clone.NEWNS | 0x200 /* CLONE_FS */, null, null, "", List.of());
        assertThatThrownBy(() -> keeper.run(refused))
                .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        try (FileDescriptor notAProcess = Open.open("/dev/null", Open.O_RDONLY, 0)) {
            Keeper.Fork nowhere = new Keeper.Fork(exits(0), 0, 0, null, notAProcess, "", List.of());
            assertThatThrownBy(() -> keeper.run(nowhere)).isInstanceOf(ErrnoException.class);
        }
        assertThat(keeper.children()).isEmpty();
        keepsAnExitStatusUntilItIsAskedToForget();
    }

    @Test
    void survivesEverySignalButKill() throws Exception {
        try (FileDescriptor pidfd = Pidfd.open(keeper.pid())) {
            for (int signal : List.of(1, 2, 3, 13, 15, 25)) {
                Pidfd.signal(pidfd, signal);
            }
        }
        keepsAnExitStatusUntilItIsAskedToForget();
    }

    @Test
    void childrenStartWithDefaultSignalsAndNoLimitOnFiles() throws Exception {
        SyscallProgram program = new SyscallProgram("waits");
        program.call("say that it runs", Call.WRITE, Keeper.descriptor(1), program.string("r"), 1);
        program.call("wait for end of file", Call.READ, Keeper.descriptor(0), program.zeros("byte", 8), 1);
        program.failHere();
        program.call("end", Call.EXIT_GROUP, 0);
        try (Pidfd.Pipe pipe = Pidfd.pipe();
                Pidfd.Pipe runs = Pidfd.pipe();
                Keeper.Started started =
                        keeper.run(fork(program.at(Keeper.PROGRAM_BASE), pipe.reader(), runs.writer()))) {
            assertThat(Contents.read(runs.reader(), new byte[1], 0, 1)).isEqualTo(1);
            String status = Files.readString(Path.of("/proc/" + started.pid() + "/status"));
            assertThat(status).contains("SigIgn:\t0000000000000000").contains("SigCgt:\t0000000000000000");
            assertThat(Files.readString(Path.of("/proc/" + started.pid() + "/limits"))).containsPattern("Max file size\\s+unlimited");
            pipe.writer().close();
            awaitEnd(started.pid());
            assertThat(keeper.reap(started.pid())).isEqualTo(new Exit(0, 0));
        }
    }

    @Test
    void holdsNothingOfWhoeverStartedIt() throws Exception {
        List<String> open = new ArrayList<>();
        try (var files = Files.list(Path.of("/proc/" + keeper.pid() + "/fd"))) {
            for (Path file : files.toList()) {
                open.add(Files.readSymbolicLink(file).toString().replaceAll("\\[.*", ""));
            }
        }
        assertThat(open).containsExactlyInAnyOrder(
                "/dev/null", "/dev/null", "/dev/null", "socket:", "socket:", "anon_inode:", "pid:", "time:",
                "/proc/" + keeper.pid() + "/timens_offsets");
        assertThat(Files.readSymbolicLink(Path.of("/proc/" + keeper.pid() + "/cwd"))).hasToString("/");
        assertThat(Files.readString(Path.of("/proc/" + keeper.pid() + "/comm"))).isEqualTo("trefoil-keeper\n");
        String[] stat = Files.readString(Path.of("/proc/" + keeper.pid() + "/stat")).split("\\) ")[1].split(" ");
        assertThat(stat[3]).as("session").isEqualTo(Integer.toString(keeper.pid()));
        assertThat(Files.readString(Path.of("/proc/" + keeper.pid() + "/status"))).contains("SigBlk:\tfffffffffffbfeff");
        String maps = Files.readString(Path.of("/proc/" + keeper.pid() + "/maps"));
        assertThat(maps).doesNotContain("rwxp");
    }

    @Test
    void servesTheNextDaemonWhenTheFirstHasGone() throws Exception {
        int pid = keeper.pid();
        for (int i = 0; i < 20; i++) {
            keeper.close();
            keeper = Keeper.open(directory);
        }
        assertThat(keeper.pid()).isEqualTo(pid);
        keepsAnExitStatusUntilItIsAskedToForget();
    }

    private void killKeeper(int pid) throws Exception {
        try (FileDescriptor pidfd = Pidfd.open(pid)) {
            Pidfd.signal(pidfd, 9);
            try (Epoll epoll = new Epoll()) {
                epoll.add(pidfd, Epoll.EPOLLIN, 1);
                epoll.await(10_000, (key, events) -> {});
            }
        }
    }

    @Test
    void aSecondKeeperIsStartedWhenTheFirstWasKilled() throws Exception {
        int pid = keeper.pid();
        killKeeper(pid);
        keeper.close();
        keeper = Keeper.open(directory);
        assertThat(keeper.pid()).isNotEqualTo(pid);
        keepsAnExitStatusUntilItIsAskedToForget();
    }

    @Test
    void theNextForkStartsAnotherKeeperWhenTheFirstWasKilled() throws Exception {
        int pid = keeper.pid();
        killKeeper(pid);
        assertThatThrownBy(() -> keeper.reap(pid)).isInstanceOf(Keeper.GoneException.class);
        keepsAnExitStatusUntilItIsAskedToForget();
        assertThat(keeper.pid()).isNotEqualTo(pid);
    }

    @Test
    void aKeeperOfAnotherVersionIsReplacedUnlessItHasChildren() throws Exception {
        int pid = keeper.pid();
        SyscallProgram waits = new SyscallProgram("waits");
        waits.call("wait", Call.READ, Keeper.descriptor(0), waits.zeros("byte", 8), 1);
        waits.failHere();
        waits.call("end", Call.EXIT_GROUP, 5);
        try (Pidfd.Pipe pipe = Pidfd.pipe();
                Keeper.Started child = keeper.run(fork(waits.at(Keeper.PROGRAM_BASE), pipe.reader()))) {
            keeper.close();
            assertThatThrownBy(() -> Keeper.open(directory, KeeperProgram.VERSION + 1))
                    .isInstanceOfSatisfying(ContainerException.class, e -> assertThat(e.next()).contains("daemon stop --servers"))
                    .hasMessageContaining("another version");
            keeper = Keeper.open(directory);
            assertThat(keeper.pid()).isEqualTo(pid);
            pipe.writer().close();
            pipe.reader().close();
            try (FileDescriptor pidfd = Pidfd.open(child.pid())) {
                Pidfd.signal(pidfd, 9);
            }
            awaitEnd(child.pid());
            keeper.reap(child.pid());
        }
        keeper.close();
        keeper = Keeper.open(directory, KeeperProgram.VERSION + 1);
        assertThat(keeper.pid()).isNotEqualTo(pid);
        keepsAnExitStatusUntilItIsAskedToForget();
    }
}
