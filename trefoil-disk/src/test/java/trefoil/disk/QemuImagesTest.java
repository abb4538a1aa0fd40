package trefoil.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import trefoil.disk.DiskException.Reason;
import trefoil.disk.HostFile.Access;
import trefoil.disk.Images.Format;
import trefoil.disk.Images.Packing;
import trefoil.disk.Images.Preallocation;
import trefoil.disk.qcow2.Check;
import trefoil.disk.qcow2.Compression;
import trefoil.disk.qcow2.ImageFacts;
import trefoil.disk.qcow2.NewImage;
import trefoil.disk.qcow2.Snapshot;
import trefoil.machine.BlockBackend;

/** Images that qemu-img makes are read and written here, and the other way round. */
class QemuImagesTest {
    private static final int SIZE = 1_500_160;

    @TempDir
    Path temporary;

    private Path image;
    private BackingRoots roots;

    @BeforeEach
    void prepare() {
        QemuImg.assumePresent();
        image = temporary.resolve("image.qcow2");
        roots = BackingRoots.of(temporary);
    }

    /** Runs of random bytes, of text, and of zeroes. */
    private static byte[] content(long seed, int size) {
        Random random = new Random(seed);
        byte[] bytes = new byte[size];
        for (int at = 0; at < size; ) {
            int n = Math.min(size - at, 1 + random.nextInt(90_000));
            byte[] run = new byte[n];
            switch (random.nextInt(3)) {
                case 0 -> random.nextBytes(run);
                case 1 -> {}
                default -> {
                    for (int i = 0; i < n; i++) {
                        run[i] = (byte) ("trefoil ".charAt(i & 7));
                    }
                }
            }
            System.arraycopy(run, 0, bytes, at, n);
            at += n;
        }
        return bytes;
    }

    private byte[] all(Path path, Format format) throws Exception {
        try (BlockBackend disk = Images.open(path, format, Access.READ, roots)) {
            return RandomLoad.read(disk, 0, (int) disk.size());
        }
    }

    static Stream<String> options() {
        Stream.Builder<String> all = Stream.builder();
        for (int cluster : new int[] {512, 1024, 4096, 65_536, 1 << 21}) {
            all.add("compat=0.10,cluster_size=" + cluster);
            for (int bits : new int[] {1, 2, 4, 8, 16, 32, 64}) {
                if (cluster == 4096 || bits == 1 || bits == 64) {
                    all.add("compat=1.1,cluster_size=" + cluster + ",refcount_bits=" + bits + ",lazy_refcounts=" + (bits == 8 ? "on" : "off"));
                }
            }
            all.add("compat=1.1,compression_type=zstd,cluster_size=" + cluster);
        }
        return all.build();
    }

    @ParameterizedTest
    @MethodSource("options")
    void whatQemuWritesIsReadPlainAndCompressedAndWrittenOn(String options) throws Exception {
        byte[] content = content(options.hashCode(), SIZE);
        Path raw = Files.write(temporary.resolve("raw"), content);
        for (String compress : List.of("", "-c")) {
            Files.deleteIfExists(image);
            if (compress.isEmpty()) {
                QemuImg.succeed("convert", "-f", "raw", "-O", "qcow2", "-o", options, raw.toString(), image.toString());
            } else {
                QemuImg.succeed("convert", compress, "-f", "raw", "-O", "qcow2", "-o", options, raw.toString(), image.toString());
            }
            assertThat(Images.check(image, Check.Repair.NOTHING).problems()).isEmpty();
            assertThat(all(image, Format.QCOW2)).isEqualTo(content);
            RandomLoad load = new RandomLoad(new Random(1), content.clone(), 8192);
            try (BlockBackend disk = Images.open(image, Format.QCOW2, Access.WRITE, roots)) {
                load.run(disk, 120);
            }
            assertThat(Images.check(image, Check.Repair.NOTHING).problems()).isEmpty();
            QemuImg.agrees(image, load.model());
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void preallocatedImagesReadAsZeroes(String options) throws Exception {
        for (String mode : List.of("metadata", "falloc", "full")) {
            Files.deleteIfExists(image);
            QemuImg.succeed("create", "-f", "qcow2", "-o", options + ",preallocation=" + mode, image.toString(), "700000");
            int size = (700_000 + 511) & -512;
            RandomLoad load = new RandomLoad(new Random(2), new byte[size], 4096);
            try (BlockBackend disk = Images.open(image, Format.QCOW2, Access.WRITE, roots)) {
                assertThat(disk.size()).isEqualTo(size);
                load.run(disk, 30);
            }
            QemuImg.agrees(image, load.model());
        }
    }

    @Test
    void chainsOfBackingFiles() throws Exception {
        byte[] base = content(3, SIZE);
        Files.createDirectory(temporary.resolve("deep"));
        Files.write(temporary.resolve("deep/base.raw"), base);
        QemuImg.succeed("create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", temporary.resolve("deep/middle.qcow2").toString());
        QemuImg.succeed("create", "-f", "qcow2", "-b", "deep/middle.qcow2", "-F", "qcow2", image.toString());
        assertThat(all(image, Format.QCOW2)).isEqualTo(base);
        RandomLoad load = new RandomLoad(new Random(4), base, 65_536);
        try (BlockBackend disk = Images.open(image, Format.QCOW2, Access.WRITE, roots)) {
            load.run(disk, 150);
            assertThatThrownBy(() -> Images.open(temporary.resolve("deep/middle.qcow2"), Format.QCOW2, Access.WRITE, roots))
                    .isInstanceOfSatisfying(DiskException.class, e -> assertThat(e.reason()).isEqualTo(Reason.IN_USE));
        }
        QemuImg.agrees(image, load.model());
    }

    @Test
    void snapshotsWithinTheImageAreListedAndKept() throws Exception {
        byte[] before = content(5, SIZE);
        Path raw = Files.write(temporary.resolve("raw"), before);
        QemuImg.succeed("convert", "-f", "raw", "-O", "qcow2", "-o", "cluster_size=4096", raw.toString(), image.toString());
        QemuImg.succeed("snapshot", "-c", "first", image.toString());
        RandomLoad load = new RandomLoad(new Random(6), before.clone(), 4096);
        for (int round = 0; round < 2; round++) {
            try (BlockBackend disk = Images.open(image, Format.QCOW2, Access.WRITE, roots)) {
                load.run(disk, 200);
            }
            assertThat(Images.check(image, Check.Repair.NOTHING).problems()).isEmpty();
            QemuImg.agrees(image, load.model());
            if (round == 0) {
                QemuImg.succeed("snapshot", "-c", "second", image.toString());
            }
        }
        assertThat(Images.info(image).snapshots()).extracting(Snapshot::name).containsExactly("first", "second");
        assertThat(Images.info(image).snapshots()).extracting(Snapshot::diskSize).containsOnly((long) SIZE);
        QemuImg.succeed("snapshot", "-a", "first", image.toString());
        QemuImg.agrees(image, before);
        assertThat(all(image, Format.QCOW2)).isEqualTo(before);
    }

    /** Writes the header's crypt_method, 2 for LUKS. (qemu-img measures this host's speed before it makes such an image, and now and then gives up.) */
    private void claimEncryption() throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(4).putInt(2).flip(), 32);
        }
    }

    @Test
    void whatTrefoilDoesNotHaveIsRefusedByName() throws Exception {
        QemuImg.succeed("create", "-f", "qcow2", "-o", "extended_l2=on", image.toString(), "1M");
        refused(Reason.UNSUPPORTED, "extended L2 entries");
        Files.delete(image);
        QemuImg.succeed("create", "-f", "qcow2", "-o", "data_file=" + temporary.resolve("data"), image.toString(), "1M");
        refused(Reason.UNSUPPORTED, "external data file");
        Files.delete(image);
        QemuImg.succeed("create", "-f", "qcow2", image.toString(), "1M");
        claimEncryption();
        refused(Reason.UNSUPPORTED, "encrypted");
        Files.delete(image);
        QemuImg.succeed("create", "-f", "qcow2", image.toString(), "1M");
        QemuImg.succeed("bitmap", "--add", image.toString(), "b");
        refused(Reason.UNSUPPORTED, "dirty bitmaps");
        assertThat(all(image, Format.QCOW2)).containsOnly(0);
    }

    private void refused(Reason reason, String words) {
        assertThatThrownBy(() -> Images.open(image, Format.QCOW2, Access.WRITE, roots)).isInstanceOfSatisfying(DiskException.class, e -> {
            assertThat(e.reason()).isEqualTo(reason);
            assertThat(e).hasMessageContaining(words);
        });
    }

    @Test
    void convertedImagesAgree() throws Exception {
        byte[] content = content(7, SIZE);
        Path raw = Files.write(temporary.resolve("raw"), content);
        for (Packing packing : Packing.values()) {
            for (Compression compression : Compression.values()) {
                for (int bits : new int[] {1, 16, 64}) {
                    Files.deleteIfExists(image);
                    NewImage shape = NewImage.of(SIZE).withClusterSize(bits == 1 ? 1024 : 65_536).withRefcountBits(bits).withCompression(compression);
                    try (BlockBackend disk = Images.open(raw, Format.RAW, Access.READ, roots)) {
                        Images.convert(disk, image, shape, packing);
                    }
                    QemuImg.agrees(image, content);
                    assertThat(Images.check(image, Check.Repair.NOTHING).problems()).isEmpty();
                    assertThat(Files.size(image)).isLessThan(packing == Packing.COMPRESSED && bits > 1 ? SIZE * 2L / 3 : SIZE + 70_000L);
                    Path back = temporary.resolve("back");
                    Files.deleteIfExists(back);
                    try (BlockBackend disk = Images.open(image, Format.QCOW2, Access.READ, roots)) {
                        Images.convertToRaw(disk, back);
                    }
                    assertThat(Files.readAllBytes(back)).isEqualTo(content);
                }
            }
        }
    }

    @Test
    void createdImagesAreWhatWasAskedFor() throws Exception {
        for (Preallocation preallocation : Preallocation.values()) {
            Files.deleteIfExists(image);
            Images.createQcow2(image, NewImage.of(10 << 20).withClusterSize(4096).withRefcountBits(8), preallocation);
            QemuImg.agrees(image, new byte[10 << 20]);
            assertThat(Images.check(image, Check.Repair.NOTHING).clusters()).isEqualTo(preallocation == Preallocation.OFF ? 4 : 4 + 5 + 2560);
        }
        ImageFacts facts = Images.info(image);
        assertThat(facts.size()).isEqualTo(10 << 20);
        assertThat(facts.clusterSize()).isEqualTo(4096);
        assertThat(facts.refcountBits()).isEqualTo(8);
        assertThatThrownBy(() -> Images.createQcow2(image, NewImage.of(1), Preallocation.OFF)).hasMessageContaining("EEXIST");
        assertThat(Files.size(image)).isGreaterThan(10 << 20);
        Path none = temporary.resolve("none");
        assertThatThrownBy(() -> Images.createQcow2(none, NewImage.of(1).withClusterSize(1000), Preallocation.OFF)).hasMessageContaining("clusters of 1000");
        assertThat(none).doesNotExist();
        Path big = temporary.resolve("big");
        Images.createQcow2(big, NewImage.of(1L << 44), Preallocation.OFF);
        QemuImg.succeed("check", big.toString());
        assertThat(Files.size(big)).isLessThan(1 << 22);
        Path raw = temporary.resolve("created.raw");
        Images.createRaw(raw, 1 << 20, Preallocation.FULL);
        assertThat(Files.size(raw)).isEqualTo(1 << 20);
    }
}
