package trefoil.vmm.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import trefoil.vmm.MachinePlan;

/** The words of a machine's process, there and back. */
class OptionsTest {
    private static Options options(MachinePlan.Attachment bus) {
        return new Options("web", 2, 1L << 28, Path.of("/k"), Path.of("/i"), "quiet", Path.of("/b/base.raw"), Path.of("/d"), 1L << 33, bus, "02:54:66:00:00:01", 1500, "/c");
    }

    @Test
    void wordsAreReadAsTheyWereWritten() {
        for (MachinePlan.Attachment bus : MachinePlan.Attachment.values()) {
            assertThat(Options.of(options(bus).words())).isEqualTo(options(bus));
            assertThat(Disk.of(options(bus)).attachment()).isEqualTo(bus);
        }
    }

    @Test
    void aDiskIsFoundByVirtioWhereNothingElseIsSaid() {
        List<String> words = new ArrayList<>(options(MachinePlan.Attachment.NVME).words());
        int at = words.indexOf("--disk-bus");
        words.set(at + 1, "ide");
        assertThatThrownBy(() -> Options.of(words)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("virtio or nvme, and not ide");
        words.subList(at, at + 2).clear();
        assertThat(Options.of(words)).isEqualTo(options(MachinePlan.Attachment.VIRTIO));
        words.subList(0, 2).clear();
        assertThatThrownBy(() -> Options.of(words)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("is needed");
    }
}
