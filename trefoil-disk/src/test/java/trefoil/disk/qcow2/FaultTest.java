package trefoil.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.disk.HostFile.Access;
import trefoil.disk.MemoryFile;
import trefoil.disk.MemoryFile.Event;
import trefoil.disk.RandomLoad;
import trefoil.disk.RawImage;
import trefoil.linux.Errno;
import trefoil.machine.IoStatus;

/** The host's disk fills up or fails under an image. */
class FaultTest {
    private static final int SIZE = 300 * 512;

    private static MemoryFile image() throws Exception {
        MemoryFile file = new MemoryFile();
        NewImage.of(SIZE).withClusterSize(1024).write(file);
        return file;
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Each write of a run fails once, and later ones succeed again: what was flushed is there, and the image is sound. */
    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOSPC, Errno.EIO})
    void noFlushedDataIsLostWhereverAWriteFails(int errno) throws Exception {
        int failed = 0;
        for (int nth = 0; nth < 120; nth++) {
            MemoryFile file = image();
            byte[] flushed = random(nth, SIZE / 2);
            int chosen = nth;
            AtomicInteger writes = new AtomicInteger();
            try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 12)) {
                assertThat(RandomLoad.write(disk, 0, flushed)).isEqualTo(IoStatus.OK);
                assertThat(disk.flush()).isEqualTo(IoStatus.OK);
                file.fail(errno, event -> event instanceof Event.Write && writes.getAndIncrement() == chosen);
                Random random = new Random(nth);
                for (int i = 0; i < 40; i++) {
                    int offset = SIZE / 2 + random.nextInt(SIZE / 2 - 5000);
                    IoStatus status = i % 7 == 6 ? disk.flush() : RandomLoad.write(disk, offset, random(i, 1 + random.nextInt(5000)));
                    failed += status == IoStatus.OK ? 0 : 1;
                    assertThat(status).isIn(IoStatus.OK, errno == Errno.ENOSPC ? IoStatus.NO_SPACE : IoStatus.IO_ERROR);
                }
                file.fail(0, event -> false);
                assertThat(disk.flush()).isEqualTo(IoStatus.OK);
                assertThat(disk.isCorrupt()).isFalse();
                assertThat(RandomLoad.read(disk, 0, flushed.length)).isEqualTo(flushed);
            }
            CheckReport report = Check.run(file, "image", Check.Repair.NOTHING);
            assertThat(report.corruptions()).as("write %d: %s", nth, report.problems()).isZero();
            try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.READ, 1 << 12)) {
                assertThat(RandomLoad.read(disk, 0, flushed.length)).isEqualTo(flushed);
            }
        }
        assertThat(failed).as("operations that failed").isGreaterThan(50);
    }

    @Test
    void afterAFailedSyncNothingIsWrittenAnyMore() throws Exception {
        MemoryFile file = image();
        MemoryFile raw = new MemoryFile(new byte[SIZE]);
        byte[] flushed = random(1, 2048);
        Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 12);
        RawImage rawDisk = new RawImage(raw, Access.WRITE);
        RandomLoad.write(disk, 0, flushed);
        assertThat(disk.flush()).isEqualTo(IoStatus.OK);
        file.fail(Errno.EIO, event -> event instanceof Event.Sync);
        raw.fail(Errno.EIO, event -> event instanceof Event.Sync);
        RandomLoad.write(disk, 4096, flushed);
        assertThat(disk.flush()).isEqualTo(IoStatus.IO_ERROR);
        assertThat(rawDisk.flush()).isEqualTo(IoStatus.IO_ERROR);
        file.fail(0, event -> false);
        raw.fail(0, event -> false);
        byte[] before = file.content();
        assertThat(disk.flush()).isEqualTo(IoStatus.IO_ERROR);
        assertThat(RandomLoad.write(disk, 0, new byte[512])).isEqualTo(IoStatus.IO_ERROR);
        assertThat(rawDisk.flush()).isEqualTo(IoStatus.IO_ERROR);
        assertThat(RandomLoad.write(rawDisk, 0, new byte[512])).isEqualTo(IoStatus.IO_ERROR);
        assertThat(RandomLoad.read(disk, 0, 2048)).isEqualTo(flushed);
        disk.close();
        rawDisk.close();
        assertThat(file.content()).isEqualTo(before);
    }

    /** An L2 entry that points at the L1 table: a write there would destroy the image. */
    @Test
    void dataThatWouldLieInATableMarksTheImageAsCorrupt() throws Exception {
        MemoryFile file = image();
        try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 12)) {
            RandomLoad.write(disk, 0, random(1, 4096));
        }
        Header header = Qcow2Image.readHeader(file, "image");
        long l2 = Tables.readLongs(file, header.l1Offset(), 1)[0] & MappingTables.OFFSET;
        Tables.writeLongs(file, l2, new long[] {header.l1Offset() | MappingTables.COPIED}, 0, 1);
        byte[] before = file.content();
        try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 12)) {
            assertThat(RandomLoad.write(disk, 1024, new byte[512])).isEqualTo(IoStatus.OK);
            assertThat(RandomLoad.write(disk, 0, new byte[512])).isEqualTo(IoStatus.IO_ERROR);
            assertThat(disk.isCorrupt()).isTrue();
            assertThat(RandomLoad.write(disk, 1024, new byte[512])).isEqualTo(IoStatus.IO_ERROR);
            assertThat(disk.flush()).isEqualTo(IoStatus.IO_ERROR);
        }
        assertThat(Qcow2Image.readHeader(file, "image").isCorrupt()).isTrue();
        int l1 = (int) header.l1Offset();
        assertThat(Arrays.copyOfRange(file.content(), l1, l1 + 1024)).isEqualTo(Arrays.copyOfRange(before, l1, l1 + 1024));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 12))
                .hasMessageContaining("marked as corrupt");
    }

    @Test
    void dirtyImageIsCountedAnewBeforeItIsWritten() throws Exception {
        MemoryFile file = image();
        try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 12)) {
            RandomLoad.write(disk, 0, random(1, 50_000));
        }
        Header header = Qcow2Image.readHeader(file, "image");
        long block = Tables.readLongs(file, header.refcountTableOffset(), 1)[0];
        Tables.writeBytes(file, block + 2 * 8, new byte[40]);
        assertThat(Check.run(file, "image", Check.Repair.NOTHING).corruptions()).isEqualTo(20);
        Tables.writeLongs(file, Header.AT_INCOMPATIBLE, new long[] {Header.DIRTY}, 0, 1);
        try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 12)) {
            assertThat(RandomLoad.write(disk, 60_000, random(2, 50_000))).isEqualTo(IoStatus.OK);
            assertThat(RandomLoad.read(disk, 0, 50_000)).isEqualTo(random(1, 50_000));
        }
        assertThat(Check.run(file, "image", Check.Repair.NOTHING).isClean()).isTrue();
        assertThat(Qcow2Image.readHeader(file, "image").isDirty()).isFalse();
    }
}
