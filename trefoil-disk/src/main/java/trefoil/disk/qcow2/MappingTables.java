package trefoil.disk.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import trefoil.disk.BlockFile;

/**
 * L1, and a bounded cache of L2 tables (section "Cluster mapping"). Changed under the image's exclusive lock; under the shared one tables are only looked up and loaded,
 * the latter in this object's monitor.
 */
final class MappingTables {
    static final long COPIED = 1L << 63;
    static final long COMPRESSED = 1L << 62;
    static final long ZERO = 1;
    /** Bits 9 to 55. */
    static final long OFFSET = (1L << 56) - 512;

    /** An L2 table in memory. */
    static final class L2 {
        final long offset;
        final long[] entries;
        /** Nothing on the disk refers to it. */
        private boolean fresh;
        /** Entries changed since it was written: from … to; none if {@code from >= to}. */
        private int from = Integer.MAX_VALUE;

        private int to;
        private volatile long lastUse;

        L2(long offset, long[] entries) {
            this.offset = offset;
            this.entries = entries;
        }

        void set(int index, long entry) {
            entries[index] = entry;
            from = Math.min(from, index);
            to = Math.max(to, index + 1);
        }

        boolean isDirty() {
            return from < to;
        }
    }

    private final BlockFile file;
    private final Geometry geometry;
    private final Refcounts refcounts;
    private final OffsetSet metadata;
    private final int capacity;
    private final ConcurrentHashMap<Long, L2> cache = new ConcurrentHashMap<>();
    private final List<L2> dirty = new ArrayList<>();
    private final BitSet dirtyL1 = new BitSet();
    private long l1Offset;
    private long[] l1;
    private long uses;

    MappingTables(BlockFile file, Header header, Refcounts refcounts, OffsetSet metadata, int cacheBytes) throws IOException {
        this.file = file;
        this.geometry = header.geometry();
        this.refcounts = refcounts;
        this.metadata = metadata;
        this.capacity = Math.max(4, cacheBytes / geometry.clusterSize());
        this.l1Offset = header.l1Offset();
        this.l1 = Tables.readLongs(file, l1Offset, header.l1Size());
    }

    int l1Size() {
        return l1.length;
    }

    /** Offsets of all L2 tables and of L1's clusters. */
    LongList places() throws Corruption {
        LongList places = new LongList();
        for (long at = 0; at < 8L * l1.length; at += geometry.clusterSize()) {
            places.add(l1Offset + at);
        }
        for (long entry : l1) {
            if ((entry & OFFSET) != 0) {
                places.add(checked(entry & OFFSET));
            }
        }
        return places;
    }

    private long checked(long offset) throws Corruption {
        if ((offset & (geometry.clusterSize() - 1)) != 0 || offset + geometry.clusterSize() > geometry.roundUp(file.length())) {
            throw new Corruption("an L2 table is outside of the file, or askew: " + offset);
        }
        return offset;
    }

    /** The table that maps this part of the disk, or null if none of it is mapped. */
    L2 find(int l1Index) throws IOException {
        long offset = l1[l1Index] & OFFSET;
        if (offset == 0) {
            return null;
        }
        L2 cached = cache.get(offset);
        if (cached == null) {
            cached = load(checked(offset));
        }
        cached.lastUse = ++uses; // a lost update does no harm: it is a hint
        return cached;
    }

    private synchronized L2 load(long offset) throws IOException {
        L2 cached = cache.get(offset);
        if (cached == null) {
            cached = new L2(offset, Tables.readLongs(file, offset, geometry.l2Entries()));
            remember(cached);
        }
        return cached;
    }

    /** Makes room by forgetting what is clean and was used longest ago. */
    private synchronized void remember(L2 table) {
        while (cache.size() >= capacity) {
            L2 oldest = null;
            for (L2 candidate : cache.values()) {
                if (!candidate.isDirty() && (oldest == null || candidate.lastUse < oldest.lastUse)) {
                    oldest = candidate;
                }
            }
            if (oldest == null) {
                break;
            }
            cache.remove(oldest.offset);
        }
        cache.put(table.offset, table);
    }

    /** Whether so many tables were changed that they must be committed before another one is. */
    boolean isFull() {
        return dirty.size() >= capacity / 2;
    }

    boolean isDirty() {
        return !dirty.isEmpty() || !dirtyL1.isEmpty();
    }

    /** Whether the table of this part of the disk belongs to the active disk alone. */
    boolean isOwn(int l1Index) {
        return (l1[l1Index] & COPIED) != 0;
    }

    /** The table to be changed: made where there is none, copied where a snapshot has it too. */
    L2 own(int l1Index) throws IOException {
        L2 table = find(l1Index);
        if (table != null && isOwn(l1Index)) {
            return table;
        }
        long offset = refcounts.allocate(1).offset();
        L2 copy = new L2(offset, table == null ? new long[geometry.l2Entries()] : table.entries.clone());
        copy.fresh = true;
        copy.set(0, copy.entries[0]);
        copy.set(copy.entries.length - 1, copy.entries[copy.entries.length - 1]);
        copy.lastUse = ++uses;
        dirty.add(copy);
        remember(copy);
        metadata.add(offset);
        if (table != null) {
            refcounts.release(table.offset);
            cache.remove(table.offset);
        }
        l1[l1Index] = offset | COPIED;
        dirtyL1.set(l1Index);
        return copy;
    }

    /** Changes an entry. */
    void set(L2 table, int index, long entry) {
        if (!table.isDirty()) {
            dirty.add(table);
            cache.put(table.offset, table); // while it was clean it may have been forgotten
        }
        table.set(index, entry);
    }

    /** First stage of a commit: tables that nothing refers to. */
    void writeFresh() throws IOException {
        for (L2 table : dirty) {
            if (table.fresh) {
                Tables.writeLongs(file, table.offset, table.entries, 0, table.entries.length);
            }
        }
    }

    /** Second stage: tables that are referred to, by whole sectors, and L1. */
    void writeReferring() throws IOException {
        for (L2 table : dirty) {
            if (!table.fresh) {
                int perSector = 64;
                int from = table.from & -perSector;
                int to = Math.min(table.entries.length, (table.to + perSector - 1) & -perSector);
                Tables.writeLongs(file, table.offset, table.entries, from, to);
            }
        }
        for (int i = dirtyL1.nextSetBit(0); i >= 0; i = dirtyL1.nextSetBit(i + 1)) {
            Tables.writeLongs(file, l1Offset, l1, i, i + 1);
        }
    }

    /** All that was written is on the disk. */
    void committed() {
        for (L2 table : dirty) {
            table.fresh = false;
            table.from = Integer.MAX_VALUE;
            table.to = 0;
        }
        dirty.clear();
        dirtyL1.clear();
    }

    /** A longer L1, written elsewhere; the caller makes the header refer to it and then calls {@link #moved}. */
    long[] longer(int entries) {
        return java.util.Arrays.copyOf(l1, entries);
    }

    /** L1 is elsewhere now; returns where it was. */
    long moved(long offset, long[] longer) {
        long old = l1Offset;
        l1 = longer;
        l1Offset = offset;
        return old;
    }
}
