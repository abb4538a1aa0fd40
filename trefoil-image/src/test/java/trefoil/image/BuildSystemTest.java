package trefoil.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real builds out of the Debian archive; needs root, a mirror and about a minute. */
@Tag("system")
class BuildSystemTest {
    @TempDir
    Path temp;

    private static String run(String... command) throws Exception {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(p.waitFor()).as("%s: %s", List.of(command), out).isZero();
        return out;
    }

    @Test
    void busyboxIsTinyAndTheSameTwice() throws Exception {
        ImageStore store = ImageStore.open(temp.resolve("store"));
        long begin = System.nanoTime();
        StoredImage image = store.build("busybox", false, Progress.NONE);
        System.err.printf("busybox: %d ms, %d bytes%n", (System.nanoTime() - begin) / 1_000_000, image.size());
        assertThat(image.size()).isLessThan(3_000_000);
        assertThat(image.osId()).isEqualTo("busybox");
        assertThat(image.architecture()).isEqualTo("amd64");
        assertThat(store.build("busybox", true, Progress.NONE).fingerprint()).isEqualTo(image.fingerprint());
        String root = image.layers().getFirst().toString();
        assertThat(run("chroot", root, "/bin/sh", "-c", "echo hi")).isEqualTo("hi\n");
        assertThat(run("chroot", root, "/bin/sh", "-c", "ls -l /sbin/init /sbin/poweroff /sbin/reboot /sbin/udhcpc /bin/ping")).contains("busybox");
        Path exported = temp.resolve("busybox.tar.zst");
        try (OutputStream out = Files.newOutputStream(exported)) {
            store.export("busybox", out, Progress.NONE);
        }
        StoredImage again = store.importFile(exported, "again", Progress.NONE);
        assertThat(run("diff", "-r", "--no-dereference", root, again.layers().getFirst().toString())).isEmpty();
    }

    @Test
    void debianIsAWholeServer() throws Exception {
        ImageStore store = ImageStore.open(temp.resolve("store"));
        Map<String, long[]> phases = Collections.synchronizedMap(new LinkedHashMap<>());
        Progress progress = (phase, done, total, unit) -> phases.put(phase, new long[] {done, total});
        long begin = System.nanoTime();
        List<Future<StoredImage>> builds = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String name : List.of("debian:12", "debian:bookworm")) {
                Callable<StoredImage> build = () -> store.build(name, false, progress);
                builds.add(callers.submit(build));
            }
        }
        StoredImage image = builds.getFirst().get();
        System.err.printf("debian:12: %d ms, %d bytes%n", (System.nanoTime() - begin) / 1_000_000, image.size());
        phases.forEach((phase, seen) -> System.err.printf("  %s %d/%d%n", phase, seen[0], seen[1]));
        assertThat(builds.getLast().get().fingerprint()).isEqualTo(image.fingerprint());
        assertThat(store.list()).hasSize(1);
        assertThat(image.aliases()).containsExactly("debian:12", "debian:bookworm");
        assertThat(image.os()).isEqualTo("Debian GNU/Linux 12 (bookworm)");
        assertThat(phases.get("installing packages")).satisfies(seen -> assertThat(seen[0]).isEqualTo(seen[1]).isGreaterThan(80));
        assertThat(phases.get("downloading packages")[1]).isGreaterThan(20_000_000);

        Path root = image.layers().getFirst();
        assertThat(run("chroot", root.toString(), "dpkg", "--audit")).isEmpty();
        assertThat(run("chroot", root.toString(), "apt-get", "check", "-q=2")).isEmpty();
        assertThat(root.resolve("etc/machine-id")).isEmptyFile();
        assertThat(root.resolve("etc/hostname")).doesNotExist();
        assertThat(root.resolve("etc/resolv.conf")).isEmptyFile();
        assertThat(root.resolve("etc/ssh/ssh_host_rsa_key")).doesNotExist();
        assertThat(root.resolve("etc/systemd/system/multi-user.target.wants/ssh.service")).doesNotExist();
        assertThat(root.resolve("etc/apt/sources.list.d/debian.sources")).content().contains("bookworm-security");
        assertThat(root.resolve("etc/apt/apt.conf.d/99mmdebstrap")).doesNotExist();
        assertThat(run("find", root.resolve("dev").toString(), "-type", "b", "-o", "-type", "c")).isEmpty();
        assertThat(store.build("debian:12", false, Progress.NONE).fingerprint()).isEqualTo(image.fingerprint());
    }

    @Test
    void suiteThatTheMirrorLacks() throws Exception {
        ImageStore store = ImageStore.open(temp.resolve("store"));
        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                        ImageException.class, () -> store.build("debian:duke", false, Progress.NONE)))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(ImageException.Reason.NOT_FOUND));
        assertThat(temp.resolve("store/staging")).isEmptyDirectory();
    }

    /** The lists alone are larger than what is free once the build has begun. */
    @ParameterizedTest
    @CsvSource({"busybox, 40", "busybox, 200", "debian:12, 900"})
    void fullDiskEndsABuildSoonWithOneClearError(String image, int mebibytes) throws Exception {
        Path disk = Files.createDirectory(temp.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "full", disk.toString());
        try {
            ImageStore store = ImageStore.open(disk.resolve("store"));
            Path ballast = disk.resolve("ballast");
            List<Long> begun = Collections.synchronizedList(new ArrayList<>());
            ImageException failure = org.assertj.core.api.Assertions.catchThrowableOfType(
                    ImageException.class, () -> store.build(image, false, (phase, done, total, unit) -> {
                        if (begun.isEmpty()) {
                            begun.add(System.nanoTime());
                            fill(ballast);
                        }
                    }));
            assertThat(failure).isNotNull();
            assertThat(failure.reason()).as(failure.toString()).isEqualTo(ImageException.Reason.DISK_FULL);
            assertThat(begun).hasSize(mebibytes == 40 ? 0 : 1);
            long began = begun.isEmpty() ? System.nanoTime() : begun.getFirst();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
            assertThat(disk.resolve("store/staging")).isEmptyDirectory();
        } finally {
            run("umount", disk.toString());
        }
    }

    private static void fill(Path ballast) {
        byte[] much = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (ballast.toFile().getUsableSpace() > (8 << 20)) {
                out.write(much);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"debian:12, fetching package lists", "debian:12, installing packages", "busybox, fetching package lists"})
    void interruptedBuildEndsAtOnceAndLeavesNothing(String image, String moment) throws Exception {
        ImageStore store = ImageStore.open(temp.resolve("store"));
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        java.util.concurrent.CountDownLatch installing = new java.util.concurrent.CountDownLatch(1);
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                store.build(image, false, (phase, done, total, unit) -> {
                    if (phase.equals(moment)) {
                        installing.countDown();
                    }
                });
            } catch (ImageException e) {
                failures.add(e);
            }
        });
        installing.await();
        long begin = System.nanoTime();
        caller.interrupt();
        caller.join();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        assertThat(failures).singleElement().asString().contains("cancelled");
        assertThat(temp.resolve("store/staging")).isEmptyDirectory();
        assertThat(run("cat", "/proc/self/mountinfo")).doesNotContain(temp.toString());
        assertThat(ProcessHandle.current().descendants()).isEmpty();
    }
}
