package trefoil.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.virtio.Driver.BUFFERS;
import static trefoil.virtio.Driver.WRITE;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import trefoil.machine.CharBackend;
import trefoil.machine.snapshot.Snapshot;
import trefoil.machine.snapshot.SnapshotException;
import trefoil.virtio.Driver.Piece;
import trefoil.virtio.console.Port;
import trefoil.virtio.console.VirtioConsole;
import trefoil.virtio.pci.VirtioPci;
import trefoil.virtio.rng.VirtioEntropy;

class ConsoleTest {
    /** A line that takes {@code room} bytes. */
    private static final class Terminal implements CharBackend {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private byte[] in = {};
        private int room = 1 << 20;
        private Runnable ready = () -> {};

        @Override
        public synchronized int write(byte[] from, int offset, int length) {
            int taken = Math.min(length, room);
            out.write(from, offset, taken);
            room -= taken;
            return taken;
        }

        @Override
        public synchronized int read(byte[] into, int offset, int length) {
            int taken = Math.min(length, in.length);
            System.arraycopy(in, 0, into, offset, taken);
            in = java.util.Arrays.copyOfRange(in, taken, in.length);
            return taken;
        }

        @Override
        public synchronized void listen(Runnable told) {
            ready = told;
        }

        @Override
        public void close() {}

        synchronized String text() {
            return out.toString(StandardCharsets.US_ASCII);
        }

        void type(String text) {
            Runnable told;
            synchronized (this) {
                in = text.getBytes(StandardCharsets.US_ASCII);
                told = ready;
            }
            told.run();
        }

        void room(int bytes) {
            Runnable told;
            synchronized (this) {
                room = bytes;
                told = ready;
            }
            told.run();
        }
    }

    private final Terminal terminal = new Terminal();
    private final Terminal stream = new Terminal();

    private VirtioConsole two() {
        return new VirtioConsole(List.of(new Port("", terminal, Port.Use.CONSOLE), new Port("org.trefoil.commons", stream, Port.Use.STREAM)));
    }

    private static void text(Driver driver, int queue, String text) {
        driver.put(BUFFERS + 0x100, text.getBytes(StandardCharsets.US_ASCII));
        driver.offer(queue, 0, new Piece(BUFFERS + 0x100, text.length(), 0));
        driver.kick(queue);
    }

    private static void control(Driver driver, int port, int event, int value) {
        driver.put(BUFFERS, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(port).putShort((short) event).putShort((short) value).array());
        driver.offer(3, 0, new Piece(BUFFERS, 8, 0));
        driver.kick(3);
        driver.take(3);
    }

    private static String message(Driver driver) {
        driver.offer(2, 0, new Piece(BUFFERS + 0x200, 64, WRITE));
        driver.kick(2);
        int length = driver.take(2);
        String name = new String(driver.bytes(BUFFERS + 0x208, length - 8), StandardCharsets.US_ASCII);
        return driver.get(BUFFERS + 0x200, 4) + " " + driver.get(BUFFERS + 0x204, 2) + " " + driver.get(BUFFERS + 0x206, 2) + " " + name;
    }

    @Test
    void aSinglePortGoesBothWays() {
        Driver driver = new Driver(new VirtioConsole(List.of(new Port("", terminal, Port.Use.CONSOLE)))).begin(0);
        assertThat(driver.common(18, 2)).isEqualTo(2);
        text(driver, 1, "hello");
        driver.take(1);
        assertThat(terminal.text()).isEqualTo("hello");
        driver.offer(0, 0, new Piece(BUFFERS, 64, WRITE));
        driver.kick(0);
        terminal.type("yes");
        assertThat(driver.take(0)).isEqualTo(3);
        assertThat(driver.bytes(BUFFERS, 3)).isEqualTo("yes".getBytes(StandardCharsets.US_ASCII));
        driver.pci.close();
    }

    @Test
    void namedPortsAreIntroducedAndOpened() {
        Driver driver = new Driver(two()).begin(VirtioConsole.F_MULTIPORT);
        assertThat(driver.common(18, 2)).isEqualTo(6);
        assertThat(driver.bus.read(driver.structure(4) + 4, 4)).isEqualTo(2);
        control(driver, 0, 0, 1);
        assertThat(List.of(message(driver), message(driver))).containsExactly("0 1 0 ", "1 1 0 ");
        control(driver, 0, 3, 1);
        assertThat(List.of(message(driver), message(driver))).containsExactly("0 4 1 ", "0 6 1 ");
        control(driver, 1, 3, 1);
        assertThat(List.of(message(driver), message(driver))).containsExactly("1 7 1 org.trefoil.commons", "1 6 1 ");
        control(driver, 77, 6, 1);
        stream.type("early");
        driver.offer(4, 0, new Piece(BUFFERS + 0x300, 64, WRITE));
        driver.kick(4);
        control(driver, 1, 6, 1);
        assertThat(driver.take(4)).isEqualTo(5);
        text(driver, 5, "up");
        driver.take(5);
        assertThat(stream.text()).isEqualTo("up");
        driver.pci.close();
    }

    @Test
    void whatABackendDoesNotTakeWaitsEvenInASnapshot() throws SnapshotException {
        VirtioConsole console = two();
        Driver driver = new Driver(console).begin(VirtioConsole.F_MULTIPORT);
        control(driver, 0, 0, 1);
        terminal.room(3);
        text(driver, 1, "abcdef");
        Driver.await(() -> terminal.text().length() == 3);
        driver.pci.pause();
        Snapshot snapshot = new Snapshot();
        snapshot.put("pci", driver.pci.state());
        snapshot.put("console", console.state());
        Snapshot read = Snapshot.parse(snapshot.toBytes());
        VirtioConsole second = two();
        Driver other = new Driver(second, driver.memory);
        other.pci.pause();
        second.restore(read.get("console", VirtioConsole.State.class));
        other.pci.restore(read.get("pci", VirtioPci.State.class));
        other.pci.resume();
        assertThat(other.usedIndex(1)).isZero();
        terminal.room(100);
        other.take(1);
        assertThat(terminal.text()).isEqualTo("abcdef");
        assertThat(List.of(message(other), message(other))).containsExactly("0 1 0 ", "1 1 0 ");
        driver.pci.close();
        other.pci.close();
    }

    @Test
    void entropyFillsABuffer() {
        Driver driver = new Driver(new VirtioEntropy(new Random(5))).begin(0);
        assertThat(driver.structure(4)).as("no configuration of its own").isEqualTo(-1);
        driver.offer(0, 0, new Piece(BUFFERS, 10, WRITE), new Piece(BUFFERS + 100, 22, WRITE));
        driver.kick(0);
        assertThat(driver.take(0)).isEqualTo(32);
        byte[] expected = new byte[32];
        new Random(5).nextBytes(expected);
        assertThat(driver.bytes(BUFFERS, 10)).isEqualTo(java.util.Arrays.copyOf(expected, 10));
        assertThat(driver.bytes(BUFFERS + 100, 22)).isEqualTo(java.util.Arrays.copyOfRange(expected, 10, 32));
        driver.offer(0, 0, new Piece(BUFFERS, 10, 0));
        driver.kick(0);
        Driver.await(() -> driver.status() == 0x4F);
        driver.pci.close();
    }
}
