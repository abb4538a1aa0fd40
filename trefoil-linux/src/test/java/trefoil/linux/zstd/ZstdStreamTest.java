package trefoil.linux.zstd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZstdStreamTest {
    private static byte[] compressed(byte[] data, int level) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(out, level)) {
            zstd.write(data);
        }
        return out.toByteArray();
    }

    private static byte[] decompressed(byte[] data) throws IOException {
        try (ZstdInputStream in = new ZstdInputStream(new ByteArrayInputStream(data))) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 131_071, 131_072, 131_073, 1_000_000})
    void comesBackAsItWas(int length) throws Exception {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        Arrays.fill(data, length / 3, length / 2, (byte) 0);
        assertThat(decompressed(compressed(data, 3))).isEqualTo(data);
    }

    @Test
    void framesFollowOneAnother() throws Exception {
        ByteArrayOutputStream two = new ByteArrayOutputStream();
        two.writeBytes(compressed("one ".getBytes(), 1));
        two.writeBytes(compressed("two".getBytes(), 19));
        assertThat(decompressed(two.toByteArray())).isEqualTo("one two".getBytes());
    }

    @Test
    void cutOffDamagedAndFollowedByGarbage() throws Exception {
        byte[] data = new byte[50_000];
        new Random(1).nextBytes(data);
        byte[] whole = compressed(data, 3);
        for (int length = 1; length < whole.length; length += 997) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> decompressed(cut)).isInstanceOf(EOFException.class);
        }
        byte[] damaged = whole.clone();
        damaged[whole.length / 2] ^= 1;
        assertThatThrownBy(() -> decompressed(damaged)).isInstanceOf(IOException.class).hasMessageContaining("checksum");
        byte[] followed = Arrays.copyOf(whole, whole.length + 20);
        Arrays.fill(followed, whole.length, followed.length, (byte) 'x');
        assertThatThrownBy(() -> decompressed(followed)).isInstanceOf(IOException.class).hasMessageStartingWith("zstd: ");
    }

    @Test
    void frameThatAsksForGigabytesOfMemory() {
        // RFC 8878 3.1.1: magic, descriptor without single segment, window descriptor 31-10 in the exponent = 2 GiB
        byte[] frame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x00, (byte) (21 << 3), 0x01, 0x00, 0x00};
        assertThatThrownBy(() -> decompressed(frame)).isInstanceOf(IOException.class).hasMessageContaining("memory");
    }

    @Test
    void closedStreamsSaySo() throws Exception {
        ZstdInputStream in = new ZstdInputStream(new ByteArrayInputStream(compressed(new byte[10], 1)));
        in.close();
        in.close();
        assertThatThrownBy(in::read).hasMessageContaining("closed");
    }
}
