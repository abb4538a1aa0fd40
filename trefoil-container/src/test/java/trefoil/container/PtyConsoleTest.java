package trefoil.container;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Contents;
import trefoil.linux.tty.Terminal;

@Timeout(30)
class PtyConsoleTest {
    @TempDir
    Path directory;

    private FileDescriptor slave;
    private PtyConsole console;

    @BeforeEach
    void open() throws Exception {
        FileDescriptor master = Terminal.open();
        slave = Terminal.slave(master);
        Terminal.raw(slave);
        console = new PtyConsole(master, log(), 1 << 20);
    }

    @AfterEach
    void close() {
        console.close();
        slave.close();
    }

    private Path log() {
        return directory.resolve("console.log");
    }

    private void print(String text) throws IOException {
        print(text.getBytes(UTF_8));
    }

    private void print(byte[] data) throws IOException {
        Contents.writeFully(slave, data, 0, data.length);
    }

    /** Collects what it is told. */
    private static final class Listener implements Console.Watcher {
        private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
        private boolean closed;
        private boolean overrun;

        @Override
        public synchronized void output(byte[] data) {
            heard.writeBytes(data);
            notifyAll();
        }

        @Override
        public synchronized void closed() {
            closed = true;
            notifyAll();
        }

        @Override
        public synchronized void overrun() {
            overrun = true;
            notifyAll();
        }

        synchronized byte[] await(Predicate<Listener> condition) throws InterruptedException {
            while (!condition.test(this)) {
                wait();
            }
            return heard.toByteArray();
        }

        String awaitText(String end) throws InterruptedException {
            return new String(await(l -> l.heard.toString(UTF_8).endsWith(end)), UTF_8);
        }
    }

    @Test
    void everyWatcherIsToldAllFromTheRecentOutputOn() throws Exception {
        Listener first = new Listener();
        console.watch(first);
        print("one ");
        first.awaitText("one ");
        Listener second = new Listener();
        console.watch(second);
        print("two");
        assertThat(first.awaitText("two")).isEqualTo("one two");
        assertThat(second.awaitText("two")).isEqualTo("one two");
    }

    @Test
    void recentOutputGrowsWithWhatIsPrintedUpToItsBound() throws Exception {
        assertThat(console.recent()).isEmpty();
        Listener listener = new Listener();
        console.watch(listener);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Random random = new Random(5);
        for (int length : new int[] {1, 1500, 600, 30_000, 31_000, 20_000, 64 * 1024, 100}) {
            byte[] data = new byte[length];
            random.nextBytes(data);
            all.writeBytes(data);
            Thread printing = Thread.ofPlatform().start(() -> {
                try {
                    print(data);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            listener.await(l -> l.heard.size() >= all.size());
            printing.join();
            byte[] printed = all.toByteArray();
            byte[] last = Arrays.copyOfRange(printed, Math.max(0, printed.length - 64 * 1024), printed.length);
            assertThat(console.recent()).isEqualTo(last);
        }
    }

    @Test
    void whatIsTypedArrives() throws Exception {
        console.write("root\r".getBytes(US_ASCII));
        byte[] line = new byte[5];
        assertThat(Contents.read(slave, line, 0, 5)).isEqualTo(5);
        assertThat(line).isEqualTo("root\r".getBytes(US_ASCII));
        console.resize(90, 30);
        assertThat(Terminal.size(slave)).isEqualTo(new Terminal.Size(90, 30));
    }

    @Test
    void typingWithoutAReaderNeitherBlocksNorIsLostSilently() throws Exception {
        byte[] page = new byte[4096];
        new Random(5).nextBytes(page);
        int typed = 0;
        while (typed < 1 << 20) {
            try {
                console.write(page);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("nothing inside reads the console");
                break;
            }
            typed += page.length;
        }
        assertThat(typed).isBetween(64 * 1024, 512 * 1024);
        ByteArrayOutputStream arrived = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        while (arrived.size() < typed) {
            arrived.write(buffer, 0, Contents.read(slave, buffer, 0, buffer.length));
        }
        byte[] all = arrived.toByteArray();
        for (int at = 0; at < typed; at += page.length) {
            assertThat(Arrays.equals(all, at, at + page.length, page, 0, page.length)).as("page at %d", at).isTrue();
        }
    }

    @Test
    void aHangUpIsNotTheEnd() throws Exception {
        Listener listener = new Listener();
        console.watch(listener);
        print("before ");
        listener.awaitText("before ");
        int number = Integer.parseInt(Path.of("/proc/self/fd/" + slave.number())
                .toRealPath()
                .getFileName()
                .toString());
        for (int i = 0; i < 3; i++) {
            slave.close(); // the last slave: the master now answers EIO
            slave = trefoil.linux.file.Open.open(
                    "/dev/pts/" + number,
                    trefoil.linux.file.Open.O_RDWR | trefoil.linux.file.Open.O_NOCTTY,
                    0);
            print("again" + i);
            listener.awaitText("again" + i);
        }
        assertThat(listener.closed).isFalse();
    }

    @Test
    void nothingIsLostOrDoubledForWatchersThatComeWhileMuchIsPrinted() throws Exception {
        byte[] all = new byte[600_000];
        for (int i = 0; i < all.length; i += 4) { // every four bytes say where they stand
            all[i] = (byte) (i >> 24);
            all[i + 1] = (byte) (i >> 16);
            all[i + 2] = (byte) (i >> 8);
            all[i + 3] = (byte) i;
        }
        Listener[] listeners = new Listener[8];
        for (int i = 0; i < listeners.length; i++) {
            print(Arrays.copyOfRange(all, i * 75_000, (i + 1) * 75_000));
            listeners[i] = new Listener();
            console.watch(listeners[i]);
        }
        slave.close();
        console.close();
        for (Listener listener : listeners) {
            byte[] heard = listener.await(l -> l.closed);
            assertThat(heard.length).isGreaterThanOrEqualTo(64 * 1024);
            assertThat(Arrays.equals(heard, 0, heard.length, all, all.length - heard.length, all.length)).isTrue();
        }
        assertThat(listeners[0].heard.size()).isGreaterThan(500_000);
    }

    @Test
    void aWatcherThatBlocksHoldsUpNobody() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Listener slow = new Listener();
        console.watch(new Console.Watcher() {
            @Override
            public void output(byte[] data) {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public void overrun() {
                slow.overrun();
            }
        });
        Listener quick = new Listener();
        console.watch(quick);
        byte[] chunk = new byte[50_000];
        for (int i = 1; i <= 40; i++) {
            print(chunk);
            int sum = i * chunk.length;
            quick.await(l -> l.heard.size() == sum);
        }
        release.countDown();
        slow.await(l -> l.overrun);
        assertThat(quick.overrun).isFalse();
    }

    @Test
    void aClosedWatchIsToldNoMoreAndACloseEndsTheRest() throws Exception {
        Listener stopped = new Listener();
        Listener other = new Listener();
        AutoCloseable watch = console.watch(stopped);
        console.watch(other);
        print("a");
        stopped.awaitText("a");
        watch.close();
        print("last words");
        slave.close();
        console.close();
        assertThat(new String(other.await(l -> l.closed), UTF_8)).isEqualTo("alast words");
        assertThat(stopped.heard.toString(UTF_8)).isEqualTo("a");
        assertThat(stopped.closed).isFalse();
        assertThat(Files.readString(log())).isEqualTo("alast words");
        assertThatThrownBy(() -> console.write(new byte[1])).isInstanceOf(IOException.class);
        Listener late = new Listener();
        console.watch(late);
        assertThat(new String(late.await(l -> l.closed), UTF_8)).isEqualTo("alast words");
    }

    @Test
    void theNextDaemonKnowsTheRecentOutputSinceTheMark() throws Exception {
        print("old boot");
        Listener listener = new Listener();
        console.watch(listener);
        listener.awaitText("old boot");
        console.mark("boot 2");
        print("new boot\n---- not a mark\n");
        listener.awaitText("mark\n");
        assertThat(new String(console.recent(), UTF_8)).isEqualTo("new boot\n---- not a mark\n");
        slave.close();
        console.close();
        assertThat(Files.readString(log()))
                .isEqualTo("old boot\n---- trefoil: boot 2 ----\nnew boot\n---- not a mark\n");
        open();
        assertThat(new String(console.recent(), UTF_8)).isEqualTo("new boot\n---- not a mark\n");
    }

    @Test
    void theLogIsBounded() throws Exception {
        try (ConsoleLog small = new ConsoleLog(directory.resolve("small.log"), 8192)) {
            byte[] line = "0123456789abcde\n".getBytes(US_ASCII);
            for (int i = 0; i < 2000; i++) {
                small.append(line);
            }
            small.mark("the\nend");
            assertThat(small.failure()).isNull();
        }
        long sum = Files.size(directory.resolve("small.log")) + Files.size(directory.resolve("small.log.1"));
        assertThat(sum).isBetween(4096L, 8192L);
        assertThat(Files.readString(directory.resolve("small.log"))).endsWith("e\n---- trefoil: the end ----\n");
    }
}
