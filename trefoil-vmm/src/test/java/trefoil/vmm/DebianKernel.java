package trefoil.vmm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Debian's cloud kernel and its modules for virtio, fetched once into {@code target} by apt-get, as the host's own sources say. */
final class DebianKernel {
    private static final Path DIRECTORY = Path.of("target", "debian-kernel").toAbsolutePath();
    private static final String FETCH = "rm -rf boot lib && p=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \\(linux-image-[0-9][^ ]*\\).*/\\1/p' | head -n 1) && apt-get -q -o APT::Sandbox::User=root download \"$p\""
            + " && dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x --wildcards './boot/vmlinuz-*' './lib/modules/*/virtio*' './lib/modules/*/*failover*' && rm linux-image-*.deb";

    private DebianKernel() {}

    static Path image() throws IOException, InterruptedException {
        Files.createDirectories(DIRECTORY);
        if (!isThere()) {
            assumeTrue(Files.exists(Path.of("/usr/bin/apt-get")), "skipped: apt-get is not there, which would fetch linux-image-cloud-amd64");
            assumeTrue(run() == 0 && isThere(), "skipped: linux-image-cloud-amd64 cannot be fetched (apt-get update?)");
        }
        return find(name -> name.startsWith("vmlinuz-"));
    }

    /** A module of the kernel that {@link #image} gave. */
    static byte[] module(String name) throws IOException {
        return Files.readAllBytes(find(file -> file.equals(name + ".ko")));
    }

    /** Whether it was fetched, with the last of the modules that are fetched now. */
    private static boolean isThere() throws IOException {
        try (Stream<Path> files = Files.walk(DIRECTORY)) {
            return files.anyMatch(file -> file.endsWith("net_failover.ko"));
        }
    }

    private static Path find(Predicate<String> wanted) throws IOException {
        try (Stream<Path> files = Files.walk(DIRECTORY)) {
            return files.filter(file -> wanted.test(file.getFileName().toString())).findFirst().orElseThrow(() -> new IOException("the package of the kernel lacks a file; remove " + DIRECTORY));
        }
    }

    private static int run() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", FETCH).directory(DIRECTORY.toFile()).redirectErrorStream(true).redirectOutput(DIRECTORY.resolve("log").toFile()).start();
        return process.waitFor(5, TimeUnit.MINUTES) ? process.exitValue() : -1;
    }
}
