package trefoil.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.image.ImageException.Reason;
import trefoil.image.unpack.Bounds;

/** Archives that were made to do harm: each either is refused and leaves nothing, or does none. */
class HostileArchiveTest {
    @TempDir
    Path temp;

    Path outside;
    Path state;
    ImageStore store;

    @BeforeEach
    void open() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "unpacking owners and whiteouts needs root");
        outside = Files.writeString(temp.resolve("victim"), "untouched");
        state = temp.resolve("store");
        store = ImageStore.open(state);
    }

    @AfterEach
    void nothingStaged() throws IOException {
        if (store != null) {
            assertThat(outside).hasContent("untouched");
            assertThat(children(state.resolve("staging"))).isEmpty();
        }
    }

    private static List<String> children(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    private ImageException refused(byte[] archive) throws IOException {
        Path file = Files.write(temp.resolve("archive"), archive);
        ImageException e = catchThrowableOfType(ImageException.class, () -> store.importFile(file, "bad", Progress.NONE));
        assertThat(e).as("import must be refused").isNotNull();
        assertThat(children(state.resolve("layers"))).isEmpty();
        assertThat(store.list()).isEmpty();
        return e;
    }

    private Path imported(Rootfs rootfs) throws IOException {
        StoredImage image = store.importFile(rootfs.write(temp.resolve("archive")), "good", Progress.NONE);
        return image.layers().getFirst();
    }

    private void refusedAsBad(byte[] archive, String words) throws IOException {
        ImageException e = refused(archive);
        assertThat(e.reason()).isEqualTo(Reason.BAD_IMAGE);
        assertThat(e).hasMessageContaining(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../victim", "etc/../../victim", "a/b/../../../victim", ".."})
    void namesThatLeadOut(String name) throws IOException {
        refusedAsBad(Rootfs.small().put(preserved(name), "x".getBytes(StandardCharsets.UTF_8)).tar(), "leads out");
    }

    private static TarArchiveEntry preserved(String name) {
        return new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
    }

    @Test
    void absoluteNames() throws IOException {
        refusedAsBad(Rootfs.small().put(preserved(outside.toString()), new byte[1]).tar(), "absolute name");
    }

    @Test
    void plantedLinkToAnAbsoluteDirectoryStaysInside() throws IOException {
        Path layer = imported(Rootfs.small().symlink("evil", temp.toString()).file("evil/victim", "harm"));
        assertThat(layer.resolve(temp.toString().substring(1)).resolve("victim")).hasContent("harm");
    }

    @Test
    void plantedLinkUpwardsStaysInside() throws IOException {
        Path layer = imported(Rootfs.small().symlink("evil", "../../../../../../..").file("evil/victim", "harm"));
        assertThat(layer.resolve("victim")).hasContent("harm");
    }

    @Test
    void chainOfLinksStaysInside() throws IOException {
        Path layer = imported(Rootfs.small()
                .symlink("a", "b/..")
                .symlink("b", "/")
                .symlink("c", "a/../../../..")
                .file("c/victim", "harm"));
        assertThat(layer.resolve("victim")).hasContent("harm");
    }

    @Test
    void writingThroughAPlantedLinkReplacesTheLink() throws IOException {
        Path layer = imported(Rootfs.small().symlink("etc/passwd", outside.toString()).file("etc/passwd", "harm"));
        assertThat(layer.resolve("etc/passwd")).isRegularFile().hasContent("harm");
        assertThat(Files.isSymbolicLink(layer.resolve("etc/passwd"))).isFalse();
    }

    @Test
    void hardLinkUpwards() throws IOException {
        refusedAsBad(Rootfs.small().hardLink("etc/x", "../../../victim").tar(), "leads out");
    }

    @Test
    void hardLinkToAnAbsoluteFile() throws IOException {
        refusedAsBad(Rootfs.small().hardLink("etc/x", outside.toString()).tar(), "absolute name");
    }

    @Test
    void hardLinkThroughAPlantedLink() throws IOException {
        refusedAsBad(
                Rootfs.small().symlink("evil", temp.toString()).hardLink("etc/x", "evil/victim").tar(), "no file that it brought");
    }

    @Test
    void hardLinkToAPlantedLinkDoesNotFollowIt() throws IOException {
        Path layer = imported(Rootfs.small()
                .symlink("evil", outside.toString())
                .hardLink("copy", "evil")
                .file("evil", "harm"));
        assertThat(Files.isSymbolicLink(layer.resolve("copy"))).isTrue();
    }

    @Test
    void hardLinkToADirectoryOrItself() throws IOException {
        refusedAsBad(Rootfs.small().hardLink("x", "etc").tar(), "no file that it brought");
        refusedAsBad(Rootfs.small().hardLink("x", "x").tar(), "no file that it brought");
        Path layer = imported(Rootfs.small().hardLink("etc/os-release", "etc/os-release"));
        assertThat(layer.resolve("etc/os-release")).content().contains("Tiny");
    }

    @Test
    void linksInACircle() throws IOException {
        refusedAsBad(Rootfs.small().symlink("a", "b").symlink("b", "a").file("a/x", "").tar(), "name that no file can have");
        refusedAsBad(Rootfs.small().symlink("a", "b/c").symlink("b", "a/c").file("a/x", "").tar(), "");
    }

    @Test
    void fileUsedAsADirectory() throws IOException {
        refusedAsBad(Rootfs.small().file("etc/os-release/x", "").tar(), "uses a file as a directory");
    }

    @Test
    void deviceNodesAreLeftOutWithANote() throws IOException {
        Path layer = imported(Rootfs.small()
                .device("dev/sda", TarConstants.LF_BLK)
                .device("dev/mem", TarConstants.LF_CHR));
        assertThat(layer.resolve("dev/sda")).doesNotExist();
        assertThat(layer.resolve("dev/mem")).doesNotExist();
        assertThat(store.notes("good")).singleElement().asString().contains("device nodes left out").contains(": 2,");
    }

    @Test
    void setUserIdAndOwnersAreKeptInAPrivateStore() throws IOException {
        TarArchiveEntry su = preserved("bin/su");
        su.setMode(0104755);
        su.setIds(0, 42);
        Path layer = imported(Rootfs.small().put(su, new byte[3]));
        assertThat(Files.getAttribute(layer.resolve("bin/su"), "unix:mode")).isEqualTo(0104755);
        assertThat(Files.getAttribute(layer.resolve("bin/su"), "unix:gid")).isEqualTo(42);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state))).isEqualTo("rwx------");
    }

    @Test
    void ownersBeyondTheRangeBecomeNobodyWithANote() throws IOException {
        TarArchiveEntry far = preserved("etc/far");
        far.setIds(1_896_053_708, 70_000);
        Path layer = imported(Rootfs.small().put(far, new byte[0]));
        assertThat(Files.getAttribute(layer.resolve("etc/far"), "unix:uid")).isEqualTo(65534);
        assertThat(Files.getAttribute(layer.resolve("etc/far"), "unix:gid")).isEqualTo(65534);
        assertThat(store.notes("good")).singleElement().asString().contains("beyond 65535").contains("etc/far");
    }

    @Test
    void trustedAttributesWouldSteerTheHostsOverlay() throws IOException {
        refusedAsBad(
                Rootfs.small().attributes("etc/x", "", Map.of("SCHILY.xattr.trusted.overlay.redirect", "/etc")).tar(),
                "trusted.overlay.redirect");
        String encoded = Base64.getEncoder().encodeToString("y".getBytes(StandardCharsets.UTF_8));
        refusedAsBad(
                Rootfs.small().attributes("etc/x", "", Map.of("LIBARCHIVE.xattr.trusted%2eoverlay.opaque", encoded)).tar(),
                "trusted.overlay.opaque");
    }

    @Test
    void fileCapabilitiesAreKeptUnlessMalformed() throws IOException {
        byte[] capability = new byte[20];
        capability[0] = 1;
        capability[3] = 2;
        capability[5] = 0x20; // CAP_NET_RAW
        String raw = new String(capability, StandardCharsets.UTF_8);
        Path layer = imported(Rootfs.small().attributes("bin/ping", "p", Map.of("SCHILY.xattr.security.capability", raw)));
        assertThat(Files.readAllBytes(layer.resolve("bin/ping"))).hasSize(1);
        store.delete("good");
        refusedAsBad(Rootfs.small().attributes("bin/x", "", Map.of("SCHILY.xattr.security.capability", "abc")).tar(), "malformed security.capability");
    }

    @Test
    void compressionBomb() throws IOException {
        store = ImageStore.open(state, new Bounds(1L << 40, 1000, 100, 50, 1 << 20));
        byte[] zeros = Rootfs.small().put(preserved("zeros"), new byte[8 << 20]).tar();
        refusedAsBad(Rootfs.gzip(zeros), "decompression bomb");
        refusedAsBad(Rootfs.xz(zeros), "decompression bomb");
        refusedAsBad(Rootfs.zstd(zeros), "decompression bomb");
    }

    @Test
    void bombOfZerosAfterTheEnd() throws IOException {
        byte[] padded = Arrays.copyOf(Rootfs.small().tar(), 20 << 20);
        refusedAsBad(Rootfs.gzip(padded), "zeros after the end");
    }

    @Test
    void moreBytesOrMembersThanTheBounds() throws IOException {
        store = ImageStore.open(state, new Bounds(100_000, 10, 5, 200, 1 << 20));
        refusedAsBad(Rootfs.small().put(preserved("big"), new byte[200_000]).tar(), "unpacks to more than");
        Rootfs many = Rootfs.small();
        for (int i = 0; i < 20; i++) {
            many.file("etc/" + i, "");
        }
        refusedAsBad(many.tar(), "more than 10 members");
        Rootfs directories = Rootfs.small();
        for (int i = 0; i < 5; i++) {
            directories.directory("d" + i + "/");
        }
        refusedAsBad(directories.tar(), "more than 5 directories");
    }

    private static byte[] sparse(long size) {
        byte[] map = Arrays.copyOf("1\n0\n0\n".getBytes(StandardCharsets.UTF_8), 512);
        return Rootfs.small()
                .extended(Map.of(
                        "GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.name", "etc/giant",
                        "GNU.sparse.realsize", Long.toString(size)))
                .put(preserved("etc/GNUSparseFile.0/giant"), map)
                .tar();
    }

    @Test
    void sparseGiantIsRefusedBeforeItIsMade() throws IOException {
        refusedAsBad(sparse(1L << 50), "unpacks to more than");
    }

    @Test
    void sizeBeyondTheDiskIsADiskFull() throws IOException {
        Assumptions.assumeTrue(Files.getFileStore(temp).getUsableSpace() < 1L << 39, "the disk is larger than the test expects");
        assertThat(refused(sparse(1L << 39)).reason()).isEqualTo(Reason.DISK_FULL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5\n", "1\n0\n9\n", "-1\n", "2\n4\n4\n0\n4\n", "99999999999999999999\n", "x"})
    void senselessSparseMaps(String map) throws IOException {
        byte[] data = Arrays.copyOf(map.getBytes(StandardCharsets.UTF_8), 520);
        Rootfs rootfs = Rootfs.small()
                .extended(Map.of("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "100"))
                .put(preserved("etc/x"), data);
        refusedAsBad(rootfs.tar(), "sparse map");
    }

    @Test
    void cutOffAnywhere() throws IOException {
        byte[] whole = Rootfs.small().file("etc/more", "x".repeat(3000)).tar();
        int end = whole.length;
        while (whole[end - 1] == 0) {
            end--;
        }
        for (int length = 0; length < end; length += 1021) {
            refusedAsBad(Arrays.copyOf(whole, length), "");
        }
        for (byte[] packed : List.of(Rootfs.gzip(whole), Rootfs.xz(whole), Rootfs.zstd(whole))) {
            for (int length = 1; length < packed.length; length += 97) {
                refusedAsBad(Arrays.copyOf(packed, length), "");
            }
        }
    }

    @Test
    void garbageAfterTheEnd() throws IOException {
        byte[] whole = Rootfs.small().tar();
        byte[] more = Arrays.copyOf(whole, whole.length + 700);
        more[whole.length + 600] = 7;
        refusedAsBad(more, "data after the end");
        byte[] packed = Rootfs.gzip(whole);
        byte[] behind = Arrays.copyOf(packed, packed.length + 10);
        behind[packed.length + 3] = 7;
        refusedAsBad(behind, "gzip: data after the end");
    }

    @Test
    void everyFlippedHeaderBitIsNoticedOrHarmless() throws IOException {
        byte[] whole = Rootfs.small().tar();
        for (int i = 0; i < 512; i += 7) {
            byte[] flipped = whole.clone();
            flipped[i] ^= 1;
            refusedAsBad(flipped, "");
        }
    }

    @ParameterizedTest
    @CsvSource({"300,255 bytes", "3500,directories"})
    void namesTooLong(int length, String words) throws IOException {
        String name = length < 1000 ? "n".repeat(length) : "d/".repeat(length / 2) + "x";
        refusedAsBad(Rootfs.small().file(name, "").tar(), words);
    }

    @Test
    void depthByWayOfLinks() throws IOException {
        Rootfs deep = Rootfs.small();
        String step = "d/".repeat(150);
        deep.file(step + "x", "").symlink("l", step);
        deep.file("l/" + step + "x", "");
        refusedAsBad(deep.tar(), "deeper than Trefoil takes");
    }

    @Test
    void oddNamesAreKeptAndShownSafely() throws IOException {
        Path layer = imported(Rootfs.small().file("etc/new\nline", "a").file("etc/\u001b[31mred", "b").file("etc/Name", "c").file("etc/name", "d"));
        assertThat(children(layer.resolve("etc"))).contains("new\nline", "\u001b[31mred", "Name", "name");
        store.delete("good");
        ImageException e = refused(Rootfs.small().file("\u001b]0;owned\u0007/../x\n", "").tar());
        assertThat(e.getMessage()).contains("\\x1b").doesNotContain("\u001b").doesNotContain("\n");
    }

    @Test
    void laterOfTwoMembersCounts() throws IOException {
        Path layer = imported(Rootfs.small()
                .file("etc/twice", "first")
                .hardLink("etc/other", "etc/twice")
                .file("etc/twice", "second")
                .directory("opt/")
                .file("opt/x", "")
                .symlink("opt", "etc")
                .directory("srv/")
                .directory("srv/"));
        assertThat(layer.resolve("etc/twice")).hasContent("second");
        assertThat(layer.resolve("etc/other")).hasContent("first");
        assertThat(Files.isSymbolicLink(layer.resolve("opt"))).isTrue();
    }

    @Test
    void metadataHeadersWithoutEnd() throws IOException {
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        byte[] header = new byte[512];
        byte[] one = Rootfs.small().attributes("etc/x", "", Map.of("comment", "y")).tar();
        for (int i = 0; i + 512 <= one.length; i += 512) {
            if (one[i + 156] == 'x' && one[i + 257] == 'u') {
                header = Arrays.copyOfRange(one, i, i + 1024);
                break;
            }
        }
        for (int i = 0; i < 100; i++) {
            many.write(header);
        }
        refusedAsBad(many.toByteArray(), "headers that describe nothing");
    }

    @ParameterizedTest
    @CsvSource({
        "0,514649fb,qcow2", "32769,4344303031,ISO 9660", "0,4b444d56,VMDK", "0,7f454c46,ELF", "0,68737173,squashfs",
        "514,48647253,Linux kernel", "0,504b0304,ZIP", "510,55aa,boot sector", "512,4546492050415254,GPT", "0,425a68,bzip2",
        "1080,53ef,ext2/3/4", "0,4d5a,Windows", "0,7668647866696c65,VHDX", "0,636f6e6563746978,VHD"
    })
    void otherFormatsAreNamed(int offset, String magic, String words) throws IOException {
        byte[] file = new byte[70_000];
        byte[] bytes = java.util.HexFormat.of().parseHex(magic);
        System.arraycopy(bytes, 0, file, offset, bytes.length);
        refusedAsBad(file, words);
        refusedAsBad(Rootfs.gzip(file), "inside gzip, ");
        ImageException e = refused(Rootfs.zstd(file));
        assertThat(e).hasMessageContaining(words);
        assertThat(e.next()).isNotBlank();
    }

    @Test
    void emptyAndSenseless() throws IOException {
        refusedAsBad(new byte[0], "empty");
        refusedAsBad(new byte[100_000], "neither a tar archive");
        refusedAsBad("just some words\n".repeat(100).getBytes(StandardCharsets.UTF_8), "neither a tar archive");
        refusedAsBad(new Rootfs().tar(), "neither a tar archive");
    }

    @Test
    void archivesThatHoldNoRoot() throws IOException {
        refusedAsBad(new Rootfs().file("disk.raw", "x").tar(), "disk of a whole machine");
        refusedAsBad(new Rootfs().file("metadata.yaml", "x").directory("rootfs/").directory("rootfs/etc/").tar(), "below rootfs/");
        refusedAsBad(new Rootfs().file("README", "x").tar(), "none of /bin");
        refusedAsBad(new Rootfs().symlink("etc", "nowhere").tar(), "none of /bin");
    }

    @Test
    void fileThatIsNotThereOrNoFile() {
        ImageException absent = catchThrowableOfType(ImageException.class, () -> store.importFile(temp.resolve("absent"), null, Progress.NONE));
        assertThat(absent.reason()).isEqualTo(Reason.NOT_FOUND);
        ImageException device = catchThrowableOfType(ImageException.class, () -> store.importFile(Path.of("/dev/zero"), null, Progress.NONE));
        assertThat(device.reason()).isEqualTo(Reason.BAD_IMAGE);
        ImageException directory = catchThrowableOfType(ImageException.class, () -> store.importFile(temp, null, Progress.NONE));
        assertThat(directory).hasMessageContaining("no OCI image layout");
    }

    @Test
    void linksAreNotFollowedWhenTheStoreIsCleaned() throws IOException {
        Path left = Files.createDirectories(state.resolve("staging/crashed/deep"));
        Files.createSymbolicLink(left.resolve("link"), temp);
        Files.createDirectories(state.resolve("layers/" + "0".repeat(64)));
        store = ImageStore.open(state);
        assertThat(children(state.resolve("layers"))).isEmpty();
        assertThat(Files.exists(left, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }
}
