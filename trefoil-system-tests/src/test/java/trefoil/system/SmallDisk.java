package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system of a few MiB in memory, which a test fills and empties. Gone when it is closed. */
final class SmallDisk implements AutoCloseable {
    private static final int STEP = 4096;

    private final Path mount;

    private SmallDisk(Path mount) {
        this.mount = mount;
    }

    static SmallDisk of(int mebibytes) {
        try {
            // Short, for a Unix socket's path may have 107 octets (unix(7)).
            Path mount = Files.createTempDirectory("trefoil-d");
            run("mount", "-t", "tmpfs", "-o", "mode=755,size=" + mebibytes + "m", "trefoil-small-disk", mount.toString());
            SmallDisk disk = new SmallDisk(mount);
            Runtime.getRuntime().addShutdownHook(new Thread(disk::abandon));
            return disk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its root. */
    Path root() {
        return mount;
    }

    private Path ballast() {
        return mount.resolve("ballast");
    }

    /** Takes all space but {@code left} bytes. */
    void fill(long left) {
        try (OutputStream out = Files.newOutputStream(ballast())) {
            byte[] step = new byte[STEP];
            while (mount.toFile().getUsableSpace() >= left + STEP) {
                out.write(step);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives the space back. */
    void empty() {
        try {
            Files.deleteIfExists(ballast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        run("umount", mount.toString());
        try {
            Files.delete(mount);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void abandon() {
        if (Files.exists(mount)) {
            new Leftovers(mount).remove();
        }
    }

    private static void run(String... command) {
        try {
            assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).as("%s", List.of(command)).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted in " + String.join(" ", command), e);
        }
    }
}
