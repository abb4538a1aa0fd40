package trefoil.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.disk.DiskException;
import trefoil.disk.HostFile.Access;
import trefoil.disk.MemoryFile;
import trefoil.disk.RandomLoad;
import trefoil.machine.BlockBackend.Zeroing;
import trefoil.machine.IoStatus;

/** Images with damaged headers and tables: each ends in a {@link DiskException} or a status, in bounded time and memory, and is never damaged further where that can be told. */
class FuzzTest {
    private static final long SEED = Long.getLong("trefoil.disk.seed", 4711);
    private static final int SIZE = 400_384;
    /** More than any of these images could need: nobody asks for what a header claims. */
    private static final long MOST_READ = 400L << 20;

    private static byte[] image(int clusterSize, int version, Random random) throws Exception {
        MemoryFile file = new MemoryFile();
        NewImage.of(SIZE).withClusterSize(clusterSize).withVersion(version).write(file);
        byte[] compressible = new byte[clusterSize];
        Arrays.fill(compressible, (byte) 'x');
        try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 14)) {
            new RandomLoad(random, new byte[SIZE], clusterSize).run(disk, 60);
            for (int i = 0; i < 20; i++) {
                disk.writeCompressed((long) i * clusterSize, compressible);
            }
        }
        return file.content();
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096, 65_536})
    void damagedImagesEndInStatusesAndExceptions(int clusterSize) throws Exception {
        Random random = new Random(SEED + clusterSize);
        int opened = 0;
        int refused = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] bad = i % 100 == 0 ? image(clusterSize, 2 + i / 100 % 2, random) : null;
            good = bad == null ? good : bad;
            MemoryFile file = new MemoryFile(damaged(random, clusterSize));
            boolean sound = Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> use(file, random));
            opened += sound ? 1 : 0;
            refused += sound ? 0 : 1;
            assertThat(file.bytesRead()).isLessThan(MOST_READ);
        }
        assertThat(opened).isGreaterThan(200);
        assertThat(refused).isGreaterThan(200);
    }

    private byte[] good;

    /** The good image with some fields of header or tables replaced by other offsets, small numbers, or anything; sometimes cut off. */
    private byte[] damaged(Random random, int clusterSize) throws IOException {
        byte[] bad = good.clone();
        ByteBuffer at = ByteBuffer.wrap(bad);
        Header header = Header.parse(ByteBuffer.wrap(good), good.length, "good");
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int place =
                    switch (random.nextInt(6)) {
                        case 0 -> random.nextInt(112);
                        case 1 -> (int) header.l1Offset() + 8 * random.nextInt(header.l1Size());
                        case 2 -> (int) header.refcountTableOffset() + 8 * random.nextInt(4);
                        case 3 -> (int) (ByteBuffer.wrap(good).getLong((int) header.refcountTableOffset())) + random.nextInt(clusterSize);
                        case 4 -> l2Place(header, random, clusterSize);
                        default -> random.nextInt(bad.length);
                    };
            if (place + 8 <= bad.length) {
                at.putLong(place, value(random, clusterSize));
            }
        }
        return random.nextInt(10) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad;
    }

    private int l2Place(Header header, Random random, int clusterSize) {
        long entry = ByteBuffer.wrap(good).getLong((int) header.l1Offset() + 8 * random.nextInt(header.l1Size()));
        return (int) (entry & MappingTables.OFFSET) + 8 * random.nextInt(clusterSize / 8);
    }

    private long value(Random random, int clusterSize) {
        long cluster = (long) random.nextInt(good.length / clusterSize + 2) * clusterSize;
        return switch (random.nextInt(7)) {
            case 0 -> cluster;
            case 1 -> cluster | MappingTables.COPIED;
            case 2 -> cluster | MappingTables.COMPRESSED | (long) random.nextInt(64) << 56;
            case 3 -> random.nextInt(10);
            case 4 -> 1L << random.nextInt(64);
            case 5 -> 0;
            default -> random.nextLong();
        };
    }

    /** Whether it could be opened for writing. Everything else that may happen is part of what is promised. */
    private static boolean use(MemoryFile file, Random random) {
        byte[] before = file.content();
        check(file, Check.Repair.NOTHING);
        try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.READ, 1 << 14)) {
            read(disk, random);
        } catch (DiskException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        assertThat(file.content()).isEqualTo(before);
        MemoryFile copy = new MemoryFile(before);
        check(copy, Check.Repair.ALL);
        check(copy, Check.Repair.NOTHING);
        try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 14)) {
            for (int i = 0; i < 15; i++) {
                write(disk, random);
            }
            read(disk, random);
            assertThat(disk.flush()).isIn(IoStatus.OK, IoStatus.IO_ERROR, IoStatus.NO_SPACE);
            return true;
        } catch (DiskException e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
        }
    }

    private static void check(MemoryFile file, Check.Repair repair) {
        try {
            assertThat(Check.run(file, "image", repair).clusters()).isNotNegative();
        } catch (DiskException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static void read(Qcow2Image disk, Random random) {
        try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
            java.lang.foreign.MemorySegment buffer = arena.allocate(70_000);
            for (int i = 0; i < 20 && disk.size() > 70_000; i++) {
                assertThat(disk.read(random.nextLong(Math.min(disk.size(), SIZE) - 70_000), buffer)).isIn(IoStatus.OK, IoStatus.IO_ERROR);
            }
        }
    }

    private static void write(Qcow2Image disk, Random random) {
        int length = 1 + random.nextInt(20_000);
        if (disk.size() < length) {
            return;
        }
        long offset = random.nextLong(Math.min(disk.size(), 2 * SIZE) - length + 1);
        IoStatus status =
                switch (random.nextInt(4)) {
                    case 0 -> disk.discard(offset, length);
                    case 1 -> disk.writeZeroes(offset, length, random.nextBoolean() ? Zeroing.KEEP : Zeroing.RELEASE);
                    default -> RandomLoad.write(disk, offset, new byte[length]);
                };
        assertThat(status).isIn(IoStatus.OK, IoStatus.IO_ERROR, IoStatus.NO_SPACE);
    }
}
