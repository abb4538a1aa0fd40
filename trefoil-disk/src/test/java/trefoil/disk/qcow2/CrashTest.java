package trefoil.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.disk.Backing;
import trefoil.disk.HostFile.Access;
import trefoil.disk.MemoryFile;
import trefoil.disk.MemoryFile.Event;
import trefoil.disk.QemuImg;
import trefoil.disk.RandomLoad;
import trefoil.disk.RawImage;
import trefoil.machine.BlockBackend.Zeroing;
import trefoil.machine.IoStatus;

/**
 * The host's power fails between any two writes, and of those since the last sync any may be on the disk, whole, in part by sectors, or not at all. The image must then have no fault but leaks, and hold
 * in each block what was there at the last flush or was written since.
 */
class CrashTest {
    private static final long SEED = Long.getLong("trefoil.disk.seed", 77);
    private static final int BLOCK = 512;

    @TempDir
    Path temporary;

    /** What a flush promises: contents of each block since then, from this place in the log on. */
    private record Promise(int at, List<List<byte[]>> allowed) {}

    private final List<Promise> promises = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({"3,512,16,false", "3,512,64,true", "3,4096,1,true", "2,1024,16,false", "2,512,16,true", "3,65536,16,true"})
    void everyPrefixAndOrderIsSound(int version, int clusterSize, int refcountBits, boolean standing) throws Exception {
        QemuImg.assumePresent();
        Random random = new Random(SEED + clusterSize + version);
        int size = clusterSize == 65_536 ? 2_000_384 : 120 * clusterSize / 2 / BLOCK * BLOCK;
        byte[] below = new byte[standing ? size / 2 / BLOCK * BLOCK : 0];
        random.nextBytes(below);
        NewImage shape = NewImage.of(size).withVersion(version).withClusterSize(clusterSize).withRefcountBits(refcountBits);
        MemoryFile file = new MemoryFile();
        (standing ? shape.on("base", "raw") : shape).write(file);
        byte[] start = file.content();
        file.record();
        load(file, below, random, Arrays.copyOf(below, size), clusterSize);
        List<Event> log = file.log();
        assertThat(log).hasSizeGreaterThan(100);
        java.nio.file.Files.write(temporary.resolve("base"), below);
        int images = 0;
        for (int crash = 0; crash <= log.size(); crash++) {
            for (int variant = 0; variant < 3; variant++) {
                byte[] image = survived(start, log, crash, variant, random);
                examine(image, below, promise(crash), "crash at " + crash + " of " + log.size() + ", variant " + variant);
                if (images++ % 97 == 0) {
                    QemuImg.Result result = QemuImg.run("check", "-f", "qcow2", new MemoryFile(image).dump(temporary.resolve("image")).toString());
                    assertThat(result.status()).as(result.output()).isIn(0, 3);
                }
            }
        }
    }

    private Optional<Backing> backing(byte[] below) {
        return below.length == 0 ? Optional.empty() : Optional.of(new Backing("base", "raw", new RawImage(new MemoryFile(below), Access.READ)));
    }

    /** Operations of whole blocks, each noted in what later crashes may show. */
    private void load(MemoryFile file, byte[] below, Random random, byte[] content, int clusterSize) throws Exception {
        try (Qcow2Image disk = Qcow2Image.open(file, "image", backing(below), Access.WRITE, 1 << 11)) {
            promise(0, content);
            for (int i = 0; i < 160; i++) {
                int offset = random.nextInt(content.length / BLOCK) * BLOCK;
                int length = Math.min(content.length - offset, BLOCK * (1 + random.nextInt(random.nextBoolean() ? 3 : 3 * clusterSize / BLOCK)));
                byte[] bytes = new byte[length];
                switch (random.nextInt(6)) {
                    case 0 -> {
                        assertThat(disk.flush()).isEqualTo(IoStatus.OK);
                        promise(file.log().size(), content);
                        continue;
                    }
                    case 1 -> assertThat(disk.writeZeroes(offset, length, random.nextBoolean() ? Zeroing.KEEP : Zeroing.RELEASE)).isEqualTo(IoStatus.OK);
                    case 2 -> {
                        allow(offset, new byte[length]);
                        assertThat(disk.discard(offset, length)).isEqualTo(IoStatus.OK);
                        bytes = RandomLoad.read(disk, offset, length);
                    }
                    default -> {
                        random.nextBytes(bytes);
                        allow(offset, bytes);
                        assertThat(RandomLoad.write(disk, offset, bytes)).isEqualTo(IoStatus.OK);
                    }
                }
                allow(offset, bytes);
                System.arraycopy(bytes, 0, content, offset, length);
            }
        }
        promise(file.log().size(), content);
    }

    private void promise(int at, byte[] content) {
        List<List<byte[]>> blocks = new ArrayList<>();
        for (int i = 0; i < content.length; i += BLOCK) {
            blocks.add(new ArrayList<>(List.of(Arrays.copyOfRange(content, i, i + BLOCK))));
        }
        promises.add(new Promise(at, blocks));
    }

    private void allow(int offset, byte[] bytes) {
        for (Promise promise : promises) {
            for (int i = 0; i < bytes.length; i += BLOCK) {
                promise.allowed.get((offset + i) / BLOCK).add(Arrays.copyOfRange(bytes, i, i + BLOCK));
            }
        }
    }

    private Promise promise(int crash) {
        return promises.stream().filter(promise -> promise.at <= crash).reduce((a, b) -> b).orElseThrow();
    }

    /** The file after a crash: variant 0 has all writes of the prefix, 1 and 2 a random part of those since the last sync, sector by sector. */
    private static byte[] survived(byte[] start, List<Event> log, int crash, int variant, Random random) throws Exception {
        int sync = crash;
        while (sync > 0 && !(log.get(sync - 1) instanceof Event.Sync)) {
            sync--;
        }
        MemoryFile file = new MemoryFile(start);
        for (int i = 0; i < crash; i++) {
            boolean certain = i < sync || variant == 0;
            switch (log.get(i)) {
                case Event.Sync() -> {}
                case Event.Truncate(long length) -> {
                    if (certain || random.nextBoolean()) {
                        file.truncate(Math.max(length, file.length()));
                    }
                }
                case Event.Write(long offset, byte[] bytes) -> {
                    if (certain) {
                        put(file, offset, bytes);
                    } else if (random.nextInt(3) > 0) {
                        tear(file, offset, bytes, random);
                    }
                }
            }
        }
        return file.content();
    }

    private static void put(MemoryFile file, long offset, byte[] bytes) throws Exception {
        if (bytes.length > 0) {
            Tables.writeBytes(file, offset, bytes);
        }
    }

    private static void tear(MemoryFile file, long offset, byte[] bytes, Random random) throws Exception {
        boolean whole = random.nextBoolean();
        for (int at = 0; at < bytes.length; ) {
            int n = (int) Math.min(bytes.length - at, BLOCK - (offset + at) % BLOCK);
            if (whole || random.nextBoolean()) {
                put(file, offset + at, Arrays.copyOfRange(bytes, at, at + n));
            }
            at += n;
        }
    }

    private void examine(byte[] image, byte[] below, Promise promise, String where) throws Exception {
        MemoryFile file = new MemoryFile(image);
        CheckReport report = Check.run(file, "image", Check.Repair.NOTHING);
        assertThat(report.corruptions()).as("%s: %s", where, report.problems()).isZero();
        try (Qcow2Image disk = Qcow2Image.open(file, "image", backing(below), Access.READ, 1 << 12)) {
            byte[] now = RandomLoad.read(disk, 0, (int) disk.size());
            for (int i = 0; i < now.length; i += BLOCK) {
                byte[] block = Arrays.copyOfRange(now, i, i + BLOCK);
                assertThat(promise.allowed.get(i / BLOCK).stream().anyMatch(allowed -> Arrays.equals(allowed, block)))
                        .as("%s: block at %d holds what was never there since the last flush", where, i)
                        .isTrue();
            }
        }
    }

    @Test
    void growingRefcountTableIsSoundAtEveryWrite() throws Exception {
        NewImage shape = NewImage.of(20 << 20).withClusterSize(512).withRefcountBits(64);
        MemoryFile file = new MemoryFile();
        shape.write(file);
        byte[] start = file.content();
        file.record();
        try (Qcow2Image disk = Qcow2Image.open(file, "image", Optional.empty(), Access.WRITE, 1 << 14)) {
            byte[] full = new byte[3 << 20];
            new Random(SEED).nextBytes(full);
            assertThat(RandomLoad.write(disk, 0, full)).isEqualTo(IoStatus.OK);
        }
        List<Event> log = file.log();
        Random random = new Random(SEED);
        int step = Math.max(1, log.size() / 400);
        for (int crash = 0; crash <= log.size(); crash += step) {
            byte[] image = survived(start, log, crash, crash % 3, random);
            CheckReport report = Check.run(new MemoryFile(image), "image", Check.Repair.NOTHING);
            assertThat(report.corruptions()).as("crash at %d: %s", crash, report.problems()).isZero();
            MemoryFile mended = new MemoryFile(image);
            Check.run(mended, "image", Check.Repair.LEAKS);
            assertThat(Check.run(mended, "image", Check.Repair.NOTHING).isClean()).isTrue();
        }
    }

    @Test
    void growingADiskIsSoundAtEveryWrite() throws Exception {
        byte[] content = new byte[1 << 20];
        new Random(SEED).nextBytes(content);
        byte[] below = new byte[3 << 19];
        Arrays.fill(below, (byte) 5);
        MemoryFile file = new MemoryFile();
        NewImage.of(content.length).withClusterSize(512).on("base", "raw").write(file);
        byte[][] start = new byte[1][];
        try (Qcow2Image disk = Qcow2Image.open(file, "image", backing(below), Access.WRITE, 1 << 14)) {
            assertThat(RandomLoad.write(disk, 0, content)).isEqualTo(IoStatus.OK);
            assertThat(disk.flush()).isEqualTo(IoStatus.OK);
            start[0] = file.content();
            file.record();
            assertThat(disk.grow(8 << 20)).isEqualTo(IoStatus.OK);
        }
        List<Event> log = file.log();
        Random random = new Random(SEED);
        for (int crash = 0; crash <= log.size(); crash++) {
            MemoryFile image = new MemoryFile(survived(start[0], log, crash, crash % 3, random));
            CheckReport report = Check.run(image, "image", Check.Repair.NOTHING);
            assertThat(report.corruptions()).as("crash at %d: %s", crash, report.problems()).isZero();
            try (Qcow2Image disk = Qcow2Image.open(image, "image", backing(below), Access.READ, 1 << 14)) {
                assertThat(disk.size()).isIn((long) content.length, 8L << 20);
                byte[] now = RandomLoad.read(disk, 0, (int) disk.size());
                assertThat(now).as("crash at %d", crash).isEqualTo(Arrays.copyOf(content, now.length));
            }
        }
    }
}
