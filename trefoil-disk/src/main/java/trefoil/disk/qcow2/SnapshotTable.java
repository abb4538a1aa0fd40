package trefoil.disk.qcow2;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import trefoil.disk.BlockFile;

/** Snapshots that lie in the image (section "Snapshots"). Trefoil keeps them as they are, lists them, and copies on write what they share. */
final class SnapshotTable {
    private static final int FIXED = 40;
    /** Bound on what the table may take of our memory. */
    private static final long MAX_BYTES = 16 << 20;

    private SnapshotTable() {}

    /** A snapshot's place in the file. */
    record Entry(long l1Offset, int l1Size, Snapshot snapshot) {}

    /** A table and its length in bytes. */
    record Read(List<Entry> entries, long bytes) {}

    static Read read(BlockFile file, Header header) throws IOException {
        List<Entry> entries = new ArrayList<>();
        long at = header.snapshotsOffset();
        for (int i = 0; i < header.snapshots(); i++) {
            ByteBuffer fixed = ByteBuffer.wrap(Tables.readBytes(file, at, FIXED));
            int extra = fixed.getInt(36);
            int idLength = Short.toUnsignedInt(fixed.getShort(12));
            int nameLength = Short.toUnsignedInt(fixed.getShort(14));
            if (extra < 0 || extra > 1024 || at + FIXED + extra + idLength + nameLength > file.length() || at - header.snapshotsOffset() > MAX_BYTES) {
                throw new Corruption("its snapshot table is outside of the file, or too long");
            }
            ByteBuffer rest = ByteBuffer.wrap(Tables.readBytes(file, at + FIXED, extra + idLength + nameLength));
            long diskSize = extra >= 16 ? rest.getLong(8) : header.size();
            entries.add(new Entry(l1Offset(file, header, fixed), fixed.getInt(8), new Snapshot(
                    new String(rest.array(), extra, idLength, UTF_8),
                    new String(rest.array(), extra + idLength, nameLength, UTF_8),
                    Instant.ofEpochSecond(Integer.toUnsignedLong(fixed.getInt(16)), Integer.toUnsignedLong(fixed.getInt(20))),
                    diskSize)));
            at += (FIXED + extra + idLength + nameLength + 7L) & -8;
        }
        return new Read(List.copyOf(entries), at - header.snapshotsOffset());
    }

    private static long l1Offset(BlockFile file, Header header, ByteBuffer fixed) throws Corruption {
        long offset = fixed.getLong(0);
        int size = fixed.getInt(8);
        boolean fits = size >= 0 && size <= Header.MAX_L1_BYTES / 8 && offset >= 0
                && (offset & ((1L << header.clusterBits()) - 1)) == 0 && offset + 8L * size <= header.geometry().roundUp(file.length());
        if (!fits) {
            throw new Corruption("a snapshot's L1 table is outside of the file, or askew");
        }
        return offset;
    }

    /** Clusters of the table and of the snapshots' L1 tables. */
    static LongList places(BlockFile file, Header header) throws IOException {
        LongList places = new LongList();
        if (header.snapshots() > 0) {
            Read read = read(file, header);
            add(places, header, header.snapshotsOffset(), read.bytes);
            for (Entry entry : read.entries) {
                add(places, header, entry.l1Offset, 8L * entry.l1Size);
            }
        }
        return places;
    }

    private static void add(LongList places, Header header, long offset, long length) {
        for (long at = offset; at < offset + length; at += 1L << header.clusterBits()) {
            places.add(at);
        }
    }
}
