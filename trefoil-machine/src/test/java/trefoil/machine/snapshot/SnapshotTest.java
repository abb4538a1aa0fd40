package trefoil.machine.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

public class SnapshotTest {
    public enum Mode {
        IDLE,
        BUSY
    }

    public sealed interface Request {
        record Read(long sector) implements Request {}

        record Stop() implements Request {}
    }

    public record Channel(int count, boolean gate, Mode mode) {}

    public record Pit(List<Channel> channels, byte latch, short s, char c, long ticks, float f, double d, String name) {}

    public record Disk(Request now, Request[] queue, long[][] tables, List<Integer> numbers) {}

    public record Arrays(byte[] a, boolean[] b, short[] c, char[] d, int[] e, float[] f, long[] g, double[] h) {}

    public record Narrow(byte count) {}

    public record Wide(long count) {}

    public record Other(long number) {}

    public record Positive(long count) {
        public Positive {
            if (count < 0) {
                throw new IllegalArgumentException("negative");
            }
        }
    }

    private static final Pit PIT = new Pit(
            List.of(new Channel(-1, true, Mode.BUSY), new Channel(65_536, false, Mode.IDLE)),
            (byte) -128, (short) -2, '\uFFFF', Long.MIN_VALUE, -0.5f, Double.MIN_VALUE, "µPD8254");

    private static Snapshot again(Snapshot snapshot) throws SnapshotException {
        return Snapshot.parse(snapshot.toBytes());
    }

    @Test
    void statesComeBackAsTheyWere() throws Exception {
        Snapshot snapshot = new Snapshot();
        snapshot.put("pc/pit", PIT);
        snapshot.put("disk/0", new Disk(new Request.Read(7), new Request[] {new Request.Stop(), new Request.Read(-1)}, new long[][] {{1, 2}, {}}, List.of(3, -4)));
        Snapshot back = again(snapshot);
        assertThat(back.paths()).containsExactly("pc/pit", "disk/0");
        assertThat(back.get("pc/pit", Pit.class)).isEqualTo(PIT);
        Disk disk = back.get("disk/0", Disk.class);
        assertThat(disk.now()).isEqualTo(new Request.Read(7));
        assertThat(disk.queue()).containsExactly(new Request.Stop(), new Request.Read(-1));
        assertThat(disk.tables()).isDeepEqualTo(new long[][] {{1, 2}, {}});
        assertThat(disk.numbers()).containsExactly(3, -4);
    }

    @Test
    void arraysOfAllPrimitives() throws Exception {
        Arrays arrays = new Arrays(
                new byte[] {1, -1}, new boolean[] {true, false}, new short[] {-3}, new char[] {'ß'},
                new int[] {Integer.MIN_VALUE}, new float[] {1.5f}, new long[] {Long.MAX_VALUE, 0}, new double[] {Math.PI});
        Snapshot snapshot = new Snapshot();
        snapshot.put("a", arrays);
        assertThat(again(snapshot).get("a", Arrays.class)).usingRecursiveComparison().isEqualTo(arrays);
    }

    @Test
    void recordsThatHaveChangedAreNamed() throws Exception {
        Snapshot snapshot = new Snapshot();
        snapshot.put("w", new Wide(300));
        assertThatThrownBy(() -> snapshot.get("x", Wide.class)).isInstanceOf(SnapshotException.class).hasMessageContaining("no state of x");
        assertThatThrownBy(() -> snapshot.get("w", Other.class)).isInstanceOf(SnapshotException.class).hasMessageContaining("w has no number");
        assertThatThrownBy(() -> snapshot.get("w", Narrow.class)).isInstanceOf(SnapshotException.class).hasMessageContaining("w.count is the number 300");
        snapshot.put("n", new Wide(-1));
        assertThatThrownBy(() -> snapshot.get("n", Positive.class)).isInstanceOf(SnapshotException.class).hasMessageContaining("negative");
        assertThatThrownBy(() -> snapshot.get("n", Pit.class)).isInstanceOf(SnapshotException.class);
        assertThatThrownBy(() -> snapshot.put("n", new Wide(2))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> snapshot.put("null", new Pit(null, (byte) 0, (short) 0, 'a', 0, 0, 0, "")))
                .hasMessage("null at null.channels");
    }

    @Test
    void damageIsNoticed() throws Exception {
        Snapshot snapshot = new Snapshot();
        snapshot.put("pc/pit", PIT);
        byte[] good = snapshot.toBytes();
        Random random = new Random(3);
        for (int i = 0; i < good.length * 8; i++) {
            byte[] bad = good.clone();
            bad[i / 8] ^= (byte) (1 << i % 8);
            assertThatThrownBy(() -> Snapshot.parse(bad)).isInstanceOf(SnapshotException.class);
            byte[] signed = good.clone();
            signed[16 + random.nextInt(good.length - 20)] = (byte) random.nextInt();
            sign(signed);
            try {
                Snapshot.parse(signed).get("pc/pit", Pit.class);
            } catch (SnapshotException e) {
                assertThat(e).hasMessageNotContaining("checksum");
            }
        }
        for (int length = 0; length < good.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(good, length);
            if (length >= 20) {
                sign(cut);
            }
            assertThatThrownBy(() -> Snapshot.parse(cut)).isInstanceOf(SnapshotException.class);
        }
    }

    private static void sign(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - 4);
        java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(bytes.length - 4, (int) crc.getValue());
    }
}
