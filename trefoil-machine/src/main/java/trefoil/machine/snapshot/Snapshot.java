package trefoil.machine.snapshot;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * State records by path. Not thread-safe.
 *
 * <p>Binary form: the bytes {@code TREFOIL\n}, a 32-bit version of the form, a 32-bit count, path and record of each, and a CRC-32C of all that.
 */
public final class Snapshot {
    private static final long MAGIC = 0x0A4C_494F_4645_5254L; // "TREFOIL\n"
    private static final int VERSION = 1;

    private final Map<String, Node> states;

    public Snapshot() {
        this(new LinkedHashMap<>());
    }

    private Snapshot(Map<String, Node> states) {
        this.states = states;
    }

    /**
     * Adds a state.
     *
     * @param path names, separated by slashes
     */
    public void put(String path, Record state) {
        if (states.putIfAbsent(path, RecordForm.encode(state, path)) != null) {
            throw new IllegalArgumentException("twice: " + path);
        }
    }

    /** The state at a path, which must be there and fit the record. */
    public <R extends Record> R get(String path, Class<R> type) throws SnapshotException {
        Node node = states.get(path);
        if (node == null) {
            throw new SnapshotException("no state of " + path + ": it was saved from another machine");
        }
        return type.cast(RecordForm.decode(node, type, path));
    }

    /** All paths, in the order of their being put. */
    public Set<String> paths() {
        return java.util.Collections.unmodifiableSet(states.keySet());
    }

    public byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        NodeStream.writeInt((int) MAGIC, out);
        NodeStream.writeInt((int) (MAGIC >>> 32), out);
        NodeStream.writeInt(VERSION, out);
        NodeStream.writeInt(states.size(), out);
        states.forEach((path, node) -> {
            NodeStream.writeText(path, out);
            NodeStream.write(node, out);
        });
        NodeStream.writeInt(crc(out.toByteArray(), out.size()), out);
        return out.toByteArray();
    }

    public static Snapshot parse(byte[] bytes) throws SnapshotException {
        int body = bytes.length - 4;
        if (body < 16) {
            throw new SnapshotException("too short for a snapshot");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getLong(0) != MAGIC) {
            throw new SnapshotException("not a snapshot of Trefoil");
        }
        if (in.getInt(8) != VERSION) {
            throw new SnapshotException("form " + in.getInt(8) + ", and this version of Trefoil reads " + VERSION);
        }
        if (in.getInt(body) != crc(bytes, body)) {
            throw new SnapshotException("damaged: the checksum is wrong");
        }
        return new Snapshot(states(in.position(12).limit(body)));
    }

    private static Map<String, Node> states(ByteBuffer in) throws SnapshotException {
        Map<String, Node> states = new LinkedHashMap<>();
        for (int left = NodeStream.readCount(in); left > 0; left--) {
            String path = NodeStream.readText(in);
            if (states.put(path, NodeStream.read(in, 0)) != null) {
                throw new SnapshotException("twice: " + path);
            }
        }
        if (in.hasRemaining()) {
            throw new SnapshotException("more bytes than states");
        }
        return states;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
