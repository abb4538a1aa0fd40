package trefoil.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import trefoil.client.TrefoilClient;

/** A directory in {@code /tmp} for all that the benchmark writes; gone in the end. */
final class Workspace {
    private final Path path;

    Workspace() throws IOException {
        path = Files.createTempDirectory("trefoil-b");
        // Processes with ids of a container pass through it.
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    Path path() {
        return path;
    }

    Path rootfs() {
        return path.resolve("rootfs");
    }

    /** A file that grants root the benchmark's ids (subuid(5)). */
    Path subordinateIds() throws IOException {
        return Files.writeString(path.resolve("subids"), "root:" + Peers.FIRST_ID + ":" + Peers.IDS + "\n");
    }

    /** Unpacks an image of Trefoil's for the peers, owned by the root of their id range. */
    void extract(TrefoilClient client, String image) throws BenchmarkException, IOException, InterruptedException {
        Path archive = path.resolve("rootfs.tar.zst");
        try (InputStream in = client.exportImage(image)) {
            Files.copy(in, archive, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.createDirectories(rootfs());
        must(List.of("tar", "--zstd", "--numeric-owner", "-xpf", archive.toString(), "-C", rootfs().toString()));
        must(List.of("chown", "-R", "-h", Peers.FIRST_ID + ":" + Peers.FIRST_ID, rootfs().toString()));
    }

    private void must(List<String> command) throws BenchmarkException, IOException, InterruptedException {
        Run run = Run.of(path, command);
        if (run.status() != 0) {
            throw new BenchmarkException(String.join(" ", command) + ": " + run.err().strip(), "scripts/packages.sh bench");
        }
    }

    /** Removes all; containers of peers are gone by now. */
    void end() throws IOException {
        removeGroups();
        Files.walkFileTree(path, new Deletion());
    }

    /** Control groups that runtimes left behind, deepest first. */
    private void removeGroups() throws IOException {
        try (var hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            for (Path hierarchy : hierarchies.toList()) {
                Path group = hierarchy.resolve(path.getFileName().toString());
                if (Files.isDirectory(group)) {
                    try (var groups = Files.walk(group)) {
                        for (Path each : groups.filter(Files::isDirectory).sorted(java.util.Comparator.reverseOrder()).toList()) {
                            Files.deleteIfExists(each);
                        }
                    }
                }
            }
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
