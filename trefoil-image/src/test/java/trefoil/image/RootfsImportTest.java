package trefoil.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Well-meant tarballs: what comes out is what went in. */
class RootfsImportTest {
    @TempDir
    Path temp;

    ImageStore store;

    @BeforeEach
    void open() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "unpacking owners needs root");
        store = ImageStore.open(temp.resolve("store"));
    }

    private static String sha256(byte[] data) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    }

    @Test
    void layerIsNamedByTheUncompressedArchiveWhateverTheCompression() throws Exception {
        byte[] tar = Rootfs.small().tar();
        StoredImage plain = store.importFile(Files.write(temp.resolve("a.tar"), tar), "plain", Progress.NONE);
        StoredImage gz = store.importFile(Files.write(temp.resolve("named-wrongly.xz"), Rootfs.gzip(tar)), "gz", Progress.NONE);
        StoredImage xz = store.importFile(Files.write(temp.resolve("x"), Rootfs.xz(tar)), "xz", Progress.NONE);
        StoredImage zstd = store.importFile(Files.write(temp.resolve("y.zip"), Rootfs.zstd(tar)), "zstd", Progress.NONE);

        assertThat(plain.digests()).containsExactly("sha256:" + sha256(tar));
        assertThat(List.of(gz, xz, zstd)).extracting(StoredImage::fingerprint).containsOnly(plain.fingerprint());
        assertThat(store.list()).singleElement().satisfies(image -> {
            assertThat(image.aliases()).containsExactly("gz", "plain", "xz", "zstd");
            assertThat(image.os()).isEqualTo("Tiny 1");
            assertThat(image.osId()).isEqualTo("tiny");
            assertThat(image.source()).isEqualTo("tarball");
            assertThat(image.size()).isPositive();
            assertThat(image.command()).isEmpty();
        });
    }

    @Test
    void severalGzipMembersAreOneFile() throws Exception {
        byte[] tar = Rootfs.small().tar();
        byte[] first = Rootfs.gzip(java.util.Arrays.copyOf(tar, 1000));
        byte[] second = Rootfs.gzip(java.util.Arrays.copyOfRange(tar, 1000, tar.length));
        Path file = temp.resolve("two.gz");
        Files.write(file, first);
        Files.write(file, second, java.nio.file.StandardOpenOption.APPEND);
        assertThat(store.importFile(file, null, Progress.NONE).digests()).containsExactly("sha256:" + sha256(tar));
    }

    /** What tar(1) packs comes out as tar(1) would unpack it. */
    @ParameterizedTest
    @ValueSource(strings = {
        "--format=gnu", "--format=ustar", "--format=v7", "--format=pax", "--format=gnu -S", "--format=pax -S --sparse-version=0.0",
        "--format=pax -S --sparse-version=0.1", "--format=pax -S --sparse-version=1.0"
    })
    void dialectsOfTar(String options) throws Exception {
        Path tree = Files.createDirectories(temp.resolve("tree"));
        Files.createDirectories(tree.resolve("etc/deep"));
        Files.writeString(tree.resolve("etc/a file"), "words");
        Files.createSymbolicLink(tree.resolve("etc/link"), Path.of("../../outside"));
        Files.createLink(tree.resolve("etc/hard"), tree.resolve("etc/a file"));
        if (!options.contains("v7") && !options.contains("ustar")) {
            String longName = "n".repeat(200);
            Files.writeString(Files.createDirectories(tree.resolve("etc/" + longName)).resolve(longName), "long");
        }
        try (RandomAccessFile sparse = new RandomAccessFile(tree.resolve("etc/sparse").toFile(), "rw")) {
            for (int i = 0; i < 40; i++) {
                sparse.seek(i * 1_000_000L);
                sparse.write(("extent " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
            sparse.setLength(50_000_000);
        }
        Files.setLastModifiedTime(tree.resolve("etc/a file"), FileTime.from(Instant.ofEpochSecond(1_234_567_890)));
        Files.setAttribute(tree.resolve("etc/a file"), "unix:uid", 33);
        Files.setAttribute(tree.resolve("etc/a file"), "unix:mode", 04751);
        Files.setLastModifiedTime(tree.resolve("etc"), FileTime.from(Instant.ofEpochSecond(1_000_000_000)));
        List<String> command = new ArrayList<>(List.of("tar", "-C", tree.toString(), "--numeric-owner", "-cf", temp.resolve("t.tar").toString()));
        command.addAll(List.of(options.split(" ")));
        command.add(".");
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();

        Path layer = store.importFile(temp.resolve("t.tar"), null, Progress.NONE).layers().getFirst();
        assertThat(sha256(layer.resolve("etc/sparse"))).isEqualTo(sha256(tree.resolve("etc/sparse")));
        assertThat(new ProcessBuilder("diff", "-r", "--no-dereference", tree.toString(), layer.toString()).inheritIO().start().waitFor()).isZero();
        assertThat(Files.getLastModifiedTime(layer.resolve("etc/a file")).toInstant()).isEqualTo(Instant.ofEpochSecond(1_234_567_890));
        assertThat(Files.getLastModifiedTime(layer.resolve("etc")).toInstant()).isEqualTo(Instant.ofEpochSecond(1_000_000_000));
        assertThat(Files.getAttribute(layer.resolve("etc/hard"), "unix:uid")).isEqualTo(33);
        assertThat((int) Files.getAttribute(layer.resolve("etc/hard"), "unix:mode") & 07777).isEqualTo(04751);
        assertThat(Files.getAttribute(layer.resolve("etc/hard"), "unix:nlink")).isEqualTo(2);
    }

    private static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void namesThatAreNoUtf8AreKeptByteForByte() throws Exception {
        Path tree = Files.createDirectories(temp.resolve("tree/etc"));
        assertThat(new ProcessBuilder("sh", "-c", "printf x > \"$(printf 'caf\\351')\"; tar -C .. -cf ../../t.tar .")
                        .directory(tree.toFile()).inheritIO().start().waitFor()).isZero();
        Path layer = store.importFile(temp.resolve("t.tar"), null, Progress.NONE).layers().getFirst();
        assertThat(new ProcessBuilder("sh", "-c", "test -e \"$(printf 'caf\\351')\"").directory(layer.resolve("etc").toFile()).start().waitFor()).isZero();
    }

    @Test
    void progressEndsAtTheFilesSize() throws Exception {
        List<Long> seen = new ArrayList<>();
        Path file = Rootfs.small().put(
                new org.apache.commons.compress.archivers.tar.TarArchiveEntry("etc/big"), new byte[5 << 20]).write(temp.resolve("t.tar"));
        store.importFile(file, null, (phase, done, total, unit) -> {
            assertThat(phase).isEqualTo("unpacking");
            assertThat(unit).isEqualTo("bytes");
            assertThat(total).isEqualTo(file.toFile().length());
            seen.add(done);
        });
        assertThat(seen).isSorted().hasSizeGreaterThan(4).endsWith(Files.size(file));
    }
}
