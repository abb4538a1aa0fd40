package trefoil.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.virtio.Driver.BUFFERS;
import static trefoil.virtio.Driver.WRITE;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import trefoil.machine.IoStatus;
import trefoil.machine.NetBackend;
import trefoil.virtio.Driver.Piece;
import trefoil.virtio.net.VirtioNet;

class NetTest {
    /** A network in memory. An empty frame ends it. */
    private static final class Wire implements NetBackend {
        final BlockingQueue<byte[]> toGuest = new LinkedBlockingQueue<>();
        final BlockingQueue<byte[]> fromGuest = new LinkedBlockingQueue<>();
        final int header;
        final Set<Offload> offloads;
        final Semaphore leave = new Semaphore(1_000);
        volatile Set<Offload> accepted = Set.of();

        Wire(int header, Set<Offload> offloads) {
            this.header = header;
            this.offloads = offloads;
        }

        @Override
        public int headerLength() {
            return header;
        }

        @Override
        public Set<Offload> offloads() {
            return offloads;
        }

        @Override
        public void accept(Set<Offload> chosen) {
            accepted = Set.copyOf(chosen);
        }

        @Override
        public IoStatus send(List<MemorySegment> frame) {
            leave.acquireUninterruptibly();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            frame.forEach(segment -> bytes.writeBytes(segment.toArray(ValueLayout.JAVA_BYTE)));
            fromGuest.add(bytes.toByteArray());
            return IoStatus.OK;
        }

        @Override
        public int receive(List<MemorySegment> into) {
            try {
                byte[] frame = toGuest.take();
                MemorySegment.copy(MemorySegment.ofArray(frame), 0, into.getFirst(), 0, frame.length);
                return frame.length == 0 ? -1 : frame.length;
            } catch (InterruptedException e) {
                return -1;
            }
        }

        @Override
        public void close() {
            toGuest.add(new byte[0]);
        }
    }

    private static final byte[] MAC = {2, 0, 0, 1, 2, 3};

    private Wire wire = new Wire(0, Set.of());
    private Driver driver = new Driver(new VirtioNet(wire, MAC, 1400));

    @AfterEach
    void close() {
        driver.pci.close();
    }

    private void use(int header, Set<NetBackend.Offload> offloads) {
        driver.pci.close();
        wire = new Wire(header, offloads);
        driver = new Driver(new VirtioNet(wire, MAC, 1400));
    }

    private static byte[] frame(int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) (i * 7 + 1);
        }
        return frame;
    }

    private byte[] sent(byte[] header, byte[] frame) throws InterruptedException {
        driver.put(BUFFERS, header);
        driver.put(BUFFERS + 0x100, frame);
        driver.offer(1, 0, new Piece(BUFFERS, 12, 0), new Piece(BUFFERS + 0x100, frame.length, 0));
        driver.kick(1);
        driver.take(1);
        return wire.fromGuest.take();
    }

    @Test
    void theConfigurationSaysWhoItIs() {
        driver.plug();
        assertThat(driver.bus.read(driver.structure(4), 4)).isEqualTo(0x01000002L);
        assertThat(driver.bus.read(driver.structure(4) + 6, 2)).isEqualTo(1);
        assertThat(driver.bus.read(driver.structure(4) + 10, 2)).isEqualTo(1400);
        assertThat(driver.offered() & 0xFFFFFF).isEqualTo(1 << 3 | 1 << 5 | 1 << 15 | 1 << 16);
    }

    @Test
    void framesAreSentWithoutTheHeader() throws InterruptedException {
        driver.begin(0);
        assertThat(sent(new byte[12], frame(60))).isEqualTo(frame(60));
    }

    @Test
    void aHeaderReachesTheBackendOnlyIfOffloadsWereNegotiated() throws InterruptedException {
        use(12, Set.of(NetBackend.Offload.CHECKSUM, NetBackend.Offload.TSO4));
        byte[] header = {1, 0, 0, 0, 0, 0, 34, 0, 16, 0, 0, 0};
        driver.begin(0);
        assertThat(sent(header, frame(60))).startsWith(new byte[12]).hasSize(72).endsWith(frame(60));
        assertThat(wire.accepted).isEmpty();
        driver.common(20, 1, 0);
        Driver.await(() -> driver.status() == 0);
        driver.begin(VirtioNet.F_CSUM | VirtioNet.F_GUEST_CSUM | VirtioNet.F_GUEST_TSO4);
        assertThat(wire.accepted).containsExactlyInAnyOrder(NetBackend.Offload.CHECKSUM, NetBackend.Offload.TSO4);
        assertThat(sent(header, frame(60))).startsWith(header);
    }

    @Test
    void aFrameWaitsForABuffer() {
        driver.begin(0);
        wire.toGuest.add(frame(100));
        wire.toGuest.add(frame(90));
        driver.offer(0, 0, new Piece(BUFFERS, 1600, WRITE));
        driver.kick(0);
        assertThat(driver.take(0)).isEqualTo(112);
        assertThat(driver.bytes(BUFFERS, 12)).isEqualTo(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
        assertThat(driver.bytes(BUFFERS + 12, 100)).isEqualTo(frame(100));
        driver.offer(0, 0, new Piece(BUFFERS, 1600, WRITE));
        driver.kick(0);
        assertThat(driver.take(0)).isEqualTo(102);
        Driver.await(driver.line::isHigh);
    }

    @Test
    void aLongFrameIsSpreadOverMergedBuffers() {
        driver.begin(VirtioNet.F_MRG_RXBUF);
        wire.toGuest.add(frame(500));
        driver.offer(0, 0, new Piece(BUFFERS, 256, WRITE));
        driver.kick(0);
        driver.pci.pause();
        assertThat(driver.usedIndex(0)).as("not with one").isZero();
        driver.pci.resume();
        driver.offer(0, 1, new Piece(BUFFERS + 0x200, 256, WRITE));
        driver.kick(0);
        assertThat(List.of(driver.take(0), driver.take(0))).containsExactly(256, 256);
        assertThat(driver.usedIndex(0)).isEqualTo(2);
        assertThat(driver.get(BUFFERS + 10, 2)).isEqualTo(2);
        byte[] frame = frame(500);
        assertThat(driver.bytes(BUFFERS + 12, 244)).isEqualTo(java.util.Arrays.copyOf(frame, 244));
        assertThat(driver.bytes(BUFFERS + 0x200, 256)).isEqualTo(java.util.Arrays.copyOfRange(frame, 244, 500));
    }

    @Test
    void aResetNeedNotWaitForTheNetwork() {
        driver.begin(0);
        wire.toGuest.add(frame(100));
        driver.common(20, 1, 0);
        Driver.await(() -> driver.status() == 0);
        driver.begin(0);
        driver.offer(0, 0, new Piece(BUFFERS, 8, WRITE));
        wire.toGuest.add(frame(100));
        driver.kick(0);
        Driver.await(() -> driver.status() == 0x4F);
    }

    @Test
    void aNetworkThatIsGoneIsACableThatIsPulled() {
        driver.begin(0);
        assertThat(driver.bus.read(driver.structure(4) + 6, 2)).isEqualTo(1);
        wire.close();
        Driver.await(() -> driver.bus.read(driver.structure(4) + 6, 2) == 0);
        Driver.await(driver.line::isHigh);
    }

    @Test
    void closingWaitsForTheFrameThatIsBeingSent() throws InterruptedException {
        driver.begin(0);
        wire.leave.drainPermits();
        driver.put(BUFFERS, new byte[72]);
        driver.offer(1, 0, new Piece(BUFFERS, 72, 0));
        driver.kick(1);
        Driver.await(wire.leave::hasQueuedThreads);
        Thread closing = Thread.ofPlatform().daemon().start(driver.pci::close);
        assertThat(closing.join(Duration.ofMillis(200))).as("closed while a frame is read from the guest's memory").isFalse();
        wire.leave.release();
        assertThat(closing.join(Duration.ofSeconds(10))).isTrue();
        assertThat(wire.fromGuest).hasSize(1);
    }
}
