package trefoil.machine.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Nodes as bytes, little-endian: a tag, then for {@code S} struct: type, count, (name, node)…; {@code W} word: 8 bytes; {@code T} text; {@code 1 2 4 8} packed:
 * byte length, bytes; {@code L} list: count, nodes. Counts and lengths are 32 bits wide; texts are length and UTF-8.
 */
final class NodeStream {
    private static final int DEEPEST = 64;

    private NodeStream() {}

    static void write(Node node, ByteArrayOutputStream out) {
        switch (node) {
            case Node.Struct struct -> {
                out.write('S');
                writeText(struct.type(), out);
                writeInt(struct.fields().size(), out);
                struct.fields().forEach((name, field) -> {
                    writeText(name, out);
                    write(field, out);
                });
            }
            case Node.Word word -> {
                out.write('W');
                writeInt((int) word.bits(), out);
                writeInt((int) (word.bits() >>> 32), out);
            }
            case Node.Text text -> {
                out.write('T');
                writeText(text.text(), out);
            }
            case Node.Packed packed -> {
                out.write('0' + packed.width());
                writeInt(packed.bytes().length, out);
                out.writeBytes(packed.bytes());
            }
            case Node.Many many -> {
                out.write('L');
                writeInt(many.elements().size(), out);
                many.elements().forEach(element -> write(element, out));
            }
        }
    }

    static void writeText(String text, ByteArrayOutputStream out) {
        byte[] bytes = text.getBytes(UTF_8);
        writeInt(bytes.length, out);
        out.writeBytes(bytes);
    }

    static void writeInt(int value, ByteArrayOutputStream out) {
        out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    /** Reads one node. Never takes more memory than a small multiple of the bytes that are there. */
    static Node read(ByteBuffer in, int depth) throws SnapshotException {
        if (depth > DEEPEST) {
            throw new SnapshotException("nested deeper than " + DEEPEST);
        }
        int tag = need(in, 1).get();
        return switch (tag) {
            case 'S' -> struct(in, depth);
            case 'W' -> new Node.Word(need(in, 8).getLong());
            case 'T' -> new Node.Text(readText(in));
            case 'L' -> list(in, depth);
            case '1', '2', '4', '8' -> packed(in, tag - '0');
            default -> throw new SnapshotException("no tag: " + tag);
        };
    }

    private static Node struct(ByteBuffer in, int depth) throws SnapshotException {
        String type = readText(in);
        Map<String, Node> fields = new LinkedHashMap<>();
        for (int left = readCount(in); left > 0; left--) {
            String name = readText(in);
            if (fields.put(name, read(in, depth + 1)) != null) {
                throw new SnapshotException("twice: " + name);
            }
        }
        return new Node.Struct(type, fields);
    }

    private static Node list(ByteBuffer in, int depth) throws SnapshotException {
        int count = readCount(in);
        List<Node> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            elements.add(read(in, depth + 1));
        }
        return new Node.Many(elements);
    }

    private static Node packed(ByteBuffer in, int width) throws SnapshotException {
        byte[] bytes = new byte[readCount(in)];
        in.get(bytes);
        if (bytes.length % width != 0) {
            throw new SnapshotException("an array that ends within an element");
        }
        return new Node.Packed(width, bytes);
    }

    static String readText(ByteBuffer in) throws SnapshotException {
        byte[] bytes = new byte[readCount(in)];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }

    /** A count of things that each take at least one byte. */
    static int readCount(ByteBuffer in) throws SnapshotException {
        int count = need(in, 4).getInt();
        if (count < 0 || count > in.remaining()) {
            throw new SnapshotException("a count of " + Integer.toUnsignedString(count) + " with " + in.remaining() + " bytes left");
        }
        return count;
    }

    private static ByteBuffer need(ByteBuffer in, int bytes) throws SnapshotException {
        if (in.remaining() < bytes) {
            throw new SnapshotException("cut off");
        }
        return in;
    }
}
