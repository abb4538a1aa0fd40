package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.linux.FileDescriptor;
import trefoil.linux.event.Epoll;
import trefoil.linux.process.Pidfd;

/** Containers whose keeper was killed, under the daemon that goes on. */
class OrphanTest {
    private EngineFixture host;
    private Container container;

    @BeforeEach
    void open() throws IOException {
        host = new EngineFixture();
        container = host.start("orphan", "/bin/sh", "-c", "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done");
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private void killKeeper() throws IOException {
        int pid = Integer.parseInt(Files.readString(host.state.resolve("run/keeper.pid")).strip());
        try (FileDescriptor pidfd = Pidfd.open(pid)) {
            Pidfd.signal(pidfd, 9);
            try (Epoll epoll = new Epoll()) {
                epoll.add(pidfd, Epoll.EPOLLIN, 1);
                epoll.await(10_000, (key, events) -> {});
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void exitStatusIsTold(boolean anotherKeeper, boolean killed) throws Exception {
        assertThat(EngineFixture.output(container, "echo", "in")).isEqualTo("in\n");
        killKeeper();
        if (anotherKeeper) {
            assertThat(EngineFixture.output(container, "echo", "again")).isEqualTo("again\n");
        }
        if (killed) {
            container.kill();
        } else {
            container.askToPowerOff();
        }
        assertThat(host.exit("orphan")).isEqualTo(killed ? new Exit(-1, 9) : new Exit(7, 0));
        assertThat(host.log("orphan")).contains(killed ? "ready" : "bye");
    }

    @Test
    void exitStatusOfCommandsIsToldToo() throws Exception {
        try (Container.Process process = container.exec(new ExecSpec(List.of("/bin/sh", "-c", "read x; exit 9"), Map.of(), "root", null, false, 0, 0))) {
            killKeeper();
            process.closeInput();
            assertThat(process.await()).isEqualTo(new Exit(9, 0));
        }
        container.kill();
        host.exit("orphan");
    }
}
