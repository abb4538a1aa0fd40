package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An OCI image archive, made here, from its file to the process that runs. */
@Order(17)
class OciTest {
    private static final String ENTRY = "#!/bin/sh\necho entry $0 \"$@\"\necho greeting $GREETING\necho pid $$\nwhile :; do sleep 1; done\n";
    private final Host host = Host.shared();

    /** An image layout in the making: OCI Image Format Specification, "image-layout". */
    private static final class Layout {
        private final Path directory;
        private final List<String> layers = new ArrayList<>();
        private final List<String> diffIds = new ArrayList<>();

        Layout(Path directory) throws IOException {
            this.directory = Files.createDirectories(directory);
            Files.createDirectories(directory.resolve("blobs/sha256"));
        }

        private String blob(byte[] octets) throws IOException {
            try {
                String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
                Files.write(directory.resolve("blobs/sha256").resolve(digest), octets);
                return "\"digest\":\"sha256:" + digest + "\",\"size\":" + octets.length;
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }

        void layer(byte[] tar) throws IOException {
            String blob = blob(tar);
            layers.add("{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\"," + blob + "}");
            diffIds.add(blob.substring("\"digest\":".length(), blob.indexOf(",\"size\"")));
        }

        void finish(String config) throws IOException {
            String image = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":" + config + ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                    + String.join(",", diffIds) + "]}}";
            String manifest = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{"
                    + "\"mediaType\":\"application/vnd.oci.image.config.v1+json\"," + blob(image.getBytes(StandardCharsets.UTF_8))
                    + "},\"layers\":[" + String.join(",", layers) + "]}";
            Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
            Files.writeString(
                    directory.resolve("index.json"),
                    "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                            + blob(manifest.getBytes(StandardCharsets.UTF_8)) + "}]}");
        }
    }

    @Test
    void layersWhiteoutsEntrypointAndEnvironment(@TempDir Path files) throws IOException {
        Layout layout = new Layout(files.resolve("layout"));
        try (Guest model = Guest.launch(host, "busybox", "model")) {
            model.sh("mkdir -p /srv/full/deep /srv/kept && echo 1 > /srv/full/one && echo 2 > /srv/full/deep/two && echo k > /srv/kept/k && echo old > /srv/gone && echo 1 > /srv/changed");
            layout.layer(model.exec("sh", "-c", "cd / && tar -cf - $(ls | grep -v -x -e proc -e sys -e dev -e run)").ok().octets());
        }
        Path second = files.resolve("second");
        Files.createDirectories(second.resolve("srv/full"));
        Files.createDirectories(second.resolve("sbin"));
        Files.writeString(second.resolve("sbin/.wh.init"), "");
        Files.writeString(second.resolve("srv/.wh.gone"), "");
        Files.writeString(second.resolve("srv/full/.wh..wh..opq"), "");
        Files.writeString(second.resolve("srv/full/new"), "new\n");
        Files.writeString(second.resolve("srv/changed"), "2\n");
        Path entry = Files.writeString(second.resolve("entry"), ENTRY);
        assertThat(entry.toFile().setExecutable(true, false)).isTrue();
        layout.layer(tar(second));
        layout.finish("{\"Entrypoint\":[\"/entry\",\"one arg\"],\"Cmd\":[\"two\"],\"Env\":[\"PATH=/bin:/sbin:/usr/bin\",\"GREETING=hello there\"]}");
        Path archive = Files.write(files.resolve("image.tar"), tar(files.resolve("layout")));

        host.trefoil("image", "import", archive.toString(), "app").ok();
        try (Guest app = Guest.launch(host, "app", "app")) {
            assertThat(host.trefoil("logs", "app").ok().out()).contains("entry /entry one arg two", "greeting hello there", "pid 1");
            assertThat(app.sh("cat /srv/changed; ls /srv /srv/full; ls /sbin/init 2>&1 | tail -c 10")).isEqualTo(
                    "2\n/srv:\nchanged\nfull\nkept\n\n/srv/full:\nnew\ndirectory");
            assertThat(app.exec("sh", "-c", "find / -xdev -name '.wh*'").ok().out()).isEmpty();
            host.trefoil("restart", "app", "--force").ok();
            assertThat(app.sh("cat /srv/kept/k")).isEqualTo("k");
        }
        try (Guest other = Guest.launch(host, "app", "app2", "-e", "GREETING=changed", "--", "/entry", "mine")) {
            assertThat(host.trefoil("logs", other.name()).ok().out()).contains("entry /entry mine", "greeting changed").doesNotContain("two");
        }
        Path blob = Files.list(files.resolve("layout/blobs/sha256")).max(java.util.Comparator.comparingLong(file -> file.toFile().length())).orElseThrow();
        byte[] octets = Files.readAllBytes(blob);
        octets[octets.length / 2] ^= 1;
        Files.write(blob, octets);
        Files.write(archive, tar(files.resolve("layout")));
        assertThat(host.trefoil("image", "import", archive.toString(), "forged").exits(1).err()).contains("sha256", "error: ");
        host.trefoil("image", "delete", "app").ok();
    }

    private byte[] tar(Path directory) {
        return host.run(List.of("tar", "-C", directory.toString(), "--owner=0", "--group=0", "-cf", "-", "."), new byte[0]).ok().octets();
    }
}
