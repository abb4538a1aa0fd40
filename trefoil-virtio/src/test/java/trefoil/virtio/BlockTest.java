package trefoil.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.virtio.Driver.BUFFERS;
import static trefoil.virtio.Driver.WRITE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import trefoil.machine.snapshot.Snapshot;
import trefoil.machine.snapshot.SnapshotException;
import trefoil.virtio.Driver.Piece;
import trefoil.virtio.block.VirtioBlock;
import trefoil.virtio.pci.VirtioPci;

class BlockTest {
    private static final long STATUS = BUFFERS + 0x100;
    private static final long DATA = BUFFERS + 0x1000;
    private static final long FLUSH = VirtioBlock.F_FLUSH;

    private final MemoryDisk disk = new MemoryDisk();
    private final Driver driver = new Driver(new VirtioBlock(disk, "serial-1"));

    @AfterEach
    void close() {
        disk.gate.countDown();
        driver.pci.close();
    }

    private void header(int type, long sector) {
        driver.put(BUFFERS, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(type).putInt(0).putLong(sector).array());
        driver.put(STATUS, new byte[] {(byte) 0xEE});
    }

    private void submit(int type, long sector, Piece data) {
        header(type, sector);
        driver.offer(0, 0, new Piece(BUFFERS, 16, 0), data, new Piece(STATUS, 1, WRITE));
        driver.kick(0);
    }

    private int request(int type, long sector, Piece data) {
        submit(type, sector, data);
        driver.take(0);
        return driver.get(STATUS, 1);
    }

    @Test
    void itIsNegotiatedRegisterByRegister() {
        driver.plug();
        assertThat(driver.pci.config().read(0, 4)).isEqualTo(0x1042_1AF4);
        assertThat(driver.pci.config().read(8, 1)).isEqualTo(1);
        assertThat(driver.offered()).isEqualTo(Driver.VERSION_1 | Driver.EVENT_IDX | Driver.INDIRECT_DESC | 0x6244);
        assertThat(driver.common(18, 2)).isEqualTo(1);
        assertThat(driver.common(16, 2)).isEqualTo(0xFFFF);
        assertThat(driver.negotiate(0)).as("without VERSION_1").isFalse();
        assertThat(driver.negotiate(Driver.VERSION_1 | 1)).as("what was not offered").isFalse();
        assertThat(driver.negotiate(Driver.VERSION_1)).isTrue();
        driver.common(22, 2, 0);
        assertThat(driver.common(24, 2)).isEqualTo(256);
        driver.common(24, 2, 3);
        assertThat(driver.common(24, 2)).isEqualTo(256);
        driver.common(26, 2, 1);
        assertThat(driver.common(26, 2)).isEqualTo(1);
        driver.common(26, 2, 2);
        assertThat(driver.common(26, 2)).as("a vector that is not there").isEqualTo(0xFFFF);
        driver.common(22, 2, 1);
        assertThat(driver.common(24, 2)).as("a queue that is not there").isZero();
        assertThat(driver.bus.read(driver.structure(4), 8)).isEqualTo(128);
        assertThat(driver.bus.read(driver.structure(4) + 12, 4)).isEqualTo(254);
        driver.common(20, 1, 0);
        assertThat(driver.status()).isZero();
    }

    @Test
    void theConfigurationWindowReachesRegisters() {
        driver.plug();
        int at = driver.capability(5);
        driver.pci.config().write(at + 8, 4, (int) (driver.structure(1) - Driver.BAR) + 20);
        driver.pci.config().write(at + 12, 4, 1);
        driver.pci.config().write(at + 16, 1, 3);
        assertThat(driver.status()).isEqualTo(3);
        assertThat(driver.pci.config().read(at + 16, 1)).isEqualTo(3);
    }

    @Test
    void whatIsWrittenIsRead() {
        driver.begin(FLUSH);
        byte[] bytes = new byte[1024];
        new Random(1).nextBytes(bytes);
        driver.put(DATA, bytes);
        assertThat(request(1, 4, new Piece(DATA, 1024, 0))).isZero();
        assertThat(disk.bytes).startsWith(new byte[2048]).containsSequence(bytes);
        submit(0, 4, new Piece(DATA + 0x1000, 1024, WRITE));
        assertThat(driver.take(0)).isEqualTo(1025);
        assertThat(driver.bytes(DATA + 0x1000, 1024)).isEqualTo(bytes);
        assertThat(disk.flushes).isZero();
        header(4, 0);
        driver.offer(0, 0, new Piece(BUFFERS, 16, 0), new Piece(STATUS, 1, WRITE));
        driver.kick(0);
        driver.take(0);
        assertThat(disk.flushes).isEqualTo(1);
    }

    @Test
    void withoutFlushWritesAreDurable() {
        driver.begin(0);
        assertThat(request(1, 0, new Piece(DATA, 512, 0))).isZero();
        assertThat(disk.flushes).isEqualTo(1);
    }

    @Test
    void errorsAreStatuses() {
        driver.begin(FLUSH | VirtioBlock.F_DISCARD | VirtioBlock.F_WRITE_ZEROES);
        assertThat(request(0, 128, new Piece(DATA, 512, WRITE))).as("behind the end").isEqualTo(1);
        assertThat(request(0, -1, new Piece(DATA, 512, WRITE))).isEqualTo(1);
        assertThat(request(0, Long.MAX_VALUE, new Piece(DATA, 512, WRITE))).isEqualTo(1);
        assertThat(request(1, 0, new Piece(DATA, 511, 0))).as("half a sector").isEqualTo(1);
        assertThat(request(99, 0, new Piece(DATA, 512, 0))).isEqualTo(2);
        assertThat(request(8, 0, new Piece(DATA, 20, WRITE))).isZero();
        assertThat(new String(driver.bytes(DATA, 8), java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("serial-1");
        java.util.Arrays.fill(disk.bytes, (byte) 7);
        driver.put(DATA, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(2).putInt(3).putInt(1).array());
        assertThat(request(11, 0, new Piece(DATA, 16, 0))).as("discard with unmap").isEqualTo(2);
        assertThat(request(13, 0, new Piece(DATA, 15, 0))).isEqualTo(1);
        assertThat(request(13, 0, new Piece(DATA, 16, 0))).isZero();
        assertThat(disk.bytes[1023]).isEqualTo((byte) 7);
        assertThat(java.util.Arrays.copyOfRange(disk.bytes, 1024, 2560)).containsOnly(0);
        assertThat(disk.bytes[2560]).isEqualTo((byte) 7);
    }

    @Test
    void thePinFollowsIsrUntilItIsRead() {
        driver.begin(FLUSH);
        request(0, 0, new Piece(DATA, 512, WRITE));
        Driver.await(driver.line::isHigh);
        assertThat(driver.bus.read(driver.structure(3), 1)).isEqualTo(1);
        assertThat(driver.line.isHigh()).isFalse();
        assertThat(driver.bus.read(driver.structure(3), 1)).isZero();
    }

    @Test
    void messagesAreSentAndSuppressed() {
        driver.begin(FLUSH);
        driver.common(22, 2, 0);
        driver.common(26, 2, 1);
        int msix = driver.pci.config().read(0x34, 1);
        while (driver.pci.config().read(msix, 1) != 0x11) {
            msix = driver.pci.config().read(msix + 1, 1);
        }
        driver.pci.config().write(msix + 2, 2, 0x8000);
        driver.bus.write(Driver.MSIX + 16, 8, 0xFEE0_0000L);
        driver.bus.write(Driver.MSIX + 24, 8, 0x41);
        request(0, 0, new Piece(DATA, 512, WRITE));
        Driver.await(() -> driver.sink.take().equals(java.util.List.of(new trefoil.machine.Msi(0xFEE0_0000L, 0x41))));
        driver.put(Driver.driver(0), new byte[] {1, 0});
        request(0, 0, new Piece(DATA, 512, WRITE));
        driver.pci.pause();
        assertThat(driver.sink.take()).as("suppressed").isEmpty();
        assertThat(driver.line.isHigh()).isFalse();
    }

    @Test
    void anEventIndexDelaysTheInterrupt() {
        driver.begin(FLUSH | Driver.EVENT_IDX);
        request(0, 0, new Piece(DATA, 512, WRITE));
        Driver.await(driver.line::isHigh);
        driver.bus.read(driver.structure(3), 1);
        driver.put(Driver.driver(0) + 4 + 32, new byte[] {2, 0});
        request(0, 0, new Piece(DATA, 512, WRITE));
        driver.pci.pause();
        assertThat(driver.line.isHigh()).isFalse();
        driver.pci.resume();
        request(0, 0, new Piece(DATA, 512, WRITE));
        Driver.await(driver.line::isHigh);
        driver.pci.pause();
        assertThat(driver.get(Driver.device(0) + 4 + 128, 2)).as("avail_event").isEqualTo(3);
    }

    @Test
    void indirectTablesAreFollowed() {
        driver.begin(FLUSH | Driver.INDIRECT_DESC);
        disk.bytes[512] = 42;
        header(0, 1);
        long table = BUFFERS + 0x200;
        driver.descriptor(table, 0, new Piece(BUFFERS, 16, Driver.NEXT), 2);
        driver.descriptor(table, 2, new Piece(DATA, 512, Driver.NEXT | WRITE), 1);
        driver.descriptor(table, 1, new Piece(STATUS, 1, WRITE), 0);
        driver.offer(0, 3, new Piece(table, 48, Driver.INDIRECT));
        driver.kick(0);
        assertThat(driver.take(0)).isEqualTo(513);
        assertThat(driver.get(DATA, 1)).isEqualTo(42);
    }

    @Test
    void aResetWaitsForTheRequest() throws InterruptedException {
        driver.begin(FLUSH);
        disk.gate = new CountDownLatch(1);
        submit(0, 0, new Piece(DATA, 512, WRITE));
        disk.reached.await();
        driver.common(20, 1, 0);
        assertThat(driver.status()).as("not yet").isEqualTo(15);
        disk.gate.countDown();
        Driver.await(() -> driver.status() == 0);
        driver.begin(FLUSH);
        assertThat(request(0, 0, new Piece(DATA, 512, WRITE))).isZero();
    }

    @Test
    void aSavedDeviceGoesOn() throws SnapshotException {
        driver.begin(FLUSH | Driver.EVENT_IDX);
        request(0, 0, new Piece(DATA, 512, WRITE));
        driver.pci.pause();
        submit(0, 1, new Piece(DATA, 512, WRITE));
        Snapshot snapshot = new Snapshot();
        snapshot.put("disk", driver.pci.state());
        Driver other = new Driver(new VirtioBlock(disk, "serial-1"), driver.memory);
        other.pci.pause();
        other.pci.restore(Snapshot.parse(snapshot.toBytes()).get("disk", VirtioPci.State.class));
        assertThat(other.status()).isEqualTo(15);
        disk.bytes[512] = 99;
        other.used[0] = 1;
        other.pci.resume();
        assertThat(other.take(0)).isEqualTo(513);
        assertThat(other.get(DATA, 1)).isEqualTo(99);
        other.pci.close();
    }
}
