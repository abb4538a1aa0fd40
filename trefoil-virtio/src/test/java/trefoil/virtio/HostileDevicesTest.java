package trefoil.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.virtio.Driver.BUFFERS;
import static trefoil.virtio.Driver.WRITE;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import trefoil.machine.CharBackend;
import trefoil.machine.IoStatus;
import trefoil.machine.NetBackend;
import trefoil.virtio.Driver.Piece;
import trefoil.virtio.console.Port;
import trefoil.virtio.console.VirtioConsole;
import trefoil.virtio.device.VirtioDevice;
import trefoil.virtio.net.VirtioNet;
import trefoil.virtio.rng.VirtioEntropy;

/** Drivers of entropy, console and network that write anything into all queues and registers, by the transport of PCI: the devices are well after a reset. {@link HostileTest} does so with a disk. */
class HostileDevicesTest {
    private static final int ROUNDS = 20;

    /** A network that takes everything, and sends a frame whenever it is asked to. */
    private static final class Network implements NetBackend {
        private final LinkedBlockingQueue<Integer> lengths = new LinkedBlockingQueue<>();

        @Override
        public int headerLength() {
            return 12;
        }

        @Override
        public Set<Offload> offloads() {
            return Set.of(Offload.values());
        }

        @Override
        public void accept(Set<Offload> chosen) {}

        @Override
        public IoStatus send(List<MemorySegment> frame) {
            frame.forEach(segment -> segment.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
            return IoStatus.OK;
        }

        @Override
        public int receive(List<MemorySegment> into) {
            try {
                return lengths.take();
            } catch (InterruptedException e) {
                return -1;
            }
        }

        @Override
        public void close() {
            lengths.add(-1);
        }
    }

    /** A line that takes everything and always has something to say. */
    private static final class Chatter implements CharBackend {
        @Override
        public int write(byte[] from, int offset, int length) {
            return length;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return Math.min(length, 3);
        }

        @Override
        public void listen(Runnable ready) {}

        @Override
        public void close() {}
    }

    /** What a test needs of a device. */
    private record Subject(String name, VirtioDevice device, Runnable poke, int queue, Piece piece) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Subject subject(int kind) {
        Network network = new Network();
        return switch (kind) {
            case 0 -> new Subject("entropy", new VirtioEntropy(new Random(1)), () -> {}, 0, new Piece(BUFFERS, 64, WRITE));
            case 1 -> new Subject("console", new VirtioConsole(List.of(new Port("a", new Chatter(), Port.Use.CONSOLE), new Port("b", new Chatter(), Port.Use.CONSOLE))), () -> {}, 1, new Piece(BUFFERS, 64, 0));
            default -> new Subject("network", new VirtioNet(network, new byte[] {2, 0, 0, 0, 0, 1}, 1500), () -> network.lengths.add(72), 1, new Piece(BUFFERS, 12 + 60, 0));
        };
    }

    static Stream<Arguments> subjects() {
        return IntStream.range(0, 3).boxed().flatMap(kind -> IntStream.rangeClosed(1, 6).mapToObj(seed -> Arguments.of(subject(kind), seed)));
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void noiseInAllQueuesAndRegistersIsSurvived(Subject subject, int seed) {
        Driver driver = new Driver(subject.device());
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            anew(driver);
            driver.begin(random.nextBoolean() ? Driver.INDIRECT_DESC : Driver.EVENT_IDX);
            noise(driver, subject, random);
        }
        anew(driver);
        driver.begin(0);
        driver.offer(subject.queue(), 0, subject.piece());
        driver.kick(subject.queue());
        assertThat(driver.take(subject.queue())).isEqualTo((subject.piece().flags() & WRITE) != 0 ? 64 : 0);
        driver.pci.close();
        driver.pci.close();
    }

    private static void anew(Driver driver) {
        driver.plug();
        driver.common(20, 1, 0);
        Driver.await(() -> driver.status() == 0);
    }

    private static void noise(Driver driver, Subject subject, Random random) {
        int queues = subject.device().queueSizes().size();
        for (int queue = 0; queue < queues; queue++) {
            for (int n = 0; n < 16; n++) {
                long address = random.nextInt(4) == 0 ? random.nextLong() : BUFFERS + random.nextInt(0x2000);
                int length = random.nextInt(6) == 0 ? random.nextInt() : random.nextInt(0x800);
                driver.descriptor(Driver.descriptors(queue), n, new Piece(address, length, random.nextInt(random.nextBoolean() ? 4 : 8)), random.nextInt(18));
            }
        }
        for (int n = 0; n < 16; n++) {
            int queue = random.nextInt(queues);
            driver.offerHead(queue, random.nextInt(17));
            driver.kick(queue);
            subject.poke().run();
            driver.bus.write(Driver.BAR + random.nextInt(0x4000), 1 << random.nextInt(4), random.nextLong());
            driver.bus.read(Driver.BAR + random.nextInt(0x4000), 1 << random.nextInt(4));
        }
    }
}
