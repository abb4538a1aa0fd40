package trefoil.image.tar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import trefoil.image.tar.TarEntry.Extent;
import trefoil.image.tar.TarEntry.Type;

class TarWriterTest {
    private static TarEntry file(String name, long uid, long mtime, int nanos, int size, Map<String, byte[]> attributes) {
        return new TarEntry(Type.FILE, name, "", 04755, uid, 7, size, size, mtime, nanos, attributes, List.of(new Extent(0, size)));
    }

    private static byte[] written(TarEntry... entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarWriter tar = new TarWriter(out)) {
            for (TarEntry e : entries) {
                tar.begin(e);
                tar.write(new byte[(int) e.stored()], 0, (int) e.stored());
            }
        }
        return out.toByteArray();
    }

    private final TarEntry plain = file("etc/plain", 5, 1_000_000, 0, 700, Map.of());
    private final TarEntry extended = file("d/" + "n".repeat(200), 3_000_000, -5, 250_000_000, 0, Map.of("user.note", new byte[] {0, '\n', '=', (byte) 0xff}));
    private final TarEntry link = new TarEntry(
            Type.SYMBOLIC_LINK, "l", "t".repeat(300), 0777, 0, 0, 0, 0, 1, 0, Map.of(), List.of(new Extent(0, 0)));

    @Test
    void anotherReaderReadsTheSame() throws Exception {
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(written(plain, extended, link)), "UTF-8")) {
            TarArchiveEntry first = in.getNextEntry();
            assertThat(first.getName()).isEqualTo("etc/plain");
            assertThat(first.getMode()).isEqualTo(04755);
            assertThat(in.readAllBytes()).hasSize(700);
            TarArchiveEntry second = in.getNextEntry();
            assertThat(second.getName()).isEqualTo(extended.name());
            assertThat(second.getLongUserId()).isEqualTo(3_000_000);
            assertThat(second.getLastModifiedTime().toInstant()).isEqualTo(java.time.Instant.ofEpochSecond(-5, 250_000_000));
            assertThat(in.getNextEntry().getLinkName()).isEqualTo(link.linkName());
            assertThat(in.getNextEntry()).isNull();
        }
    }

    @Test
    void ownReaderReadsEveryField() throws Exception {
        TarReader reader = new TarReader(new ByteArrayInputStream(written(plain, extended, link)));
        List<TarEntry> read = new ArrayList<>();
        for (TarEntry e = reader.next(); e != null; e = reader.next()) {
            read.add(e);
        }
        reader.finish();
        assertThat(reader.endMarked()).isTrue();
        assertThat(read).usingRecursiveComparison().isEqualTo(List.of(plain, extended, link));
    }

    @Test
    void randomDamageIsAFormatErrorOrHarmless() throws Exception {
        byte[] whole = written(plain, extended, link);
        java.util.Random random = new java.util.Random(42);
        for (int i = 0; i < 10_000; i++) {
            byte[] damaged = whole.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            mend(damaged);
            TarReader reader = new TarReader(new ByteArrayInputStream(damaged));
            try {
                while (reader.next() != null) {
                    // reading on is the test
                }
                reader.finish();
            } catch (TarFormatException refused) {
                assertThat(refused).message().isNotBlank();
            }
        }
    }

    /** Makes the checksums right again, so that damage behind them is reached. */
    private static void mend(byte[] tar) {
        for (int at = 0; at + 512 <= tar.length; at += 512) {
            if (new String(tar, at + 257, 5, StandardCharsets.ISO_8859_1).equals("ustar")) {
                int sum = 0;
                for (int i = 0; i < 512; i++) {
                    sum += i >= 148 && i < 156 ? ' ' : tar[at + i] & 0xff;
                }
                byte[] octal = String.format("%06o\0 ", sum).getBytes(StandardCharsets.ISO_8859_1);
                System.arraycopy(octal, 0, tar, at + 148, 8);
            }
        }
    }
}
