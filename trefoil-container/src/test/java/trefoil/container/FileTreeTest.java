package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Directories;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;
import trefoil.linux.file.PathBytes;

@Timeout(30)
class FileTreeTest {
    @TempDir
    Path temporary;

    private FileDescriptor open(Path directory) throws Exception {
        return Open.open(directory.toString(), Open.O_RDONLY | Open.O_DIRECTORY, 0);
    }

    @Test
    void removesWhatIsInsideAndNothingThatALinkLeadsTo() throws Exception {
        Path outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("kept"), "kept");
        Path tree = Files.createDirectories(temporary.resolve("tree/a/b")).getParent().getParent();
        Files.createSymbolicLink(tree.resolve("a/out"), outside);
        Files.createSymbolicLink(tree.resolve("dangling"), Path.of("/nowhere"));
        Files.createLink(tree.resolve("a/b/hard"), outside.resolve("kept"));
        try (FileDescriptor top = open(tree)) {
            Directories.mknodat(top, "fifo", FileStatus.S_IFIFO | 0600, 0);
            Directories.mknodat(top, PathBytes.decode(new byte[] {'-', 'r', 'f', '\n', (byte) 0xFE}), 0100600, 0);
            Directories.mkdirat(top, "no-rights", 0);
        }
        FileTree.delete(tree);
        assertThat(tree).doesNotExist();
        assertThat(outside.resolve("kept")).hasContent("kept");
        FileTree.delete(tree);
        Path link = Files.createSymbolicLink(temporary.resolve("link"), outside);
        FileTree.delete(link);
        assertThat(outside.resolve("kept")).hasContent("kept");
        assertThat(Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    @Test
    void removesTreesThatAreDeepAndWide() throws Exception {
        Path tree = Files.createDirectory(temporary.resolve("deep"));
        FileDescriptor at = open(tree);
        for (int i = 0; i < 3000; i++) {
            Directories.mkdirat(at, "d", 0755);
            Directories.mknodat(at, "f", FileStatus.S_IFREG | 0600, 0);
            FileDescriptor next = Open.openat2(at, "d", Open.O_RDONLY | Open.O_DIRECTORY, 0, 0);
            at.close();
            at = next;
        }
        at.close();
        try (FileDescriptor top = open(tree)) {
            for (int i = 0; i < 6000; i++) {
                Directories.mknodat(top, "wide" + i, FileStatus.S_IFREG | 0600, 0);
            }
        }
        assertThat(FileTree.occupied(tree)).isGreaterThan(0);
        FileTree.delete(tree);
        assertThat(tree).doesNotExist();
    }

    @Test
    void removesImmutableFiles() throws Exception {
        Path tree = Files.createDirectories(temporary.resolve("hard/dir")).getParent();
        Path file = Files.createFile(tree.resolve("dir/immutable"));
        try (FileDescriptor inner = Open.open(file.toString(), Open.O_RDONLY, 0);
                FileDescriptor outer = open(tree.resolve("dir"))) {
            Inodes.flags(inner, Inodes.flags(inner) | Inodes.FS_IMMUTABLE_FL);
            Inodes.flags(outer, Inodes.flags(outer) | Inodes.FS_APPEND_FL);
        } catch (trefoil.linux.ErrnoException e) {
            Assumptions.abort("needs root and a file system with flags: " + e.getMessage());
        }
        assertThatThrownBy(() -> Files.delete(file)).isInstanceOf(java.io.IOException.class);
        FileTree.delete(tree);
        assertThat(tree).doesNotExist();
    }

    @Test
    void measuresBlocksAndCountsHardLinksOnce() throws Exception {
        Path tree = Files.createDirectory(temporary.resolve("measured"));
        long empty = FileTree.occupied(tree);
        Files.write(tree.resolve("a"), new byte[1 << 20]);
        Files.createLink(tree.resolve("b"), tree.resolve("a"));
        try (FileDescriptor sparse = Open.open(tree.resolve("sparse").toString(), Open.O_RDWR | Open.O_CREAT, 0600)) {
            trefoil.linux.file.Contents.ftruncate(sparse, 1L << 40);
        }
        Files.createSymbolicLink(tree.resolve("link"), Path.of("/usr"));
        assertThat(FileTree.occupied(tree) - empty).isBetween(1L << 20, (1L << 20) + 65536);
        assertThat(FileTree.occupied(temporary.resolve("nowhere"))).isZero();
    }
}
