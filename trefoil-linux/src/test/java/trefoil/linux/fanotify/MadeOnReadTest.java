package trefoil.linux.fanotify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import trefoil.linux.FileDescriptor;

@Timeout(30)
class MadeOnReadTest {
    @TempDir
    Path temporary;

    private Path directory;
    private MadeOnRead files;
    private final AtomicInteger count = new AtomicInteger();

    @BeforeEach
    void open() throws IOException {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/core_pattern")), "needs root: mounts and fanotify");
        directory = temporary.resolve("view");
        files = MadeOnRead.open(directory);
    }

    @AfterEach
    void dispose() throws IOException {
        if (files != null) {
            files.dispose();
        }
    }

    private String read(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    /** Reads outside of this process, as guests do. */
    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    @Test
    void contentIsMadeByTheFirstReadAndNotBefore() throws Exception {
        files.serve("web/figure", () -> "number " + count.incrementAndGet() + "\n");
        assertThat(count).hasValue(0);
        assertThat(Files.size(directory.resolve("web/figure"))).isZero();
        assertThat(run("cat", directory + "/web/figure")).isEqualTo("number 1\n");
        assertThat(count).hasValue(1);
    }

    @Test
    void contentIsMadeAnewOnceItIsOld() throws Exception {
        files.serve("web/figure", () -> "number " + count.incrementAndGet() + "\n");
        String first = read("web/figure");
        long from = System.nanoTime();
        String later = first;
        while (later.equals(first)) {
            later = read("web/figure");
        }
        assertThat(later).isEqualTo("number 2\n");
        assertThat(System.nanoTime() - from).isGreaterThan(MadeOnRead.AGE_MILLIS * 900_000);
    }

    @Test
    void aReaderThatLoopsDoesNotBurnTheDaemon() throws Exception {
        files.serve("web/figure", () -> "number " + count.incrementAndGet() + "\n");
        long from = System.nanoTime();
        run("perl", "-e", "for (1..100000) { open F, '<', '" + directory + "/web/figure'; <F>; close F }");
        long millis = (System.nanoTime() - from) / 1_000_000;
        assertThat((long) count.get()).isLessThanOrEqualTo(millis / MadeOnRead.AGE_MILLIS + 2);
    }

    @Test
    void aFileHeldOpenIsMadeAnewToo() throws Exception {
        files.serve("web/figure", () -> "number " + count.incrementAndGet() + "\n");
        read("web/figure"); // the mark is now ignored, and top(1) opens it in this very moment
        String said = run("perl", "-e", "open F, '<', '" + directory + "/web/figure'; sysread F, $x, 99; "
                + "select undef, undef, undef, 0.3; sysseek F, 0, 0; sysread F, $y, 99; print $x, $y");
        String[] lines = said.split("\n");
        assertThat(lines).hasSize(2);
        assertThat(lines[0]).isEqualTo("number 1");
        assertThat(lines[1]).isEqualTo("number 2");
    }

    @Test
    void aShorterContentLeavesNothingOfTheLonger() throws Exception {
        files.serve("web/figure", () -> count.getAndIncrement() == 0 ? "a long content\n" : "short\n");
        assertThat(read("web/figure")).isEqualTo("a long content\n");
        while (count.get() < 2) {
            read("web/figure");
        }
        assertThat(read("web/figure")).isEqualTo("short\n");
    }

    @Test
    void readsThroughABindMountInOtherNamespacesAreMadeAndItsFileCannotBeWrittenThere() throws Exception {
        files.serve("web/figure", () -> "number " + count.incrementAndGet() + "\n");
        try (FileDescriptor clone = files.detached("web/figure")) {
            String file = "/proc/" + ProcessHandle.current().pid() + "/fd/" + clone.number();
            assertThat(run("setpriv", "--reuid", "65533", "--clear-groups", "cat", file)).contains("Permission denied");
            assertThat(run("unshare", "-m", "sh", "-c", "cat " + file)).isEqualTo("number 1\n");
            assertThat(run("sh", "-c", "echo x > " + file)).contains("Read-only file system");
            assertThat(run("chown", "1", file)).contains("Read-only file system");
            assertThat(run("chmod", "777", file)).contains("Read-only file system");
        }
    }

    @Test
    void aFailingContentLeavesTheOldOneAndTheReaderGoesOn() throws Exception {
        files.serve("web/figure", () -> {
            if (count.getAndIncrement() > 0) {
                throw new IOException("no figures");
            }
            return "number\n";
        });
        assertThat(read("web/figure")).isEqualTo("number\n");
        while (count.get() < 3) {
            assertThat(read("web/figure")).isEqualTo("number\n");
        }
    }

    @Test
    void aContentThatHangsReleasesItsReadersAndOtherFilesAreServedAgain() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        files.serve("web/hangs", () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return "late\n";
        });
        files.serve("web/figure", () -> "number " + count.incrementAndGet() + "\n");
        try {
            assertThat(run("cat", directory + "/web/hangs")).isEmpty();
            String said = "";
            while (said.isEmpty()) { // until the watcher has set up a new group
                said = run("cat", directory + "/web/figure");
            }
            assertThat(said).isEqualTo("number 1\n");
        } finally {
            never.countDown();
        }
    }

    @Test
    void whileNoDaemonLivesReadersGetWhatWasLastAndTheNextDaemonGoesOn() throws Exception {
        files.serve("web/figure", () -> "number " + count.incrementAndGet() + "\n");
        FileDescriptor clone = files.detached("web/figure");
        String file = "/proc/" + ProcessHandle.current().pid() + "/fd/" + clone.number();
        assertThat(run("cat", file)).isEqualTo("number 1\n");
        files.close();
        assertThat(run("cat", file)).isEqualTo("number 1\n");
        files = MadeOnRead.open(directory);
        assertThat(files.directories()).containsExactly("web");
        files.takeUp("web/figure", () -> "second life\n");
        files.takeUp("web/never-made", () -> "not to be read\n");
        assertThat(run("cat", file)).isEqualTo("second life\n");
        clone.close();
    }

    @Test
    void removedFilesAreForgottenAndTheirMountsKeepTheirContent() throws Exception {
        files.serve("web/figure", () -> "number " + count.incrementAndGet() + "\n");
        try (FileDescriptor clone = files.detached("web/figure")) {
            String file = "/proc/" + ProcessHandle.current().pid() + "/fd/" + clone.number();
            assertThat(run("cat", file)).isEqualTo("number 1\n");
            files.remove("web");
            files.remove("web");
            assertThat(files.directories()).isEmpty();
            assertThatThrownBy(() -> files.detached("web/figure")).hasMessageContaining("ENOENT");
            assertThat(run("sh", "-c", "cat " + file + "; sleep 0.15; cat " + file)).isEqualTo("number 1\nnumber 1\n");
        }
    }
}
