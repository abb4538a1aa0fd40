package trefoil.linux.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Contents;
import trefoil.linux.tty.Terminal;

@Timeout(20)
class EpollTest {
    private static void write(FileDescriptor to, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        Contents.writeFully(to, bytes, 0, bytes.length);
    }

    @Test
    void tellsWhichDescriptorIsReadyByItsKey() throws Exception {
        try (Epoll epoll = new Epoll();
                FileDescriptor master = Terminal.open();
                FileDescriptor slave = Terminal.slave(master)) {
            Terminal.raw(slave);
            epoll.add(master, Epoll.EPOLLIN | Epoll.EPOLLET, 0x1234_5678_9ABCL);
            List<Long> keys = new ArrayList<>();
            assertThat(epoll.await(0, (key, events) -> keys.add(key))).isZero();
            write(slave, "x");
            assertThat(epoll.await(-1, (key, events) -> {
                        keys.add(key);
                        assertThat(events & Epoll.EPOLLIN).isEqualTo(Epoll.EPOLLIN);
                    }))
                    .isEqualTo(1);
            assertThat(keys).containsExactly(0x1234_5678_9ABCL);
            epoll.remove(master);
            write(slave, "y");
            assertThat(epoll.await(0, (key, events) -> keys.add(key))).isZero();
        }
    }

    @Test
    void aWakeEndsTheWait() throws Exception {
        try (Epoll epoll = new Epoll()) {
            Thread waker = Thread.ofPlatform().start(epoll::wake);
            assertThat(epoll.await(-1, (key, events) -> {})).isZero();
            waker.join();
            assertThat(epoll.await(0, (key, events) -> {})).isZero();
        }
    }

    @Test
    void aTerminalHasASizeAndANumber() throws Exception {
        try (FileDescriptor master = Terminal.open();
                FileDescriptor slave = Terminal.slave(master)) {
            Terminal.resize(master, 132, 43);
            assertThat(Terminal.size(slave)).isEqualTo(new Terminal.Size(132, 43));
            assertThat(Terminal.number(master)).isGreaterThanOrEqualTo(0);
        }
    }
}
