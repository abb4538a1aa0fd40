package trefoil.linux.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;

class FileCallsTest {
    @TempDir
    Path temporary;

    private FileDescriptor directory;

    @BeforeEach
    void open() throws Exception {
        directory = Open.open(temporary.toString(), Open.O_RDONLY | Open.O_DIRECTORY, 0);
    }

    @AfterEach
    void close() {
        directory.close();
    }

    private FileDescriptor create(String name) throws Exception {
        return Open.openat2(directory, name, Open.O_RDWR | Open.O_CREAT | Open.O_EXCL, 0640, Open.RESOLVE_BENEATH);
    }

    private static void fails(int errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(Errno.name(e.errno()))
                        .isEqualTo(Errno.name(errno)));
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        byte[] text = "three leaves".getBytes(UTF_8);
        try (FileDescriptor file = create("a")) {
            Contents.writeFully(file, text, 0, text.length);
            assertThat(Contents.pwrite(file, text, 6, 6, 100)).isEqualTo(6);
            byte[] back = new byte[20];
            assertThat(Contents.pread(file, back, 1, 19, 100)).isEqualTo(6);
            assertThat(new String(back, 1, 6, UTF_8)).isEqualTo("leaves");
            assertThat(Contents.pread(file, back, 0, 20, 4096)).isZero();
            FileStatus status = Inodes.fstat(file);
            assertThat(status.size()).isEqualTo(106);
            assertThat(status.isRegular()).isTrue();
            assertThat(status.links()).isEqualTo(1);
            Contents.ftruncate(file, 5);
            assertThat(Inodes.statx(directory, "a", 0).size()).isEqualTo(5);
            Contents.fallocate(file, Contents.FALLOC_FL_KEEP_SIZE, 0, 65536);
            assertThat(Inodes.fstat(file).blocks()).isGreaterThanOrEqualTo(128);
            assertThat(Inodes.fstat(file).size()).isEqualTo(5);
        }
    }

    @Test
    void vectorsAreWrittenAndReadInOrder() throws Exception {
        try (FileDescriptor file = create("v"); Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom("three leaves");
            List<MemorySegment> parts = List.of(text.asSlice(6, 6), text.asSlice(0, 5), text.asSlice(5, 1));
            assertThat(Contents.pwritev(file, parts, 3)).isEqualTo(12);
            MemorySegment a = arena.allocate(4);
            MemorySegment b = arena.allocate(100);
            assertThat(Contents.preadv(file, List.of(a, b), 3)).isEqualTo(12);
            assertThat(new String(a.toArray(ValueLayout.JAVA_BYTE), UTF_8)).isEqualTo("leav");
            assertThat(b.getString(0)).isEqualTo("esthree ");
            assertThat(Contents.preadv(file, List.of(a), 4)).isEqualTo(4);
            assertThat(Contents.pwritev(file, List.of(a), 15)).isEqualTo(4);
            assertThat(Contents.preadv(file, List.of(b), 15)).isEqualTo(4);
            assertThat(b.get(ValueLayout.JAVA_BYTE, 3)).isEqualTo((byte) 'e');
            List<MemorySegment> tooMany = java.util.Collections.nCopies(Contents.IOV_MAX + 1, a.asSlice(0, 1));
            assertThat(Contents.pwritev(file, tooMany, 0)).isEqualTo(Contents.IOV_MAX);
            assertThatThrownBy(() -> Contents.preadv(file, List.of(MemorySegment.ofArray(new byte[1])), 0)).isInstanceOf(IllegalArgumentException.class);
            Contents.fdatasync(file);
            Contents.fallocate(file, Contents.FALLOC_FL_PUNCH_HOLE | Contents.FALLOC_FL_KEEP_SIZE, 0, 20);
            assertThat(Contents.preadv(file, List.of(a), 15)).isEqualTo(4);
            assertThat(a.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    @Test
    void locksBelongToOpenFileDescriptions() throws Exception {
        try (FileDescriptor one = create("l")) {
            try (FileDescriptor two = Open.openat2(directory, "l", Open.O_RDWR, 0, Open.RESOLVE_BENEATH)) {
                Open.lock(one, Open.F_RDLCK);
                Open.lock(two, Open.F_RDLCK);
                fails(Errno.EAGAIN, () -> Open.lock(two, Open.F_WRLCK));
                Open.lock(one, Open.F_UNLCK);
                Open.lock(two, Open.F_WRLCK);
                fails(Errno.EAGAIN, () -> Open.lock(one, Open.F_RDLCK));
            }
            Open.lock(one, Open.F_WRLCK);
        }
    }

    @Test
    void namesOfAnyBytesGoThereAndBack() throws Exception {
        List<String> names = new ArrayList<>();
        for (byte[] bytes : new byte[][] {
            {(byte) 0xFF}, {'a', (byte) 0xC3}, {(byte) 0xED, (byte) 0xB2, (byte) 0x80}, {'\n'}, "µ€😀".getBytes(UTF_8), {
                (byte) 0xF0, (byte) 0x9F, 'x'
            }, {(byte) 0x80, (byte) 0xC3, (byte) 0xA9}
        }) {
            String name = PathBytes.decode(bytes);
            assertThat(PathBytes.encode(name)).isEqualTo(bytes);
            names.add(name);
            create(name).close();
        }
        TreeSet<String> listed = new TreeSet<>();
        Directories.getdents64(directory, e -> listed.add(e.name()));
        assertThat(listed).containsExactlyInAnyOrderElementsOf(names);
        for (String name : names) {
            Directories.unlinkat(directory, name, 0);
        }
        assertThat(Files.list(temporary)).isEmpty();
        fails(Errno.EINVAL, () -> create("a\0b"));
    }

    @Test
    void manyEntriesAreAllTold() throws Exception {
        for (int i = 0; i < 3000; i++) {
            Directories.mknodat(directory, "entry-with-a-long-name-" + i, FileStatus.S_IFREG | 0600, 0);
        }
        List<String> seen = new ArrayList<>();
        Directories.getdents64(directory, e -> seen.add(e.name()));
        assertThat(seen).hasSize(3000).doesNotHaveDuplicates();
        int[] count = {0};
        Directories.getdents64(directory, e -> ++count[0] < 7);
        assertThat(count[0]).isEqualTo(7);
    }

    @Test
    void resolutionStaysInTheRoot() throws Exception {
        Directories.mkdirat(directory, "etc", 0755);
        Directories.symlinkat("/etc", directory, "absolute");
        Directories.symlinkat("../../../../../etc", directory, "above");
        Directories.symlinkat("/proc/self/root/etc/passwd", directory, "magic");
        int look = Open.O_PATH | Open.O_DIRECTORY;
        long inode = Inodes.statx(directory, "etc", 0).inode();
        for (String name : List.of("absolute", "above", "/etc", "../etc", "etc/../../etc")) {
            try (FileDescriptor etc = Open.openat2(directory, name, look, 0, Open.RESOLVE_IN_ROOT)) {
                assertThat(Inodes.fstat(etc).inode()).as(name).isEqualTo(inode);
            }
        }
        fails(Errno.EXDEV, () -> Open.openat2(directory, "absolute", look, 0, Open.RESOLVE_BENEATH));
        fails(Errno.ELOOP, () -> Open.openat2(directory, "above", look, 0, Open.RESOLVE_NO_SYMLINKS));
        fails(Errno.ENOENT, () -> Open.openat2(directory, "magic", look, 0, Open.RESOLVE_IN_ROOT));
        assertThat(Directories.readlinkat(directory, "magic")).isEqualTo("/proc/self/root/etc/passwd");
        try (FileDescriptor proc = Open.open("/proc", look, 0)) {
            int flags = Open.RESOLVE_IN_ROOT | Open.RESOLVE_NO_MAGICLINKS;
            fails(Errno.ELOOP, () -> Open.openat2(proc, "/self/root", Open.O_PATH, 0, flags));
        }
    }

    @Test
    void renamesLinksAndAttributes() throws Exception {
        create("a").close();
        create("b").close();
        fails(Errno.EEXIST, () -> Directories.renameat2(directory, "a", directory, "b", Directories.RENAME_NOREPLACE));
        long a = Inodes.statx(directory, "a", 0).inode();
        Directories.renameat2(directory, "a", directory, "b", Directories.RENAME_EXCHANGE);
        assertThat(Inodes.statx(directory, "b", 0).inode()).isEqualTo(a);
        Directories.linkat(directory, "b", directory, "c");
        assertThat(Inodes.statx(directory, "c", 0).links()).isEqualTo(2);
        try (FileDescriptor c = Open.openat2(directory, "c", Open.O_RDWR, 0, 0)) {
            Inodes.fchmod(c, 04751);
            assertThat(Inodes.fstat(c).permissions()).isEqualTo(04751);
            assertThat(Inodes.fgetxattr(c, "user.none")).isNull();
            Inodes.fsetxattr(c, "user.leaf", new byte[] {1, 2, 3});
            assertThat(Inodes.fgetxattr(c, "user.leaf")).containsExactly(1, 2, 3);
            Inodes.fremovexattr(c, "user.leaf");
            assertThat(Inodes.fgetxattr(c, "user.leaf")).isNull();
        }
        Inodes.utimensat(directory, "c", 5, 1_000_000_007L);
        assertThat(Inodes.statx(directory, "c", 0).modifiedNanos()).isEqualTo(1_000_000_007L);
        Directories.mkdirat(directory, "d", 0700);
        fails(Errno.EISDIR, () -> Directories.unlinkat(directory, "d", 0));
        Directories.unlinkat(directory, "d", Directories.AT_REMOVEDIR);
        fails(Errno.ENOENT, () -> Inodes.statx(directory, "d", 0));
    }

    @Test
    void sealedMemoryCannotBeChanged() throws Exception {
        try (FileDescriptor memory = Open.memfd_create("leaf", Open.MFD_ALLOW_SEALING)) {
            Contents.writeFully(memory, new byte[] {7}, 0, 1);
            Open.fcntl(memory, Open.F_ADD_SEALS, Open.F_SEAL_WRITE | Open.F_SEAL_GROW | Open.F_SEAL_SHRINK);
            fails(Errno.EPERM, () -> Contents.pwrite(memory, new byte[] {8}, 0, 1, 0));
            byte[] one = new byte[1];
            assertThat(Contents.pread(memory, one, 0, 1, 0)).isEqualTo(1);
            assertThat(one).containsExactly(7);
        }
    }

    @Test
    void aLockedFileIsLockedForOthers() throws Exception {
        try (FileDescriptor first = create("lock");
                FileDescriptor second = Open.openat2(directory, "lock", Open.O_RDWR, 0, 0)) {
            Open.flock(first, Open.LOCK_EX);
            fails(Errno.EAGAIN, () -> Open.flock(second, Open.LOCK_EX | Open.LOCK_NB));
            Open.flock(first, Open.LOCK_UN);
            Open.flock(second, Open.LOCK_EX | Open.LOCK_NB);
        }
    }

    @Test
    void copiesWithoutPassingThroughHere() throws Exception {
        byte[] text = new byte[100_000];
        new java.util.Random(3).nextBytes(text);
        Files.write(temporary.resolve("from"), text);
        try (FileDescriptor from = Open.openat2(directory, "from", Open.O_RDONLY, 0, 0);
                FileDescriptor to = create("to")) {
            assertThat(Contents.copy_file_range(from, to, 60_000)).isEqualTo(60_000);
            assertThat(Contents.sendfile(to, from, 60_000)).isEqualTo(40_000);
            assertThat(Contents.sendfile(to, from, 60_000)).isZero();
        }
        assertThat(Files.readAllBytes(temporary.resolve("to"))).isEqualTo(text);
    }

    @Test
    void tellsSpaceAndKindOfFileSystem() throws Exception {
        try (FileDescriptor proc = Open.open("/proc", Open.O_PATH, 0)) {
            assertThat(FileSystems.fstatfs(proc).type()).isEqualTo(0x9fa0);
        }
        FileSystems.Space space = FileSystems.fstatfs(directory);
        assertThat(space.availableBytes()).isBetween(1L, space.blocks() * space.blockSize());
    }
}
