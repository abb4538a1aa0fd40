package trefoil.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest's systemd has enabled controllers in its root group; the directory is a fake, no kernel enforces anything. */
class UninhabitableRootTest {
    @Test
    void processesAreThenBornIntoALeaf(@TempDir Path group) throws Exception {
        Path control = group.resolve("cgroup.subtree_control");
        UnifiedGroup unified = new UnifiedGroup(group);
        Files.writeString(control, "\n");
        try (var directory = unified.inhabitable()) {
            assertThat(Path.of(directory.path()).toRealPath()).isEqualTo(group.toRealPath());
        }
        Files.writeString(control, "memory pids\n");
        for (int i = 0; i < 2; i++) {
            try (var directory = unified.inhabitable()) {
                assertThat(Path.of(directory.path()).toRealPath()).isEqualTo(group.toRealPath().resolve("trefoil-exec"));
            }
        }
    }
}
