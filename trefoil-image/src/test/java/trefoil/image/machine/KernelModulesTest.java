package trefoil.image.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Modules of a made-up kernel, whose files say what they depend on as real ones do. */
class KernelModulesTest {
    @TempDir
    Path directory;

    private static byte[] module(String depends) {
        return ("ELF\0license=GPL\0depends=" + depends + "\0retpoline=Y\0").getBytes(StandardCharsets.ISO_8859_1);
    }

    private void file(String name, byte[] content) throws IOException {
        Path file = directory.resolve("kernel").resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private static byte[] xz(byte[] data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (XZOutputStream xz = new XZOutputStream(out, new LZMA2Options())) {
            xz.write(data);
        }
        return out.toByteArray();
    }

    @Test
    void whatIsNeededComesFirstOnceAndDecompressed() throws Exception {
        file("net/virtio_net.ko.xz", xz(module("virtio-ring,net_failover")));
        file("net/net_failover.ko", module("failover"));
        file("net/failover.ko", module(""));
        file("virtio/virtio-ring.ko.xz", xz(module("")));
        file("virtio/virtio_pci.ko", module("virtio_ring"));
        file("virtio/other.ko", module(""));
        Map<String, byte[]> closure = new KernelModules(directory).closure(List.of("virtio_net", "virtio_pci", "ext4"));
        assertThat(closure.keySet()).containsExactly("virtio_ring", "failover", "net_failover", "virtio_net", "virtio_pci");
        assertThat(closure.get("virtio_ring")).isEqualTo(module(""));
    }

    @Test
    void aRingOfDependenciesEnds() throws Exception {
        file("a.ko", module("b"));
        file("b.ko", module("a"));
        assertThat(new KernelModules(directory).closure(List.of("a")).keySet()).containsExactly("b", "a");
    }

    @Test
    void versionsCompareByTheirNumbers() {
        assertThat(MachineImages.compareVersions("6.1.0-56-cloud-amd64", "6.1.0-9-cloud-amd64")).isPositive();
        assertThat(MachineImages.compareVersions("6.12.43+deb13-cloud-amd64", "6.1.0-56-cloud-amd64")).isPositive();
        assertThat(MachineImages.compareVersions("6.1.0-56-cloud-amd64", "6.1.0-56-cloud-amd64")).isZero();
    }
}
