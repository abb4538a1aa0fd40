package trefoil.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.virtio.Driver.BUFFERS;
import static trefoil.virtio.Driver.INDIRECT;
import static trefoil.virtio.Driver.NEXT;
import static trefoil.virtio.Driver.WRITE;

import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.virtio.Driver.Piece;
import trefoil.virtio.block.VirtioBlock;

class HostileTest {
    private final MemoryDisk disk = new MemoryDisk();
    private final Driver driver = new Driver(new VirtioBlock(disk, "x"));

    private static void raw(Driver d, long address, int length, int flags, int next) {
        d.descriptor(Driver.descriptors(0), 0, new Piece(address, length, flags), next);
        d.offerHead(0, 0);
    }

    static Stream<Consumer<Driver>> breaches() {
        return Stream.of(
                d -> raw(d, BUFFERS, 16, NEXT, 0),
                d -> raw(d, BUFFERS, 16, NEXT, 16),
                d -> d.offerHead(0, 16),
                d -> raw(d, -8, 16, 0, 0),
                d -> raw(d, 0xFFFF0, -1, WRITE, 0),
                d -> raw(d, BUFFERS, 16, 0, 0),
                d -> d.offer(0, 0, new Piece(BUFFERS, 16, WRITE), new Piece(BUFFERS, 16, 0)),
                d -> raw(d, BUFFERS, 0, INDIRECT, 0),
                d -> raw(d, BUFFERS, 17, INDIRECT, 0),
                d -> raw(d, BUFFERS, 16, INDIRECT | NEXT, 1),
                d -> raw(d, Driver.descriptors(0), 16, INDIRECT, 0),
                d -> {
                    d.available[0] = 17;
                    d.offerHead(0, 0);
                });
    }

    @ParameterizedTest
    @MethodSource("breaches")
    void aBrokenQueueNeedsResetAndIsWellAfterIt(Consumer<Driver> breach) {
        driver.begin(Driver.INDIRECT_DESC);
        breach.accept(driver);
        driver.kick(0);
        Driver.await(() -> driver.status() == 0x4F);
        Driver.await(driver.line::isHigh);
        assertThat(driver.bus.read(driver.structure(3), 1)).isEqualTo(2);
        driver.common(20, 1, 0);
        Driver.await(() -> driver.status() == 0);
        worksAgain();
    }

    private void worksAgain() {
        driver.begin(0);
        driver.put(BUFFERS, new byte[16]);
        driver.offer(0, 0, new Piece(BUFFERS, 16, 0), new Piece(BUFFERS + 0x1000, 513, WRITE));
        driver.kick(0);
        assertThat(driver.take(0)).isEqualTo(513);
        driver.pci.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noiseInRingsAndRegistersLeavesTheDeviceAlive(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            driver.common(20, 1, 0);
            driver.plug();
            Driver.await(() -> driver.status() == 0);
            driver.begin(random.nextBoolean() ? Driver.INDIRECT_DESC : Driver.EVENT_IDX);
            noise(random);
        }
        driver.plug();
        driver.common(20, 1, 0);
        Driver.await(() -> driver.status() == 0);
        worksAgain();
    }

    private void noise(Random random) {
        for (int i = 0; i < 16; i++) {
            long address = random.nextInt(4) == 0 ? random.nextLong() : BUFFERS + random.nextInt(0x2000);
            int length = random.nextInt(6) == 0 ? random.nextInt() : random.nextInt(0x800);
            driver.descriptor(Driver.descriptors(0), i, new Piece(address, length, random.nextInt(random.nextBoolean() ? 4 : 8)), random.nextInt(18));
        }
        for (int i = 0; i < 12; i++) {
            driver.offerHead(0, random.nextInt(17));
            driver.kick(0);
            driver.bus.write(Driver.BAR + random.nextInt(0x4000), 1 << random.nextInt(4), random.nextLong());
            long at = driver.structure(1) + random.nextInt(60);
            driver.bus.read(at, 1 << random.nextInt(4));
            if (random.nextInt(8) == 0) {
                driver.bus.write(at, 1 << random.nextInt(4), random.nextInt(300));
            }
        }
    }
}
