package trefoil.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The attributes of a received netlink message, {@code struct nlattr}. Lengths that lie outside the message end the
 * walk; nothing is read beyond it.
 */
final class Attributes {
    private static final int TYPE_MASK = 0x3fff;

    private record Entry(int type, int start, int length) {}

    private final ByteBuffer buffer;
    private final List<Entry> entries = new ArrayList<>();

    /** @param buffer the message's bytes from its first attribute on, in native order */
    Attributes(ByteBuffer buffer) {
        this.buffer = buffer;
        int at = buffer.position();
        while (buffer.limit() - at >= 4) {
            int length = Short.toUnsignedInt(buffer.getShort(at));
            if (length < 4 || length > buffer.limit() - at) {
                break;
            }
            entries.add(new Entry(buffer.getShort(at + 2) & TYPE_MASK, at + 4, length - 4));
            at += NetlinkBatch.align(length);
        }
    }

    /** The value, or {@code null}. */
    byte[] bytes(int type) {
        Entry entry = find(type, 0);
        if (entry == null) {
            return null;
        }
        byte[] value = new byte[entry.length];
        buffer.get(entry.start, value);
        return value;
    }

    /** The text up to its NUL, or {@code null}. */
    String string(int type) {
        byte[] value = bytes(type);
        if (value == null) {
            return null;
        }
        int end = 0;
        while (end < value.length && value[end] != 0) {
            end++;
        }
        return new String(value, 0, end, StandardCharsets.UTF_8);
    }

    int int32(int type, int otherwise) {
        Entry entry = find(type, 4);
        return entry == null ? otherwise : buffer.getInt(entry.start);
    }

    int bigEndian32(int type, int otherwise) {
        Entry entry = find(type, 4);
        return entry == null ? otherwise : Integer.reverseBytes(buffer.getInt(entry.start));
    }

    /** The attributes inside; none when there is no such attribute. */
    Attributes nested(int type) {
        Entry entry = find(type, 0);
        return new Attributes(entry == null ? ByteBuffer.allocate(0) : slice(entry));
    }

    /** The attributes inside each of the given type. */
    List<Attributes> all(int type) {
        return entries.stream().filter(e -> e.type == type).map(e -> new Attributes(slice(e))).toList();
    }

    private ByteBuffer slice(Entry entry) {
        return buffer.slice(entry.start, entry.length).order(ByteOrder.nativeOrder());
    }

    private Entry find(int type, int least) {
        for (Entry entry : entries) {
            if (entry.type == type && entry.length >= least) {
                return entry;
            }
        }
        return null;
    }
}
