package trefoil.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Netlink messages in the making, {@code struct nlmsghdr} and {@code struct nlattr} of {@code linux/netlink.h}:
 *
 * <pre>{@code
 * nlmsghdr: | u32 len | u16 type | u16 flags | u32 seq | u32 port |   nlattr: | u16 len | u16 type | value, padded to 4 |
 * }</pre>
 *
 * Each message carries words for people, used when the kernel refuses it. Not thread-safe.
 */
public class NetlinkBatch {
    static final int HEADER = 16;
    static final int NLM_F_REQUEST = 1;
    static final int NLM_F_ACK = 4;
    static final int NLM_F_DUMP = 0x300;
    static final int NLM_F_REPLACE = 0x100;
    static final int NLM_F_EXCL = 0x200;
    static final int NLM_F_CREATE = 0x400;
    private static final int NLA_F_NESTED = 0x8000;
    private static final int GREATEST_ATTRIBUTE = 0xffff - 4;

    private ByteBuffer buffer = ByteBuffer.allocate(2048).order(ByteOrder.nativeOrder());
    private final List<String> what = new ArrayList<>();
    private final Deque<Integer> nests = new ArrayDeque<>();
    private int messageStart;
    private int acknowledged = -1;

    NetlinkBatch() {}

    /** Whether nothing has been put in. */
    public boolean isEmpty() {
        return what.isEmpty();
    }

    void begin(int type, int flags, String words) {
        finish();
        messageStart = buffer.position();
        room(HEADER);
        buffer.putInt(0).putShort((short) type).putShort((short) (flags | NLM_F_REQUEST));
        buffer.putInt(what.size()).putInt(0);
        what.add(words);
    }

    void putByte(int value) {
        room(1);
        buffer.put((byte) value);
    }

    void putShort(int value) {
        room(2);
        buffer.putShort((short) value);
    }

    void putInt(int value) {
        room(4);
        buffer.putInt(value);
    }

    void putBytes(byte[] value) {
        room(value.length);
        buffer.put(value);
    }

    void attribute(int type, byte[] value) {
        if (value.length > GREATEST_ATTRIBUTE) {
            throw new IllegalArgumentException("a netlink attribute holds at most 65531 bytes, not " + value.length);
        }
        putShort(4 + value.length);
        putShort(type);
        putBytes(value);
        pad();
    }

    void attribute8(int type, int value) {
        attribute(type, new byte[] {(byte) value});
    }

    void attribute32(int type, int value) {
        putShort(8);
        putShort(type);
        putInt(value);
    }

    void attribute64(int type, long value) {
        putShort(12);
        putShort(type);
        room(8);
        buffer.putLong(value);
    }

    /** A string with its closing NUL. */
    void attribute(int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        attribute(type, Arrays.copyOf(text, text.length + 1));
    }

    /** Opens an attribute that holds attributes, until the matching {@link #close}. */
    void open(int type) {
        nests.push(buffer.position());
        putShort(0);
        putShort(type | NLA_F_NESTED);
    }

    void close() {
        int start = nests.pop();
        int length = buffer.position() - start;
        if (length > 0xffff) {
            throw new IllegalArgumentException("a nested netlink attribute grew over 65535 bytes");
        }
        buffer.putShort(start, (short) length);
        pad();
    }

    /** Asks for the kernel's answer to the message under construction; {@link #bytes} asks for the last one's otherwise. */
    void acknowledge() {
        buffer.putShort(messageStart + 6, (short) (buffer.getShort(messageStart + 6) | NLM_F_ACK));
        acknowledged = what.size() - 1;
    }

    /** Index of the message whose answer ends the exchange. */
    int acknowledged() {
        return acknowledged;
    }

    int size() {
        return what.size();
    }

    String what(int index) {
        return index >= 0 && index < what.size() ? what.get(index) : "netlink batch";
    }

    /** The finished bytes, sequence numbers {@code base}, {@code base}+1, … */
    byte[] bytes(int base) {
        if (what.isEmpty()) {
            throw new IllegalStateException("an empty netlink batch");
        }
        if (acknowledged < 0) {
            acknowledge();
        }
        finish();
        byte[] bytes = Arrays.copyOf(buffer.array(), buffer.position());
        ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        for (int at = 0; at < bytes.length; at += align(view.getInt(at))) {
            view.putInt(at + 8, base + view.getInt(at + 8));
        }
        return bytes;
    }

    private void finish() {
        if (!nests.isEmpty()) {
            throw new IllegalStateException("an attribute was left open in " + what.getLast());
        }
        if (!what.isEmpty()) {
            buffer.putInt(messageStart, buffer.position() - messageStart);
            pad();
        }
    }

    private void pad() {
        int gap = align(buffer.position()) - buffer.position();
        room(gap);
        for (int i = 0; i < gap; i++) {
            buffer.put((byte) 0);
        }
    }

    private void room(int bytes) {
        if (buffer.remaining() < bytes) {
            int size = Math.max(buffer.capacity() * 2, buffer.position() + bytes);
            ByteBuffer bigger = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
            buffer.flip();
            buffer = bigger.put(buffer);
        }
    }

    static int align(int length) {
        return (length + 3) & ~3;
    }
}
