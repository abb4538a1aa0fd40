package trefoil.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import trefoil.disk.Backing;
import trefoil.disk.HostFile.Access;
import trefoil.disk.MemoryFile;
import trefoil.disk.QemuImg;
import trefoil.disk.RandomLoad;
import trefoil.disk.RawImage;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;

/** Random operations on images of all shapes against an array of bytes, then against qemu-img. */
class RandomLoadTest {
    private static final long SEED = Long.getLong("trefoil.disk.seed", 20_26);

    @TempDir
    Path temporary;

    private static NewImage image(int size, int version, int cluster, int bits) {
        return NewImage.of(size & -512).withVersion(version).withClusterSize(cluster).withRefcountBits(bits);
    }

    static Stream<NewImage> shapes() {
        return Stream.of(
                image(300_000, 3, 512, 16), image(1_000_001, 3, 512, 1), image(1_000_000, 3, 1024, 2), image(2_000_000, 3, 2048, 4),
                image(3_000_000, 3, 4096, 8), image(700_001, 2, 512, 16), image(5_000_000, 2, 65_536, 16), image(5_000_000, 3, 65_536, 32),
                image(3_000_000, 3, 4096, 64), image(9_000_000, 3, 2 << 20, 16));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void imagesAgreeWithBytesAndWithQemu(NewImage shape) throws Exception {
        QemuImg.assumePresent();
        MemoryFile file = new MemoryFile();
        shape.write(file);
        Random random = new Random(SEED);
        RandomLoad load = new RandomLoad(random, new byte[(int) shape.size()], Math.min(shape.clusterSize(), 100_000));
        for (int round = 0; round < 4; round++) {
            try (BlockBackend disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 12)) {
                load.run(disk, 250);
                if (round % 2 == 0) {
                    assertThat(disk.flush()).isEqualTo(IoStatus.OK);
                    QemuImg.succeed("check", "-f", "qcow2", file.dump(temporary.resolve("flushed")).toString());
                }
            }
            assertThat(Check.run(file, "image", Check.Repair.NOTHING).problems()).isEmpty();
            QemuImg.agrees(file.dump(temporary.resolve("image")), load.model());
        }
        assertThat(load.operations()).isEqualTo(1000);
    }

    static Stream<NewImage> standing() {
        return Stream.of(
                image(400_000, 3, 512, 16), image(600_000, 2, 4096, 16), image(900_000, 3, 4096, 1), image(2_500_000, 3, 65_536, 16));
    }

    @ParameterizedTest
    @MethodSource("standing")
    void imagesOnBackingFilesOfOtherLengths(NewImage shape) throws Exception {
        QemuImg.assumePresent();
        for (int under : new int[] {(int) shape.size() / 3, (int) shape.size() + 70_000}) {
            Random random = new Random(SEED + under);
            byte[] below = new byte[(under + 511) & -512];
            random.nextBytes(below);
            Files.write(temporary.resolve("base"), below);
            MemoryFile file = new MemoryFile();
            shape.on("base", "raw").write(file);
            RandomLoad load = new RandomLoad(random, Arrays.copyOf(below, (int) shape.size()), Math.min(shape.clusterSize(), 100_000));
            for (int round = 0; round < 2; round++) {
                Backing backing = new Backing("base", "raw", new RawImage(new MemoryFile(below), Access.READ));
                try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.of(backing), Access.WRITE, 1 << 12)) {
                    load.run(disk, 200);
                }
                QemuImg.agrees(file.dump(temporary.resolve("image")), load.model());
            }
            grow(file, below, load);
        }
    }

    private void grow(MemoryFile file, byte[] below, RandomLoad load) throws Exception {
        int larger = load.model().length * 3 + 512 * 25;
        RandomLoad grown = new RandomLoad(new Random(SEED), Arrays.copyOf(load.model(), larger), 5000);
        Backing backing = new Backing("base", "raw", new RawImage(new MemoryFile(below), Access.READ));
        try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.of(backing), Access.WRITE, 1 << 12)) {
            assertThat(disk.grow(larger)).isEqualTo(IoStatus.OK);
            assertThat(disk.size()).isEqualTo(larger);
            assertThat(disk.grow(larger - 1)).isEqualTo(IoStatus.UNSUPPORTED);
            grown.run(disk, 100);
        }
        assertThat(Check.run(file, "image", Check.Repair.NOTHING).problems()).isEmpty();
        QemuImg.agrees(file.dump(temporary.resolve("image")), grown.model());
    }

    /** qemu-img knows sizes in whole sectors only. */
    @Test
    void diskThatEndsWithinASector() throws Exception {
        MemoryFile file = new MemoryFile();
        NewImage.of(100_001).withClusterSize(4096).write(file);
        RandomLoad load = new RandomLoad(new Random(SEED), new byte[100_001], 4096);
        try (BlockBackend disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 12)) {
            load.run(disk, 1000);
        }
        assertThat(Check.run(file, "image", Check.Repair.NOTHING).problems()).isEmpty();
    }

    @Test
    void rawImagesAgreeWithBytes() {
        MemoryFile file = new MemoryFile(new byte[777_777]);
        RandomLoad load = new RandomLoad(new Random(SEED), new byte[777_777], 4096);
        try (BlockBackend disk = new RawImage(file, Access.WRITE)) {
            load.run(disk, 1000);
        }
        assertThat(file.content()).isEqualTo(load.model());
    }
}
