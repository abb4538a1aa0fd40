package trefoil.image.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompressionTest {
    @TempDir
    Path temp;

    private static byte[] decompressed(byte[] data) throws IOException {
        CountedInput counted = new CountedInput(new ByteArrayInputStream(data), "test", n -> { });
        try (var in = Compression.open(counted, Bounds.DEFAULT).stream()) {
            return in.readAllBytes();
        }
    }

    /** The tools that people pack with. */
    @ParameterizedTest
    @CsvSource({"gzip -1,GZIP", "gzip -9,GZIP", "xz -0,XZ", "xz -9,XZ", "xz --check=sha256,XZ", "zstd -q -1,ZSTD", "zstd -q -19,ZSTD", "cat,NONE"})
    void readsWhatTheToolsWrite(String tool, Compression kind) throws Exception {
        byte[] data = new byte[600_000];
        new java.util.Random(7).nextBytes(data);
        java.util.Arrays.fill(data, 200_000, 500_000, (byte) 'x');
        Path plain = Files.write(temp.resolve("plain"), data);
        Path packed = temp.resolve("packed");
        String[] words = (tool.equals("cat") ? "cat" : tool + " -c").split(" ");
        Process p = new ProcessBuilder(words).redirectInput(plain.toFile()).redirectOutput(packed.toFile()).start();
        assertThat(p.waitFor()).isZero();
        byte[] bytes = Files.readAllBytes(packed);
        assertThat(Compression.of(bytes, bytes.length)).isEqualTo(kind);
        assertThat(decompressed(bytes)).isEqualTo(data);
    }

    @Test
    void gzipWithEveryOptionalField() throws Exception {
        byte[] data = "content".getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 1, 2, 3, 4, 0, 3});
        out.writeBytes(new byte[] {3, 0, 'x', 'y', 'z'});
        out.writeBytes("name\0comment\0".getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(new byte[2]);
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(data);
        deflater.finish();
        byte[] buffer = new byte[100];
        out.write(buffer, 0, deflater.deflate(buffer));
        CRC32 crc = new CRC32();
        crc.update(data);
        for (int i = 0; i < 4; i++) {
            out.write((int) (crc.getValue() >> 8 * i));
        }
        out.writeBytes(new byte[] {7, 0, 0, 0});
        assertThat(decompressed(out.toByteArray())).isEqualTo(data);
        byte[] wrong = out.toByteArray();
        wrong[wrong.length - 6] ^= 1;
        assertThatThrownBy(() -> decompressed(wrong)).hasMessageContaining("wrong checksum");
    }

    @Test
    void emptyFileIsNotCompressed() throws Exception {
        assertThat(decompressed(new byte[0])).isEmpty();
    }

    @Test
    void xzThatWantsTooMuchMemory() {
        assertThatThrownBy(() -> {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    org.tukaani.xz.LZMA2Options options = new org.tukaani.xz.LZMA2Options(0);
                    options.setDictSize(256 << 20);
                    try (OutputStream xz = new org.tukaani.xz.XZOutputStream(out, options)) {
                        xz.write(1);
                    }
                    decompressed(out.toByteArray());
                })
                .isInstanceOf(org.tukaani.xz.MemoryLimitException.class);
    }
}
