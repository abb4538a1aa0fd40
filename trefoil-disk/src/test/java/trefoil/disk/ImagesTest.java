package trefoil.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.disk.DiskException.Reason;
import trefoil.disk.HostFile.Access;
import trefoil.disk.Images.Format;
import trefoil.disk.Images.Preallocation;
import trefoil.disk.qcow2.NewImage;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;

class ImagesTest {
    @TempDir
    Path temporary;

    private void refused(Reason reason, String words, Path image, BackingRoots roots) {
        assertThatThrownBy(() -> Images.open(image, Format.QCOW2, Access.READ, roots).close()).isInstanceOfSatisfying(DiskException.class, e -> {
            assertThat(e).hasMessageContaining(words);
            assertThat(e.reason()).isEqualTo(reason);
        });
    }

    private Path standing(String name, String backing, String format) throws Exception {
        Path image = temporary.resolve(name);
        Images.createQcow2(image, NewImage.of(1 << 20).on(backing, format), Preallocation.OFF);
        return image;
    }

    @Test
    void backingFilesStayWhereTheyAreAllowed() throws Exception {
        Path allowed = Files.createDirectory(temporary.resolve("allowed"));
        Path secret = Files.write(temporary.resolve("secret"), new byte[512]);
        Files.createSymbolicLink(allowed.resolve("link"), secret);
        Files.createSymbolicLink(allowed.resolve("up"), Path.of(".."));
        Files.write(allowed.resolve("good"), new byte[512]);
        BackingRoots roots = BackingRoots.of(allowed);
        Images.open(standing("a", "allowed/good", "raw"), Format.QCOW2, Access.READ, roots).close();
        Images.open(standing("b", allowed.resolve("good").toString(), "raw"), Format.QCOW2, Access.READ, roots).close();
        refused(Reason.BACKING, "outside of the directories", standing("c", "secret", "raw"), roots);
        refused(Reason.BACKING, "outside of the directories", standing("d", "/etc/passwd", "raw"), roots);
        refused(Reason.BACKING, "outside of the directories", standing("e", "allowed/../secret", "raw"), roots);
        refused(Reason.BACKING, "EXDEV", standing("f", "allowed/link", "raw"), roots);
        refused(Reason.BACKING, "EXDEV", standing("g", "allowed/up/secret", "raw"), roots);
        refused(Reason.BACKING, "ENOENT", standing("h", "allowed/none", "raw"), roots);
        refused(Reason.BACKING, "is no file", standing("i", "nbd://host/disk", "raw"), roots);
        refused(Reason.BACKING, "is no file", standing("j", "json:{}", "raw"), roots);
        refused(Reason.BACKING, "raw or qcow2", standing("k", "allowed/good", "vmdk"), roots);
        refused(Reason.BACKING, "outside of the directories", standing("l", "allowed/good", "raw"), BackingRoots.NONE);
        refused(Reason.NOT_AN_IMAGE, "not a qcow2 image", standing("m", "allowed/good", "qcow2"), roots);
        refused(Reason.NOT_AN_IMAGE, "not a regular file", standing("n", "allowed/.", "raw"), BackingRoots.of(temporary));
    }

    @Test
    void imagesThatStandOnThemselves() throws Exception {
        Path one = standing("one", "two", "qcow2");
        Path two = standing("two", "one", "qcow2");
        Path self = standing("self", "./self", "qcow2");
        BackingRoots roots = BackingRoots.of(temporary);
        refused(Reason.BACKING, "stands on itself", one, roots);
        refused(Reason.BACKING, "stands on itself", two, roots);
        refused(Reason.BACKING, "stands on itself", self, roots);
    }

    @Test
    void oneWriterOrManyReaders() throws Exception {
        Path image = temporary.resolve("image");
        Images.createQcow2(image, NewImage.of(1 << 20), Preallocation.OFF);
        BlockBackend writer = Images.open(image, Format.QCOW2, Access.WRITE, BackingRoots.NONE);
        refused(Reason.IN_USE, "is in use", image, BackingRoots.NONE);
        assertThatThrownBy(() -> Images.open(image, Format.RAW, Access.WRITE, BackingRoots.NONE)).hasMessageContaining("is in use");
        writer.close();
        writer.close();
        try (BlockBackend one = Images.open(image, Format.QCOW2, Access.READ, BackingRoots.NONE);
                BlockBackend two = Images.open(image, Format.QCOW2, Access.READ, BackingRoots.NONE)) {
            assertThat(one.isReadOnly() && two.isReadOnly()).isTrue();
            assertThat(RandomLoad.write(one, 0, new byte[512])).isEqualTo(IoStatus.READ_ONLY);
            assertThat(one.flush()).isEqualTo(IoStatus.OK);
            assertThatThrownBy(() -> Images.open(image, Format.QCOW2, Access.WRITE, BackingRoots.NONE)).hasMessageContaining("is in use");
        }
        assertThatThrownBy(() -> writer.flush()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void rangesOutsideOfTheDisk() throws Exception {
        Path image = temporary.resolve("image");
        Images.createQcow2(image, NewImage.of(1 << 20), Preallocation.OFF);
        Path raw = temporary.resolve("raw");
        Images.createRaw(raw, 1 << 20, Preallocation.OFF);
        for (Path path : new Path[] {image, raw}) {
            try (BlockBackend disk = Images.open(path, path == raw ? Format.RAW : Format.QCOW2, Access.WRITE, BackingRoots.NONE)) {
                assertThat(RandomLoad.write(disk, (1 << 20) - 511, new byte[512])).isEqualTo(IoStatus.OUT_OF_RANGE);
                assertThat(RandomLoad.write(disk, -1, new byte[1])).isEqualTo(IoStatus.OUT_OF_RANGE);
                assertThat(RandomLoad.write(disk, Long.MAX_VALUE, new byte[1])).isEqualTo(IoStatus.OUT_OF_RANGE);
                assertThat(disk.discard(0, Long.MAX_VALUE)).isEqualTo(IoStatus.OUT_OF_RANGE);
                assertThat(disk.discard(5, -1)).isEqualTo(IoStatus.OUT_OF_RANGE);
                assertThat(disk.writeZeroes(1 << 20, 1, BlockBackend.Zeroing.KEEP)).isEqualTo(IoStatus.OUT_OF_RANGE);
                assertThat(disk.writeZeroes(0, 1 << 20, BlockBackend.Zeroing.RELEASE)).isEqualTo(IoStatus.OK);
                assertThat(RandomLoad.read(disk, 1 << 20, 0)).isEmpty();
            }
        }
    }

    /** A header that claims the most: no memory is taken for it. */
    @Test
    void hugeClaims() throws Exception {
        Path image = temporary.resolve("image");
        Images.createQcow2(image, NewImage.of(1 << 20), Preallocation.OFF);
        byte[] good = Files.readAllBytes(image);
        claim(image, good, 24, 1L << 60, Reason.UNSUPPORTED, "L1 table");
        claim(image, good, 24, -1, Reason.DAMAGED, "bytes");
        claim(image, good, 36, 0x7FFF_FFFF_0000_0000L, Reason.DAMAGED, "L1 table");
        claim(image, good, 40, 1L << 55, Reason.DAMAGED, "L1 table");
        claim(image, good, 48, 1L << 55, Reason.DAMAGED, "refcount table");
        claim(image, good, 56, 0x7FFF_FFFF_0000_0000L, Reason.DAMAGED, "refcount table");
        claim(image, good, 56, 0x0000_0001_7FFF_FFFFL, Reason.DAMAGED, "snapshots");
        claim(image, good, 96, 0x0000_0007_0000_0070L, Reason.DAMAGED, "reference counts");
        claim(image, good, 72, 1L << 63, Reason.UNSUPPORTED, "incompatible feature bit 63");
        claim(image, good, 4, 0x0000_0004_0000_0000L, Reason.UNSUPPORTED, "version 4");
        Files.write(image, Arrays.copyOf(good, 60));
        refused(Reason.NOT_AN_IMAGE, "not a qcow2 image", image, BackingRoots.NONE);
        Files.write(image, Arrays.copyOf(good, 1000));
        refused(Reason.DAMAGED, "outside of the file", image, BackingRoots.NONE);
    }

    private void claim(Path image, byte[] good, int at, long value, Reason reason, String words) throws Exception {
        byte[] bad = good.clone();
        ByteBuffer.wrap(bad).putLong(at, value);
        Files.write(image, bad);
        refused(reason, words, image, BackingRoots.NONE);
    }

    /** Threads each with a part of the disk of their own, and one that reads all of it, while tables change. */
    @Test
    void requestsOfSeveralThreadsDoNotDisturbEachOther() throws Exception {
        Path image = temporary.resolve("image");
        int part = 400 * 512;
        Images.createQcow2(image, NewImage.of(4L * part).withClusterSize(2048), Preallocation.OFF);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        RandomLoad[] loads = new RandomLoad[4];
        try (BlockBackend disk = Images.open(image, Format.QCOW2, Access.WRITE, BackingRoots.NONE)) {
            Thread[] threads = new Thread[4];
            for (int i = 0; i < 4; i++) {
                loads[i] = new RandomLoad(new java.util.Random(i), new byte[part], 4096);
                RandomLoad load = loads[i];
                BlockBackend window = new Window(disk, (long) i * part, part);
                threads[i] = Thread.ofPlatform().uncaughtExceptionHandler((t, e) -> failure.set(e)).start(() -> load.run(window, 1500));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(failure.get()).isNull();
        try (BlockBackend disk = Images.open(image, Format.QCOW2, Access.READ, BackingRoots.NONE)) {
            for (int i = 0; i < 4; i++) {
                assertThat(RandomLoad.read(disk, (long) i * part, part)).isEqualTo(loads[i].model());
            }
        }
        assertThat(Images.check(image, trefoil.disk.qcow2.Check.Repair.NOTHING).problems()).isEmpty();
    }

    /** Part of a disk. */
    private record Window(BlockBackend disk, long start, long size) implements BlockBackend {
        @Override
        public int blockSize() {
            return disk.blockSize();
        }

        @Override
        public boolean isReadOnly() {
            return disk.isReadOnly();
        }

        @Override
        public IoStatus read(long offset, java.util.List<java.lang.foreign.MemorySegment> into) {
            return disk.read(start + offset, into);
        }

        @Override
        public IoStatus write(long offset, java.util.List<java.lang.foreign.MemorySegment> from) {
            return disk.write(start + offset, from);
        }

        @Override
        public IoStatus flush() {
            return disk.flush();
        }

        @Override
        public IoStatus discard(long offset, long length) {
            return disk.discard(start + offset, length);
        }

        @Override
        public IoStatus writeZeroes(long offset, long length, Zeroing zeroing) {
            return disk.writeZeroes(start + offset, length, zeroing);
        }

        @Override
        public void close() {}
    }
}
