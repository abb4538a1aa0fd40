package trefoil.disk.qcow2;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import trefoil.disk.BlockFile;
import trefoil.disk.IoFailure;
import trefoil.machine.IoStatus;

/**
 * Reference counts of the file's clusters, and so the allocator (section "Host cluster management"). Used under the image's exclusive lock.
 *
 * <p>Blocks are changed in memory and may be written at any time: counts are raised before anything refers to the cluster, and lowered ({@link #applyReleases}) after
 * the last reference has left the disk. Only a new block or a new table is written at once, synced before something refers to it.
 */
final class Refcounts {
    private static final long ENTRY_OFFSET = -1L << 9;
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** A run of clusters that were free. */
    record Run(long offset, long clusters) {}

    private static final class Block {
        final long offset;
        final byte[] counts;
        boolean dirty;

        Block(long offset, byte[] counts) {
            this.offset = offset;
            this.counts = counts;
        }
    }

    private final BlockFile file;
    private final Geometry geometry;
    private final OffsetSet metadata;
    private final int cacheBlocks;
    private final Map<Integer, Block> cache = new LinkedHashMap<>(16, 0.75f, true);
    private final LongList releases = new LongList();
    private long tableOffset;
    private long[] table;
    /** No cluster below is free. Cluster 0 is the header. */
    private long hint = 1;
    /** Where the next compressed cluster goes; 0 for a new cluster. */
    private long packAt;

    /** Reads the table; the header has been checked. */
    Refcounts(BlockFile file, Header header, OffsetSet metadata, int cacheBytes) throws IOException {
        this.file = file;
        this.geometry = header.geometry();
        this.metadata = metadata;
        this.cacheBlocks = Math.max(4, cacheBytes / geometry.clusterSize());
        this.tableOffset = header.refcountTableOffset();
        this.table = Tables.readLongs(file, tableOffset, header.refcountTableClusters() << geometry.l2Bits());
    }

    /** Offsets of all blocks, and of the table's clusters. */
    LongList places() throws Corruption {
        LongList places = new LongList();
        for (long at = 0; at < 8L * table.length; at += geometry.clusterSize()) {
            places.add(tableOffset + at);
        }
        for (int i = 0; i < table.length; i++) {
            if (table[i] != 0) {
                places.add(blockOffset(i));
            }
        }
        return places;
    }

    private long blockOffset(int index) throws Corruption {
        long offset = table[index] & ENTRY_OFFSET;
        if (offset != 0 && ((offset & (geometry.clusterSize() - 1)) != 0 || offset < 0 || offset + geometry.clusterSize() > geometry.roundUp(file.length()))) {
            throw new Corruption("refcount block " + index + " is outside of the file, or askew");
        }
        return offset;
    }

    private Block block(int index) throws IOException {
        Block cached = cache.get(index);
        if (cached == null) {
            long offset = blockOffset(index);
            cached = new Block(offset, Tables.readBytes(file, offset, geometry.clusterSize()));
            remember(index, cached);
        }
        return cached;
    }

    private void remember(int index, Block block) throws IOException {
        while (cache.size() >= cacheBlocks) {
            var eldest = cache.entrySet().iterator().next();
            write(eldest.getValue());
            cache.remove(eldest.getKey());
        }
        cache.put(index, block);
    }

    private void write(Block block) throws IOException {
        if (block.dirty) {
            Tables.writeBytes(file, block.offset, block.counts);
            block.dirty = false;
        }
    }

    /** Clusters that the table could count as it is. */
    long counted() {
        return (long) table.length << geometry.blockBits();
    }

    /** Whether there is no block for this cluster. */
    boolean isUncounted(long cluster) {
        long index = cluster >>> geometry.blockBits();
        return index >= table.length || (table[(int) index] & ENTRY_OFFSET) == 0;
    }

    long get(long cluster) throws IOException {
        if (isUncounted(cluster)) {
            return 0;
        }
        long index = cluster >>> geometry.blockBits();
        return count(block((int) index).counts, (int) cluster & ((1 << geometry.blockBits()) - 1));
    }

    private long count(byte[] counts, int i) {
        return switch (geometry.refcountOrder()) {
            case 3 -> Byte.toUnsignedLong(counts[i]);
            case 4 -> Short.toUnsignedLong((short) SHORT.get(counts, 2 * i));
            case 5 -> Integer.toUnsignedLong((int) INT.get(counts, 4 * i));
            case 6 -> (long) LONG.get(counts, 8 * i);
            default -> {
                int width = 1 << geometry.refcountOrder();
                int bit = i * width;
                yield Byte.toUnsignedInt(counts[bit >> 3]) >> (bit & 7) & (1 << width) - 1;
            }
        };
    }

    private void setCount(byte[] counts, int i, long value) {
        switch (geometry.refcountOrder()) {
            case 3 -> counts[i] = (byte) value;
            case 4 -> SHORT.set(counts, 2 * i, (short) value);
            case 5 -> INT.set(counts, 4 * i, (int) value);
            case 6 -> LONG.set(counts, 8 * i, value);
            default -> {
                int width = 1 << geometry.refcountOrder();
                int bit = i * width;
                int mask = (1 << width) - 1 << (bit & 7);
                counts[bit >> 3] = (byte) (counts[bit >> 3] & ~mask | (int) value << (bit & 7) & mask);
            }
        }
    }

    /** Sets a count; makes the block, and the table longer, where there is none yet. */
    void set(long cluster, long value) throws IOException {
        if (value < 0 || value > geometry.maxRefcount()) {
            throw new Corruption("a cluster would have " + value + " references");
        }
        long index = cluster >>> geometry.blockBits();
        if (index >= table.length) {
            grow(index + 1);
        }
        if ((table[(int) index] & ENTRY_OFFSET) == 0) {
            createBlock((int) index);
        }
        Block block = block((int) index);
        setCount(block.counts, (int) cluster & ((1 << geometry.blockBits()) - 1), value);
        block.dirty = true;
        if (value == 0) {
            hint = Math.min(hint, Math.max(1, cluster));
        }
    }

    /** Takes up to {@code most} free clusters in a row, at least one. */
    Run allocate(long most) throws IOException {
        return take(nextFree(hint), most, true);
    }

    /** Takes exactly so many clusters in a row. */
    Run allocateAll(long clusters) throws IOException {
        for (long from = hint; ; ) {
            long first = nextFree(from);
            long n = run(first, clusters);
            if (n == clusters) {
                return take(first, clusters, false);
            }
            from = first + n;
        }
    }

    private Run take(long first, long most, boolean fromHint) throws IOException {
        long n = run(first, most);
        for (long i = first; i < first + n; i++) {
            if (metadata.contains(i << geometry.clusterBits())) {
                throw new Corruption("cluster " + i + " holds a table and is counted as free");
            }
        }
        for (long i = first; i < first + n; i++) {
            set(i, 1);
        }
        hint = fromHint ? first + n : hint;
        return new Run(first << geometry.clusterBits(), n);
    }

    /** How many clusters from here on are free, up to {@code most}; makes blocks for them. */
    private long run(long first, long most) throws IOException {
        long n = 1;
        while (n < most && nextFree(first + n) == first + n) {
            n++;
        }
        return n;
    }

    /** The first free cluster from here on; has a block for it made. */
    private long nextFree(long from) throws IOException {
        long cluster = from;
        while (true) {
            long index = cluster >>> geometry.blockBits();
            if (index >= table.length) {
                grow(index + 1);
            } else if ((table[(int) index] & ENTRY_OFFSET) == 0) {
                createBlock((int) index);
            } else {
                byte[] counts = block((int) index).counts;
                int size = 1 << geometry.blockBits();
                for (int i = (int) cluster & (size - 1); i < size; i++, cluster++) {
                    if (count(counts, i) == 0) {
                        return cluster;
                    }
                }
            }
        }
    }

    /** Takes back an allocation that nothing refers to, in memory or on the disk. */
    void undo(Run run) throws IOException {
        long first = run.offset >>> geometry.clusterBits();
        for (long i = first; i < first + run.clusters; i++) {
            set(i, get(i) - 1);
        }
    }

    /** A block that counts itself, in the first cluster of those that it counts. */
    private void createBlock(int index) throws IOException {
        long offset = (long) index << geometry.blockBits() + geometry.clusterBits();
        if (offset == 0 || metadata.contains(offset)) {
            throw new Corruption("there is no refcount block for the cluster at " + offset + ", which is in use");
        }
        Block block = new Block(offset, new byte[geometry.clusterSize()]);
        setCount(block.counts, 0, 1);
        remember(index, block);
        block.dirty = true;
        try {
            write(block);
            file.sync();
            table[index] = offset;
            Tables.writeLongs(file, tableOffset, table, index, index + 1);
        } catch (IOException e) {
            table[index] = 0;
            cache.remove(index);
            throw e;
        }
        metadata.add(offset);
    }

    /** A longer table, with the blocks that count it, behind everything that is counted now. */
    private void grow(long needed) throws IOException {
        int old = table.length;
        long entries = Math.max(needed, old + old / 2L);
        long clusters = (entries * 8 + geometry.clusterSize() - 1) >>> geometry.clusterBits();
        int perBlock = 1 << geometry.blockBits();
        long blocks = 1;
        while (blocks * perBlock < clusters + blocks) {
            blocks++;
        }
        clusters = Math.max(clusters, ((old + blocks) * 8 + geometry.clusterSize() - 1) >>> geometry.clusterBits());
        if (clusters << geometry.clusterBits() > Header.MAX_REFCOUNT_TABLE_BYTES || blocks * perBlock < clusters + blocks) {
            throw new IoFailure(IoStatus.NO_SPACE, "the image would take more than 8 MiB of refcount table");
        }
        long first = (long) old << geometry.blockBits();
        long[] longer = java.util.Arrays.copyOf(table, (int) clusters << geometry.l2Bits());
        for (int b = 0; b < blocks; b++) {
            byte[] counts = new byte[geometry.clusterSize()];
            for (int i = 0; i < perBlock && (long) b * perBlock + i < blocks + clusters; i++) {
                setCount(counts, i, 1);
            }
            longer[old + b] = first + b << geometry.clusterBits();
            Tables.writeBytes(file, longer[old + b], counts);
        }
        long place = first + blocks << geometry.clusterBits();
        Tables.writeLongs(file, place, longer, 0, longer.length);
        switchTable(longer, place, (int) clusters, (int) blocks);
    }

    private void switchTable(long[] longer, long place, int clusters, int blocks) throws IOException {
        writeDirty();
        file.sync();
        byte[] field = new byte[12];
        LONG.set(field, 0, place);
        INT.set(field, 8, clusters);
        Tables.writeBytes(file, Header.AT_REFCOUNT_TABLE, field);
        file.sync();
        int old = table.length;
        long oldOffset = tableOffset;
        table = longer;
        tableOffset = place;
        for (int i = 0; i < clusters; i++) {
            metadata.add(place + ((long) i << geometry.clusterBits()));
        }
        for (int i = old; i < old + blocks; i++) {
            metadata.add(table[i]);
        }
        for (long at = oldOffset; at < oldOffset + 8L * old; at += geometry.clusterSize()) {
            metadata.remove(at);
            set(at >>> geometry.clusterBits(), get(at >>> geometry.clusterBits()) - 1);
        }
    }

    /**
     * Room for so many bytes of compressed data, fewer than a cluster has, after what was packed last where that is possible. Each cluster touched has one reference more.
     */
    long pack(int bytes) throws IOException {
        if (packAt != 0 && get(packAt >>> geometry.clusterBits()) >= geometry.maxRefcount()) {
            packAt = 0;
        }
        long end = geometry.roundUp(packAt);
        if (packAt != 0 && packAt < end && packAt + bytes > end) {
            long next = end >>> geometry.clusterBits();
            if (nextFree(next) == next) {
                take(next, 1, false);
            } else {
                packAt = 0;
            }
        } else if (packAt == end) {
            packAt = 0;
        }
        long at = packAt != 0 ? packAt : allocate(1).offset();
        boolean continued = packAt != 0;
        packAt = at + bytes;
        if (continued) {
            long cluster = at >>> geometry.clusterBits();
            set(cluster, get(cluster) + 1);
        }
        return at;
    }

    /** Nothing is packed into clusters that exist already. */
    void endPacking() {
        packAt = 0;
    }

    /** The cluster at this offset loses a reference, once the tables in memory are on the disk. */
    void release(long offset) {
        releases.add(offset);
    }

    boolean hasReleases() {
        return releases.size() > 0;
    }

    /** Lowers the counts of what was released; returns the offsets of clusters that are free now. To be called when nothing on the disk refers to them. */
    LongList applyReleases() throws IOException {
        LongList freed = new LongList();
        LongList released = releases.drain();
        for (int i = 0; i < released.size(); i++) {
            long cluster = released.get(i) >>> geometry.clusterBits();
            long count = get(cluster);
            if (count == 0) {
                throw new Corruption("cluster " + cluster + " was in use and is counted as free");
            }
            set(cluster, count - 1);
            if (count == 1) {
                packAt = 0;
                freed.add(released.get(i) & -geometry.clusterSize());
                metadata.remove(released.get(i) & -geometry.clusterSize());
            }
        }
        return freed;
    }

    boolean isDirty() {
        return cache.values().stream().anyMatch(block -> block.dirty);
    }

    /** Writes all blocks that were changed. */
    void writeDirty() throws IOException {
        for (Block block : cache.values()) {
            write(block);
        }
    }
}
