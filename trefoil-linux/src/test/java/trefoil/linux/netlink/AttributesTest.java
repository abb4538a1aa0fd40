package trefoil.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AttributesTest {
    private static ByteBuffer of(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    private static Attributes written(NetlinkBatch batch) {
        ByteBuffer message = of(batch.bytes(1));
        message.position(NetlinkBatch.HEADER);
        return new Attributes(message);
    }

    @Test
    void whatABatchWritesIsReadBack() {
        NetlinkBatch batch = new NetlinkBatch();
        batch.begin(1, 0, "test");
        batch.attribute(1, "odd");
        batch.attribute32(2, 0x01020304);
        batch.open(3);
        batch.attribute(4, new byte[] {9});
        batch.open(5);
        batch.attribute64(6, 7);
        batch.close();
        batch.close();
        Attributes read = written(batch);
        assertThat(read.string(1)).isEqualTo("odd");
        assertThat(read.int32(2, 0)).isEqualTo(0x01020304);
        assertThat(read.bigEndian32(2, 0)).isEqualTo(0x04030201);
        assertThat(read.nested(3).bytes(4)).containsExactly(9);
        assertThat(read.nested(3).nested(5).bytes(6)).hasSize(8);
        assertThat(read.bytes(77)).isNull();
        assertThat(read.nested(77).bytes(1)).isNull();
    }

    @Test
    void lengthsBeyondTheMessageEndTheWalk() {
        byte[] hostile = {8, 0, 1, 0, 1, 2, 3, 4, (byte) 0xff, (byte) 0xff, 2, 0, 5, 6, 7, 8};
        Attributes read = new Attributes(of(hostile));
        assertThat(read.bytes(1)).containsExactly(1, 2, 3, 4);
        assertThat(read.bytes(2)).isNull();
        assertThat(new Attributes(of(new byte[] {0, 0, 1, 0})).bytes(1)).isNull();
        assertThat(new Attributes(of(new byte[] {5, 0, 1})).bytes(1)).isNull();
    }

    @Test
    void noBytesWhateverMakeItReadOutside() {
        Random random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            for (int at = 0; at + 2 <= bytes.length; at += 4) {
                bytes[at] = (byte) random.nextInt(24);
                bytes[at + 1] = 0;
            }
            Attributes read = new Attributes(of(bytes));
            for (int type = 0; type < 256; type++) {
                read.string(type);
                read.int32(type, 0);
                read.nested(type).bytes(1);
            }
        }
    }

    @Test
    void aBatchRefusesWhatNetlinkCannotCarry() {
        NetlinkBatch batch = new NetlinkBatch();
        assertThatThrownBy(() -> batch.bytes(1)).isInstanceOf(IllegalStateException.class);
        batch.begin(1, 0, "test");
        assertThatThrownBy(() -> batch.attribute(1, new byte[70_000])).isInstanceOf(IllegalArgumentException.class);
        batch.open(1);
        assertThatThrownBy(() -> batch.bytes(1)).isInstanceOf(IllegalStateException.class).hasMessageContaining("left open");
    }
}
