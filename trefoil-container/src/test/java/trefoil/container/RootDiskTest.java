package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.Assumptions;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Contents;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.FileSystems;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;
import trefoil.linux.loop.LoopDevice;

@Timeout(60)
class RootDiskTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path temporary;

    private Path directory;

    @BeforeEach
    void needRoot() {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/loop-control")), "needs root for loop devices");
        directory = temporary.resolve("server");
    }

    @AfterEach
    void nothingStaysAttached() throws Exception {
        RootDisk.delete(directory);
        assertThat(directory).doesNotExist();
    }

    private Optional<LoopDevice> attached() throws IOException {
        try (FileDescriptor image = Open.open(directory.resolve("root.img").toString(), Open.O_RDONLY, 0)) {
            return LoopDevice.find(image);
        }
    }

    private static FileDescriptor create(FileDescriptor holder, String path) throws IOException {
        return Open.openat2(holder, path, Open.O_RDWR | Open.O_CREAT, 0644, Open.RESOLVE_BENEATH);
    }

    private static long fill(FileDescriptor file) throws IOException {
        byte[] chunk = new byte[256 * 1024];
        java.util.Arrays.fill(chunk, (byte) 7);
        long written = 0;
        while (true) {
            try {
                written += Contents.write(file, chunk, 0, chunk.length);
            } catch (ErrnoException e) {
                assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
                return written;
            }
        }
    }

    @Test
    void withoutALimitItIsADirectory() throws Exception {
        RootDisk.create(directory, null);
        try (FileDescriptor holder = RootDisk.open(directory, null)) {
            FileStatus upper = Inodes.statx(holder, "upper", 0);
            assertThat(upper.isDirectory()).isTrue();
            assertThat(upper.permissions()).isEqualTo(0755);
            assertThat(upper.uid()).isZero();
            assertThat(Inodes.statx(holder, "work", 0).isDirectory()).isTrue();
        }
        assertThat(RootDisk.limit(directory)).isNull();
        Files.write(directory.resolve("upper/file"), new byte[300_000]);
        assertThat(RootDisk.used(directory)).isBetween(300_000L, 400_000L);
        assertThatThrownBy(() -> RootDisk.resize(directory, 64 * MIB))
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("no limit");
    }

    @Test
    void aFullDiskSaysSoAndTheHostIsUnharmed() throws Exception {
        RootDisk.create(directory, 32 * MIB);
        assertThat(RootDisk.limit(directory)).isEqualTo(32 * MIB);
        try (FileDescriptor holder = RootDisk.open(directory)) {
            assertThat(Inodes.statx(holder, "upper", 0).permissions()).isEqualTo(0755);
            long before = RootDisk.used(directory);
            assertThat(before).isLessThan(MIB);
            try (FileDescriptor file = create(holder, "upper/filler")) {
                long written = fill(file);
                assertThat(written).isBetween(20 * MIB, 32 * MIB);
                Contents.syncfs(file);
                assertThat(RootDisk.used(directory)).isBetween(written, 32 * MIB);
            }
            long occupied = 512 * Inodes.statx(holder, "upper/filler", 0).blocks();
            assertThat(occupied).isLessThan(32 * MIB);
        }
        long image = (long) Files.getAttribute(directory.resolve("root.img"), "size");
        assertThat(image).isEqualTo(32 * MIB);
        assertThat(FileTree.occupied(directory)).isLessThan(33 * MIB);
    }

    @Test
    void theSameFileSystemIsFoundAgainWhileItIsMounted() throws Exception {
        RootDisk.create(directory, 32 * MIB);
        try (FileDescriptor first = RootDisk.open(directory)) {
            create(first, "upper/seen").close();
            try (FileDescriptor second = RootDisk.open(directory)) {
                assertThat(Inodes.statx(second, "upper/seen", 0).isRegular()).isTrue();
                assertThat(Inodes.statx(second, "upper", 0).device())
                        .isEqualTo(Inodes.statx(first, "upper", 0).device());
            }
            RootDisk.close(directory);
            assertThat(Inodes.statx(first, "upper/seen", 0).isRegular()).isTrue();
        }
        assertThat(attached()).isEmpty();
        assertThat(RootDisk.used(directory)).isLessThan(MIB);
        try (FileDescriptor again = RootDisk.open(directory)) {
            assertThat(Inodes.statx(again, "upper/seen", 0).isRegular()).isTrue();
        }
        assertThat(attached()).isEmpty();
    }

    @Test
    void deletedFilesGiveTheirRoomBackToTheHost() throws Exception {
        RootDisk.create(directory, 64 * MIB);
        long empty = FileTree.occupied(directory);
        assertThat(empty).isLessThan(6 * MIB);
        try (FileDescriptor holder = RootDisk.open(directory)) {
            try (FileDescriptor file = create(holder, "upper/filler")) {
                fill(file);
                Contents.fsync(file);
            }
            assertThat(FileTree.occupied(directory)).isGreaterThan(40 * MIB);
            trefoil.linux.file.Directories.unlinkat(holder, "upper/filler", 0);
            try (FileDescriptor root = Open.openat2(holder, ".", Open.O_RDONLY, 0, 0)) {
                Contents.syncfs(root);
            }
            // The kernel gives freed blocks back in the background, and gives that up when the file system is unmounted.
            long patience = System.nanoTime() + 10_000_000_000L;
            while (FileTree.occupied(directory) >= 12 * MIB && System.nanoTime() < patience) {
                LockSupport.parkNanos(1_000_000);
            }
        }
        assertThat(FileTree.occupied(directory)).isLessThan(12 * MIB);
    }

    @Test
    void itGrowsAndNeverShrinks() throws Exception {
        RootDisk.create(directory, 32 * MIB);
        assertThatThrownBy(() -> RootDisk.resize(directory, 31 * MIB))
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("32 MiB")
                .hasMessageContaining("31 MiB");
        assertThat(RootDisk.resize(directory, 48 * MIB)).isEqualTo(RootDisk.Growth.NOW);
        boolean mayGrowMounted = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .allMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> 24 & 1) == 1);
        try (FileDescriptor holder = RootDisk.open(directory)) {
            assertThat(space(holder)).isBetween(36 * MIB, 48 * MIB);
            RootDisk.Growth growth = RootDisk.resize(directory, 96 * MIB);
            if (mayGrowMounted) {
                assertThat(growth).isEqualTo(RootDisk.Growth.NOW);
                assertThat(space(holder)).isGreaterThan(80 * MIB);
            } else {
                assertThat(growth).isEqualTo(RootDisk.Growth.AT_NEXT_START);
                assertThat(space(holder)).isBetween(36 * MIB, 48 * MIB);
            }
            create(holder, "upper/kept").close();
        }
        assertThat(RootDisk.limit(directory)).isEqualTo(96 * MIB);
        try (FileDescriptor holder = RootDisk.open(directory)) {
            assertThat(space(holder)).isGreaterThan(80 * MIB);
            assertThat(Inodes.statx(holder, "upper/kept", 0).isRegular()).isTrue();
        }
    }

    private static long space(FileDescriptor holder) throws IOException {
        FileSystems.Space space = FileSystems.fstatfs(holder);
        return space.blocks() * space.blockSize();
    }

    @Test
    void tenOpenItAtOnceAndShareOneDevice() throws Exception {
        RootDisk.create(directory, 16 * MIB);
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 10; i++) {
            String name = "upper/by" + i;
            threads.add(Thread.ofPlatform().start(() -> {
                try (FileDescriptor holder = RootDisk.open(directory)) {
                    create(holder, name).close();
                } catch (IOException | RuntimeException | Error e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        try (FileDescriptor holder = RootDisk.open(directory);
                FileDescriptor upper = Open.openat2(holder, "upper", Open.O_RDONLY, 0, 0)) {
            List<String> names = new ArrayList<>();
            trefoil.linux.file.Directories.getdents64(upper, e -> names.add(e.name()));
            assertThat(names).hasSize(10);
        }
    }

    @Test
    void whatCannotBeMadeLeavesNothing() {
        assertThatThrownBy(() -> RootDisk.create(directory, 1 * MIB))
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("too small");
        assertThatThrownBy(() -> RootDisk.create(directory, Long.MAX_VALUE - 8191)).isInstanceOf(IOException.class);
        assertThat(directory).isEmptyDirectory();
    }
}
