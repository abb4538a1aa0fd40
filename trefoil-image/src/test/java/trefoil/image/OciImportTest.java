package trefoil.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.image.ImageException.Reason;
import trefoil.image.unpack.MergedTree;

class OciImportTest {
    @TempDir
    Path temp;

    Path state;
    ImageStore store;

    @BeforeEach
    void open() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "whiteouts need root");
        state = temp.resolve("store");
        store = ImageStore.open(state);
    }

    private StoredImage imported(OciLayout layout) throws IOException {
        return store.importFile(layout.directory(Files.createTempDirectory(temp, "oci")), "oci", Progress.NONE);
    }

    private void refused(OciLayout layout, String words) throws IOException {
        Path directory = layout.directory(Files.createTempDirectory(temp, "oci"));
        Path archive = Files.write(temp.resolve("archive.tar"), layout.archive());
        for (Path file : List.of(directory, archive)) {
            ImageException e = catchThrowableOfType(ImageException.class, () -> store.importFile(file, null, Progress.NONE));
            assertThat(e).as("must be refused: %s", file).isNotNull().hasMessageContaining(words);
            assertThat(e.reason()).isEqualTo(Reason.BAD_IMAGE);
            assertThat(state.resolve("layers")).isEmptyDirectory();
            assertThat(state.resolve("staging")).isEmptyDirectory();
            assertThat(store.list()).isEmpty();
        }
    }

    private static OciLayout small() {
        return new OciLayout().layer(Rootfs.small());
    }

    @Test
    void layersGzipZstdAndPlainWithTheirProcess() throws Exception {
        byte[] base = Rootfs.small().tar();
        byte[] second = new Rootfs().file("etc/second", "2").tar();
        byte[] third = new Rootfs().file("etc/third", "3").tar();
        OciLayout layout = new OciLayout()
                .layer(Rootfs.gzip(base), base, "+gzip")
                .layer(Rootfs.zstd(second), second, "+zstd")
                .layer(third, third, "")
                .whole();
        StoredImage image = imported(layout);
        assertThat(image.digests().getFirst()).isEqualTo("sha256:" + OciLayout.sha256(base));
        assertThat(image.layers()).hasSize(3).allSatisfy(l -> assertThat(l).isDirectory());
        assertThat(image.command()).containsExactly("/bin/tool", "-x", "sh");
        assertThat(image.environment()).isEqualTo(Map.of("PATH", "/bin", "A", "b=c"));
        assertThat(image.source()).isEqualTo("oci");
        assertThat(image.user()).isEqualTo("app");
        assertThat(image.workingDirectory()).isEqualTo("/srv");

        for (byte[] archive : List.of(layout.archive(), Rootfs.gzip(layout.archive()), Rootfs.xz(layout.archive()))) {
            Path file = Files.write(temp.resolve("archive"), archive);
            assertThat(store.importFile(file, "again", Progress.NONE).fingerprint()).isEqualTo(image.fingerprint());
        }
    }

    @Test
    void commandIsEmptyWhereThereIsAnInit() throws Exception {
        assertThat(imported(new OciLayout().layer(Rootfs.small().directory("sbin/").symlink("sbin/init", "/bin/sh")).whole()).command()).isEmpty();
    }

    @Test
    void whiteoutsHideWhatIsBelowAsOverlayfsWantsIt() throws Exception {
        StoredImage image = imported(new OciLayout()
                .layer(Rootfs.small().file("etc/gone", "x").directory("opt/").directory("opt/old/").file("opt/old/a", "").directory("srv/").file("srv/x", ""))
                .layer(new Rootfs()
                        .file("etc/.wh.gone", "").file("etc/.wh.never", "")
                        .directory("opt/").directory("opt/old/").file("opt/old/.wh..wh..opq", "").file("opt/old/b", "")
                        .file(".wh.srv", "").directory("srv/").file("srv/y", ""))
                .whole());
        Path upper = image.layers().getLast();
        assertThat(Files.getAttribute(upper.resolve("etc/gone"), "unix:rdev")).isEqualTo(0L);
        assertThat((int) Files.getAttribute(upper.resolve("etc/gone"), "unix:mode") & 0170000).isEqualTo(0020000);
        assertThat(upper.resolve("etc/never")).doesNotExist();
        assertThat(upper.resolve("etc/.wh.gone")).doesNotExist();
        try (MergedTree tree = new MergedTree(image.layers())) {
            assertThat(tree.resolve("etc/gone")).isNull();
            assertThat(tree.resolve("opt/old/a")).isNull();
            assertThat(tree.resolve("opt/old/b")).isNotNull();
            assertThat(tree.resolve("srv/x")).isNull();
            assertThat(tree.resolve("srv/y")).isNotNull();
        }
        assertThat(overlay(image)).containsExactly("b", "y");
    }

    /** The kernel's own opinion: names in /opt/old and /srv, and that /etc/gone is gone. */
    private List<String> overlay(StoredImage image) throws Exception {
        Path mount = Files.createDirectory(temp.resolve("merged"));
        String lower = String.join(":", image.layers().reversed().stream().map(Path::toString).toList());
        Process p = new ProcessBuilder("unshare", "--mount", "sh", "-ec",
                        "mount -t overlay -o lowerdir=\"$1\" overlay \"$2\"; test ! -e \"$2/etc/gone\"; ls \"$2/opt/old\" \"$2/srv\" | grep -v : | grep .",
                        "sh", lower, mount.toString())
                .redirectErrorStream(true).start();
        List<String> lines = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertThat(p.waitFor()).as("%s", lines).isZero();
        return lines;
    }

    @Test
    void exportMergesTheLayersAndComesBackTheSame() throws Exception {
        StoredImage image = imported(new OciLayout()
                .layer(Rootfs.small().file("etc/gone", "x").hardLink("etc/link", "bin/sh"))
                .layer(new Rootfs().file("etc/.wh.gone", "").symlink("etc/s", "../x").file("etc/" + "n".repeat(150), "long"))
                .whole());
        byte[][] exports = new byte[2][];
        for (int i = 0; i < 2; i++) {
            java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
            store.export(image.fingerprint().substring(0, 12), out, Progress.NONE);
            exports[i] = out.toByteArray();
        }
        assertThat(exports[0]).isEqualTo(exports[1]);
        Path layer = store.importFile(Files.write(temp.resolve("e.tar.zst"), exports[0]), "flat", Progress.NONE).layers().getFirst();
        assertThat(layer.resolve("etc/gone")).doesNotExist();
        assertThat(layer.resolve("etc/" + "n".repeat(150))).hasContent("long");
        assertThat(Files.getAttribute(layer.resolve("etc/link"), "unix:nlink")).isEqualTo(2);
        assertThat(Files.readSymbolicLink(layer.resolve("etc/s"))).hasToString("../x");
    }

    @Test
    void entriesBelowALinkOfALowerLayerGoWhereItLeads() throws Exception {
        StoredImage image = imported(new OciLayout()
                .layer(Rootfs.small().directory("usr/").directory("usr/lib/").symlink("lib", "usr/lib"))
                .layer(new Rootfs().file("lib/module", "m"))
                .whole());
        assertThat(image.layers().getLast().resolve("usr/lib/module")).hasContent("m");
        assertThat(image.digests().getLast()).doesNotContain(OciLayout.sha256(new Rootfs().file("lib/module", "m").tar()));
    }

    @Test
    void impliedDirectoriesTakeTheirModeFromBelow() throws Exception {
        org.apache.commons.compress.archivers.tar.TarArchiveEntry secret = new org.apache.commons.compress.archivers.tar.TarArchiveEntry("root/");
        secret.setMode(040700);
        StoredImage image = imported(new OciLayout().layer(Rootfs.small().put(secret, new byte[0])).layer(new Rootfs().file("root/x", "")).whole());
        assertThat((int) Files.getAttribute(image.layers().getLast().resolve("root"), "unix:mode") & 07777).isEqualTo(0700);
    }

    @Test
    void sharedLayersLiveUntilTheLastImageGoes() throws Exception {
        StoredImage one = imported(small().layer(new Rootfs().file("etc/one", "1")).whole());
        StoredImage two = store.importFile(
                small().layer(new Rootfs().file("etc/two", "2")).whole().directory(temp.resolve("second")), "second", Progress.NONE);
        assertThat(one.layers().getFirst()).isEqualTo(two.layers().getFirst());
        store.delete("oci");
        assertThat(one.layers().getLast()).doesNotExist();
        assertThat(two.layers()).allSatisfy(l -> assertThat(l).isDirectory());
        store.delete(two.fingerprint());
        assertThat(state.resolve("layers")).isEmptyDirectory();
        assertThat(state.resolve("staging")).isEmptyDirectory();
        assertThat(catchThrowableOfType(ImageException.class, () -> store.delete("oci")).reason()).isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void manifestOfThisPlatformIsChosenOutOfNestedIndexes() throws Exception {
        OciLayout layout = small();
        String mine = layout.descriptor("\"os\":\"linux\",\"architecture\":\"amd64\"");
        String arm = mine.replace("amd64", "arm64");
        String unknown = mine.replace("\"linux\"", "\"unknown\"").replace("amd64", "unknown");
        String newer = mine.replace("\"architecture\":\"amd64\"", "\"architecture\":\"amd64\",\"variant\":\"v3\"");
        String nested = "{\"mediaType\":\"application/vnd.oci.image.index.v1+json\"," + layout.blob(OciLayout.utf8(
                "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", arm, unknown, newer, mine) + "]}")) + "}";
        assertThat(imported(layout.index(nested)).digests()).hasSize(1);
        store.delete("oci");
        refused(small().index(arm), "it is for linux/arm64");
    }

    @Test
    void dockerArchive() throws Exception {
        byte[] tar = Rootfs.small().tar();
        OciLayout docker = new OciLayout().layer(tar, tar, "");
        String config = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                + docker.diffIds.getFirst() + "]}}";
        docker.files.clear();
        docker.files.put("0".repeat(64) + "/layer.tar", tar);
        docker.files.put("config.json", OciLayout.utf8(config));
        docker.files.put("manifest.json", OciLayout.utf8("[{\"Config\":\"config.json\",\"RepoTags\":[\"tiny:1\"],\"Layers\":[\"" + "0".repeat(64) + "/layer.tar\"]}]"));
        Path file = Files.write(temp.resolve("docker.tar"), docker.archive());
        assertThat(store.importFile(file, "d", Progress.NONE).command()).containsExactly("/bin/sh");
        store.delete("d");
        docker.files.put("0".repeat(64) + "/layer.tar", new Rootfs().directory("etc/").tar());
        Files.write(file, docker.archive());
        assertThat(catchThrowableOfType(ImageException.class, () -> store.importFile(file, "d", Progress.NONE))).hasMessageContaining("not what its digest says");
    }

    @Test
    void wrongDigestsAndSizes() throws Exception {
        OciLayout flipped = small().whole();
        flipped.files.replaceAll((name, data) -> {
            byte[] copy = data.clone();
            if (name.startsWith("blobs/") && data.length > 2000) {
                copy[1500] ^= 1;
            }
            return copy;
        });
        refused(flipped, "");
        OciLayout longer = small().whole();
        longer.files.replaceAll((name, data) -> name.startsWith("blobs/") ? java.util.Arrays.copyOf(data, data.length + 1) : data);
        refused(longer, "bytes where");
        OciLayout lacking = small().whole();
        lacking.files.keySet().removeIf(name -> lacking.files.get(name).length > 2000);
        refused(lacking, "lacks its layer");
        OciLayout other = small();
        other.diffIds.set(0, "\"sha256:" + "0".repeat(64) + "\"");
        refused(other.whole(), "not what its digest says");
        OciLayout fewer = small();
        fewer.diffIds.clear();
        refused(fewer.whole(), "names 0");
        OciLayout config = small().whole();
        config.files.replaceAll((name, data) -> name.startsWith("blobs/") && new String(data, StandardCharsets.UTF_8).startsWith("{\"arch")
                ? OciLayout.utf8(new String(data, StandardCharsets.UTF_8).replace("tool", "evil")) : data);
        refused(config, "not what its digest says");
    }

    @Test
    void foreignPlatforms() throws Exception {
        OciLayout arm = small();
        arm.architecture = "arm64";
        refused(arm.whole(), "linux/arm64");
        OciLayout windows = small();
        windows.os = "windows";
        refused(windows.whole(), "windows/amd64");
    }

    @Test
    void hostileDocuments() throws Exception {
        OciLayout deep = small().whole();
        deep.files.put("index.json", OciLayout.utf8("{\"manifests\":" + "[".repeat(100_000)));
        refused(deep, "nested deeper");
        OciLayout large = small().whole();
        large.files.put("index.json", OciLayout.utf8("{\"x\":\"" + "y".repeat(5 << 20) + "\"}"));
        refused(large, "reads up to");
        for (String index : List.of("", "[]", "{\"manifests\":{}}", "{\"manifests\":[1]}", "{\"manifests\":[{}]}", "nul", "{\"manifests\":[{\"digest\":1}]}", "{\"a\":}")) {
            OciLayout odd = small().whole();
            odd.files.put("index.json", OciLayout.utf8(index));
            refused(odd, "");
        }
        OciLayout path = small().whole();
        path.files.put("index.json", OciLayout.utf8(
                "{\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:../../../etc/passwd\",\"size\":1}]}"));
        refused(path, "for a digest");
        OciLayout huge = small().whole();
        huge.files.replaceAll((name, data) -> name.equals("index.json")
                ? OciLayout.utf8(new String(data, StandardCharsets.UTF_8).replaceAll("\"size\":\\d+", "\"size\":1e300")) : data);
        refused(huge, "whole number");
        OciLayout version = small().whole();
        version.files.put("oci-layout", OciLayout.utf8("{\"imageLayoutVersion\":\"9\"}"));
        refused(version, "version");
        OciLayout environment = small();
        environment.configMembers = "\"Env\":[\"no assignment\"]";
        refused(environment.whole(), "no assignment");
        OciLayout artifact = small().whole();
        artifact.files.clear();
        OciLayout encrypted = new OciLayout();
        byte[] tar = Rootfs.small().tar();
        refused(encrypted.layer(tar, tar, "+gzip+encrypted").whole(), "cannot unpack");
    }

    @Test
    void hostileWhiteouts() throws Exception {
        refused(small().layer(new Rootfs().file("etc/.wh...", "")).whole(), "whiteout of nothing");
        refused(small().layer(new Rootfs().file("etc/.wh.", "")).whole(), "whiteout of nothing");
        refused(small().layer(new Rootfs().file(".wh.etc/x", "")).whole(), "whiteout as a directory");
        refused(small().layer(new Rootfs().file("../.wh.victim", "")).whole(), "leads out");
    }

    @Test
    void linkPlantedInALayoutDirectoryIsNotFollowed() throws Exception {
        OciLayout layout = small().whole();
        Path directory = layout.directory(temp.resolve("linked"));
        Path index = directory.resolve("index.json");
        Files.move(index, temp.resolve("elsewhere"), StandardCopyOption.REPLACE_EXISTING);
        Files.createSymbolicLink(index, temp.resolve("elsewhere"));
        assertThat(catchThrowableOfType(ImageException.class, () -> store.importFile(directory, null, Progress.NONE))).hasMessageContaining("symbolic link");
    }

    @Test
    void archiveWithoutAnIndexOrCutOff() throws Exception {
        OciLayout layout = small().whole();
        byte[] whole = layout.archive();
        for (int length = 513; length < whole.length - 1024; length += 1013) {
            Path file = Files.write(temp.resolve("cut"), java.util.Arrays.copyOf(whole, length));
            assertThat(catchThrowableOfType(ImageException.class, () -> store.importFile(file, null, Progress.NONE)).reason()).isEqualTo(Reason.BAD_IMAGE);
        }
        layout.files.remove("index.json");
        refusedArchive(layout, "neither index.json");
        try (Stream<Path> staged = Files.list(state.resolve("staging"))) {
            assertThat(staged).isEmpty();
        }
    }

    private void refusedArchive(OciLayout layout, String words) throws IOException {
        Path file = Files.write(temp.resolve("archive.tar"), layout.archive());
        assertThat(catchThrowableOfType(ImageException.class, () -> store.importFile(file, null, Progress.NONE))).hasMessageContaining(words);
    }
}
