package trefoil.linux.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadMountsTest {
    @Test
    void mountsOfTheThreadAreSeenByItAndItsChildrenOnly(@TempDir Path directory) throws Exception {
        Assumptions.assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "mounting needs root");
        Path shown = Files.writeString(directory.resolve("shown"), "shown\n");
        Path hidden = Files.writeString(directory.resolve("hidden"), "hidden\n");
        FutureTask<String> task = new FutureTask<>(() -> {
            ThreadMounts.unshare();
            ThreadMounts.bind(shown, hidden);
            String seen = cat(hidden);
            ThreadMounts.detach(hidden);
            return seen + cat(hidden);
        });
        Thread thread = Thread.ofPlatform().start(task);
        assertThat(task.get()).isEqualTo("shown\nhidden\n");
        thread.join();
        assertThat(Files.readString(hidden)).isEqualTo("hidden\n");
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(hidden.toString());
    }

    @Test
    void aVirtualThreadIsRefused() throws InterruptedException {
        FutureTask<Void> task = new FutureTask<>(() -> {
            ThreadMounts.unshare();
            return null;
        });
        Thread.ofVirtual().start(task).join();
        assertThatThrownBy(task::get).hasRootCauseInstanceOf(IllegalStateException.class);
    }

    private static String cat(Path file) throws IOException {
        Process process = new ProcessBuilder("cat", file.toString()).start();
        return new String(process.getInputStream().readAllBytes());
    }
}
