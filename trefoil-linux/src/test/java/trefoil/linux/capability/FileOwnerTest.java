package trefoil.linux.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileOwnerTest {
    @TempDir
    Path temporary;

    @BeforeEach
    void needRoot() throws Exception {
        Assumptions.assumeTrue(Files.getAttribute(temporary, "unix:uid").equals(0), "needs root to become others");
    }

    @Test
    void newFilesAreTheirsAndCapabilitiesStay() throws Exception {
        Path locked = Files.createDirectory(temporary.resolve("locked"));
        locked.toFile().setWritable(false);
        Path made = FileOwner.as(70_001, 70_002, () -> Files.createFile(locked.resolve("made")));
        assertThat(Files.getAttribute(made, "unix:uid")).isEqualTo(70_001);
        assertThat(Files.getAttribute(made, "unix:gid")).isEqualTo(70_002);
        Path own = Files.createFile(locked.resolve("own"));
        assertThat(Files.getAttribute(own, "unix:uid")).as("this thread is as before").isEqualTo(0);
    }

    @Test
    void failuresComeBack() {
        assertThatThrownBy(() -> FileOwner.as(1, 1, () -> {
                    throw new IOException("no");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no");
        assertThatThrownBy(() -> FileOwner.as(1, 1, () -> {
                    throw new ArithmeticException();
                }))
                .hasCauseInstanceOf(ArithmeticException.class);
    }
}
