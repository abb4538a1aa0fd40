package trefoil.disk.qcow2;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import trefoil.disk.Backing;
import trefoil.disk.BlockFile;
import trefoil.disk.DiskException;
import trefoil.disk.DiskException.Reason;
import trefoil.disk.GuardedFile;
import trefoil.disk.HostFile.Access;
import trefoil.disk.IoFailure;
import trefoil.disk.Vector;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;

/**
 * A qcow2 image as a disk. The package's description tells of the order of writes and the locks. Opening for writing mends an image whose dirty bit is set, by counting all references anew;
 * this class never sets it, since its counts are never behind. New counts of an image with lazy refcounts are kept as any other's.
 */
public final class Qcow2Image implements BlockBackend {
    /** Memory for L2 tables, and as much for refcount blocks, in bytes: 1 MiB serves 8 GiB of disk with clusters of 64 KiB. */
    public static final int DEFAULT_CACHE = 4 << 20;

    private final GuardedFile file;
    private final Header header;
    private final Geometry geometry;
    private final Optional<Backing> backing;
    private final boolean readOnly;
    private final OffsetSet metadata = new OffsetSet();
    private final Refcounts refcounts;
    private final MappingTables tables;
    private final CompressedClusters compressed;
    /** Shared by readers and by writers into clusters that are there; exclusive for whoever changes a table. Outermost. */
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    /** For clusters that are put together; under the exclusive lock. */
    private final MemorySegment scratch;

    private volatile long size;
    private boolean corrupt;
    private volatile boolean closed;

    private Qcow2Image(BlockFile host, Header header, Optional<Backing> backing, Access access, int cacheBytes) throws IOException {
        this.file = new GuardedFile(host);
        this.header = header;
        this.geometry = header.geometry();
        this.backing = backing;
        this.readOnly = access == Access.READ;
        this.size = header.size();
        this.corrupt = header.isCorrupt();
        this.refcounts = new Refcounts(file, header, metadata, cacheBytes);
        this.tables = new MappingTables(file, header, refcounts, metadata, cacheBytes);
        this.compressed = new CompressedClusters(file, header);
        this.scratch = Arena.ofAuto().allocate(geometry.clusterSize(), 8);
    }

    /**
     * Opens an image. Takes file and backing over, also when it fails.
     *
     * @param name for messages
     * @param backing what the header names; empty if it names nothing
     */
    public static Qcow2Image open(BlockFile file, String name, Optional<Backing> backing, Access access, int cacheBytes) throws DiskException {
        try {
            Header header = readHeader(file, name);
            if (header.backing().isEmpty() != backing.isEmpty()) {
                throw new DiskException(Reason.BACKING, name + " stands on \"" + header.backing() + "\", and was opened " + (backing.isEmpty() ? "without" : "with another"));
            }
            if (access == Access.WRITE) {
                header = writable(file, name, header);
            }
            Qcow2Image image = new Qcow2Image(file, header, backing, access, cacheBytes);
            if (access == Access.WRITE) {
                image.protectTables();
            }
            return image;
        } catch (IOException e) {
            file.close();
            backing.ifPresent(under -> under.disk().close());
            throw e instanceof Corruption
                    ? new DiskException(Reason.DAMAGED, name + " is damaged: " + e.getMessage() + ". Check it, from a copy")
                    : DiskException.of(name, e);
        }
    }

    static Header readHeader(BlockFile file, String name) throws IOException {
        int first = (int) Math.min(file.length(), 2 << 20);
        Header header = Header.parse(java.nio.ByteBuffer.wrap(Tables.readBytes(file, 0, Math.min(first, 1 << 16))), file.length(), name);
        return header.clusterBits() <= 16 ? header : Header.parse(java.nio.ByteBuffer.wrap(Tables.readBytes(file, 0, first)), file.length(), name);
    }

    /** Refuses what must not be written, mends what was left dirty, and clears the feature bits that a writer who does not know them clears. */
    private static Header writable(BlockFile file, String name, Header header) throws IOException {
        if (header.isCorrupt()) {
            throw new DiskException(Reason.DAMAGED, name + " was marked as corrupt and is not written any more. Check it, or read it and convert it into a new image");
        }
        if (header.extension(Header.Extension.BITMAPS).isPresent()) {
            throw new DiskException(Reason.UNSUPPORTED, name + " has persistent dirty bitmaps, which Trefoil would make untrue by writing. Remove them: qemu-img bitmap --remove");
        }
        Header sound = header;
        if (header.isDirty()) {
            CheckReport report = Check.run(file, header, Check.Repair.ALL);
            if (report.corruptions() > 0) {
                throw new DiskException(Reason.DAMAGED, name + " was not closed and cannot be mended: " + report.problems());
            }
            writeLong(file, Header.AT_INCOMPATIBLE, header.incompatible() & ~Header.DIRTY);
            file.sync();
            sound = readHeader(file, name);
        }
        if (sound.autoclear() != 0) {
            writeLong(file, Header.AT_AUTOCLEAR, 0);
        }
        return sound;
    }

    private static void writeLong(BlockFile file, int at, long value) throws IOException {
        Tables.writeLongs(file, at, new long[] {value}, 0, 1);
    }

    /** Notes where tables lie, so that data never goes there, and refuses tables that lie in one another. */
    private void protectTables() throws IOException {
        LongList places = tables.places();
        for (LongList list : List.of(places, refcounts.places(), SnapshotTable.places(file, header))) {
            for (int i = 0; i < list.size(); i++) {
                if (!metadata.add(list.get(i)) || list.get(i) == 0) {
                    throw new Corruption("two of its tables lie at " + list.get(i));
                }
            }
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int blockSize() {
        return 512;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    /** What an operation does once its range is known to be good and its lock is held. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private IoStatus inRange(Lock held, long offset, long length, Work work) {
        held.lock();
        try {
            if (closed) {
                throw new IllegalStateException("closed");
            }
            if (offset < 0 || length < 0 || length > size - offset) {
                return IoStatus.OUT_OF_RANGE;
            }
            work.run();
            return IoStatus.OK;
        } catch (IOException e) {
            if (e instanceof Corruption) {
                markCorrupt();
            }
            return IoFailure.status(e);
        } finally {
            held.unlock();
        }
    }

    private IoStatus change(Lock held, long offset, long length, Work work) {
        return readOnly ? IoStatus.READ_ONLY : inRange(held, offset, length, work);
    }

    /** No more writes; and whoever opens the image next is told. */
    private void markCorrupt() {
        synchronized (scratch) {
            if (!corrupt && !readOnly) {
                corrupt = true;
                try {
                    if (header.version() >= 3) {
                        writeLong(file, Header.AT_INCOMPATIBLE, header.incompatible() & ~Header.DIRTY | Header.CORRUPT);
                        file.sync();
                    }
                } catch (IOException e) {
                    System.getLogger(Qcow2Image.class.getName()).log(System.Logger.Level.WARNING, "cannot mark an image as corrupt", e);
                }
                file.freeze();
            }
        }
    }

    /** Whether the image was found to contradict itself. */
    public boolean isCorrupt() {
        synchronized (scratch) {
            return corrupt;
        }
    }

    // ---- reading ----

    private enum Kind {
        UNALLOCATED,
        ZERO,
        DATA,
        COMPRESSED
    }

    private Kind kind(long entry) {
        if ((entry & MappingTables.COMPRESSED) != 0) {
            return Kind.COMPRESSED;
        } else if (header.version() >= 3 && (entry & MappingTables.ZERO) != 0) {
            return Kind.ZERO;
        }
        return (entry & MappingTables.OFFSET) == 0 ? Kind.UNALLOCATED : Kind.DATA;
    }

    /** Bytes of the disk that lie in one row: {@code host} is where, for data; the entry, for a compressed cluster. */
    private record Extent(Kind kind, long host, long length) {}

    private int l1Index(long offset) {
        return (int) (offset >>> geometry.clusterBits() + geometry.l2Bits());
    }

    private int l2Index(long offset) {
        return (int) (offset >>> geometry.clusterBits()) & (geometry.l2Entries() - 1);
    }

    private Extent extent(long offset, long most) throws IOException {
        int first = l2Index(offset);
        int inCluster = (int) offset & (geometry.clusterSize() - 1);
        MappingTables.L2 table = tables.find(l1Index(offset));
        if (table == null) {
            long span = ((long) (geometry.l2Entries() - first) << geometry.clusterBits()) - inCluster;
            return new Extent(Kind.UNALLOCATED, 0, Math.min(most, span));
        }
        long entry = table.entries[first];
        Kind kind = kind(entry);
        long host = kind == Kind.COMPRESSED ? entry : kind == Kind.DATA ? dataOffset(entry) : 0;
        long length = geometry.clusterSize() - inCluster;
        for (int i = first + 1; length < most && i < table.entries.length && follows(table.entries[i], kind, host + ((long) (i - first) << geometry.clusterBits())); i++) {
            length += geometry.clusterSize();
        }
        return new Extent(kind, kind == Kind.DATA ? host + inCluster : host, Math.min(most, length));
    }

    private boolean follows(long entry, Kind kind, long host) {
        return kind != Kind.COMPRESSED && kind(entry) == kind
                && (kind != Kind.DATA || ((entry & MappingTables.OFFSET) == host && host < file.length()));
    }

    private long dataOffset(long entry) throws Corruption {
        long host = entry & MappingTables.OFFSET;
        if ((host & (geometry.clusterSize() - 1)) != 0 || host >= geometry.roundUp(file.length())) {
            throw new Corruption("a cluster of data is outside of the file, or askew: " + host);
        }
        return host;
    }

    @Override
    public IoStatus read(long offset, List<MemorySegment> into) {
        return inRange(lock.readLock(), offset, Vector.length(into), () -> readMapped(offset, into));
    }

    private void readMapped(long offset, List<MemorySegment> into) throws IOException {
        Vector vector = new Vector(into);
        for (long at = offset; vector.remaining() > 0; ) {
            Extent extent = extent(at, vector.remaining());
            List<MemorySegment> piece = vector.take(extent.length);
            switch (extent.kind) {
                case DATA -> file.read(extent.host, piece);
                case ZERO -> piece.forEach(segment -> segment.fill((byte) 0));
                case UNALLOCATED -> readBacking(at, piece);
                case COMPRESSED -> {
                    MemorySegment cluster = MemorySegment.ofArray(compressed.read(extent.host));
                    Vector.copy(cluster.asSlice(at & (geometry.clusterSize() - 1)), piece);
                }
            }
            at += extent.length;
        }
    }

    private void readBacking(long offset, List<MemorySegment> into) throws IOException {
        Vector vector = new Vector(into);
        if (backing.isPresent() && offset < backing.get().disk().size()) {
            BlockBackend under = backing.get().disk();
            IoStatus status = under.read(offset, vector.take(Math.min(vector.remaining(), under.size() - offset)));
            if (status != IoStatus.OK) {
                throw new IoFailure(status, "the backing file " + backing.get().name() + " cannot be read");
            }
        }
        vector.take(vector.remaining()).forEach(segment -> segment.fill((byte) 0));
    }

    // ---- writing ----

    @Override
    public IoStatus write(long offset, List<MemorySegment> from) {
        Vector vector = new Vector(from);
        long length = vector.remaining();
        IoStatus status = change(lock.readLock(), offset, length, () -> writeInPlace(offset, vector));
        if (status != IoStatus.OK || vector.remaining() == 0) {
            return status;
        }
        return change(lock.writeLock(), offset, length, () -> writeAllocating(offset + length - vector.remaining(), vector));
    }

    /** Writes as far as clusters are there and belong to this disk alone. */
    private void writeInPlace(long offset, Vector vector) throws IOException {
        for (long at = offset; vector.remaining() > 0; ) {
            Extent extent = ownExtent(at, vector.remaining());
            if (extent.length == 0) {
                return;
            }
            file.write(extent.host, vector.peek(extent.length));
            vector.skip(extent.length);
            at += extent.length;
        }
    }

    /** Data that may be written in place; of length 0 if it may not. */
    private Extent ownExtent(long offset, long most) throws IOException {
        int first = l2Index(offset);
        int inCluster = (int) offset & (geometry.clusterSize() - 1);
        MappingTables.L2 table = tables.find(l1Index(offset));
        if (table == null || !tables.isOwn(l1Index(offset)) || !isOwnData(table.entries[first])) {
            return new Extent(Kind.DATA, 0, 0);
        }
        long host = dataOffset(table.entries[first]);
        demandNoTable(host);
        long length = geometry.clusterSize() - inCluster;
        for (int i = first + 1; length < most && i < table.entries.length; i++) {
            long next = host + ((long) (i - first) << geometry.clusterBits());
            if (!isOwnData(table.entries[i]) || !follows(table.entries[i], Kind.DATA, next)) {
                break;
            }
            demandNoTable(next);
            length += geometry.clusterSize();
        }
        return new Extent(Kind.DATA, host + inCluster, Math.min(most, length));
    }

    private boolean isOwnData(long entry) {
        return kind(entry) == Kind.DATA && (entry & MappingTables.COPIED) != 0;
    }

    private void demandNoTable(long host) throws Corruption {
        if (host == 0 || metadata.contains(host)) {
            throw new Corruption("a cluster of data lies where a table is: " + host);
        }
    }

    private void writeAllocating(long offset, Vector vector) throws IOException {
        for (long at = offset; vector.remaining() > 0; ) {
            long before = vector.remaining();
            writeInPlace(at, vector);
            at += before - vector.remaining();
            if (vector.remaining() > 0) {
                at += writeNew(at, vector);
            }
        }
    }

    /** Writes into new clusters: as many whole ones as there are in a row, or part of one. Returns how many bytes. */
    private long writeNew(long offset, Vector vector) throws IOException {
        commitIfFull();
        MappingTables.L2 table = tables.own(l1Index(offset));
        int first = l2Index(offset);
        int inCluster = (int) offset & (geometry.clusterSize() - 1);
        if (inCluster != 0 || vector.remaining() < geometry.clusterSize() || reusable(table.entries[first]) != 0) {
            return writePart(offset, vector, table, first);
        }
        int clusters = 0;
        while (first + clusters < table.entries.length
                && vector.remaining() >= (long) (clusters + 1) << geometry.clusterBits()
                && !isOwnData(table.entries[first + clusters])
                && reusable(table.entries[first + clusters]) == 0) {
            clusters++;
        }
        Refcounts.Run run = refcounts.allocate(clusters);
        long length = run.clusters() << geometry.clusterBits();
        writeFresh(run, run.offset(), vector.peek(length));
        vector.skip(length);
        for (int i = 0; i < run.clusters(); i++) {
            replace(table, first + i, run.offset() + ((long) i << geometry.clusterBits()) | MappingTables.COPIED);
        }
        return length;
    }

    /** The cluster that was kept under a zero, if it belongs to this disk alone; else 0. */
    private long reusable(long entry) {
        return kind(entry) == Kind.ZERO && (entry & MappingTables.COPIED) != 0 ? entry & MappingTables.OFFSET : 0;
    }

    private long writePart(long offset, Vector vector, MappingTables.L2 table, int index) throws IOException {
        int inCluster = (int) offset & (geometry.clusterSize() - 1);
        long length = Math.min(vector.remaining(), geometry.clusterSize() - inCluster);
        long start = offset - inCluster;
        long kept = reusable(table.entries[index]);
        boolean blank = kind(table.entries[index]) == Kind.UNALLOCATED && (backing.isEmpty() || start >= backing.get().disk().size());
        List<MemorySegment> piece = vector.peek(length);
        if (kept != 0) {
            dataOffset(kept);
            demandNoTable(kept);
            file.write(kept, List.of(merged(start, inCluster, piece)));
            replace(table, index, kept | MappingTables.COPIED);
        } else {
            Refcounts.Run run = refcounts.allocate(1);
            if (blank && run.offset() >= file.length()) {
                writeFresh(run, run.offset() + inCluster, piece);
            } else {
                writeFresh(run, run.offset(), List.of(merged(start, inCluster, piece)));
            }
            replace(table, index, run.offset() | MappingTables.COPIED);
        }
        vector.skip(length);
        return length;
    }

    /** A cluster as it is read now, with a piece of it replaced. */
    private MemorySegment merged(long start, int inCluster, List<MemorySegment> piece) throws IOException {
        readMapped(start, List.of(scratch));
        Vector.gather(piece, scratch.asSlice(inCluster));
        return scratch;
    }

    /** Writes into clusters that were just allocated, which are free again if that fails. The file reaches to their end, so that what was not written reads as zeroes. */
    private void writeFresh(Refcounts.Run run, long at, List<MemorySegment> from) throws IOException {
        try {
            file.write(at, from);
            long end = run.offset() + (run.clusters() << geometry.clusterBits());
            if (file.length() < end) {
                file.truncate(end);
            }
        } catch (IOException e) {
            refcounts.undo(run);
            throw e;
        }
    }

    /** Changes an entry, and releases what it referred to unless the new one refers to it as well. */
    private void replace(MappingTables.L2 table, int index, long entry) throws IOException {
        long old = table.entries[index];
        tables.set(table, index, entry);
        if ((old & MappingTables.COMPRESSED) != 0) {
            CompressedClusters.Place place = compressed.place(old);
            for (long at = place.start() & -geometry.clusterSize(); at < place.end(); at += geometry.clusterSize()) {
                refcounts.release(at);
            }
        } else if ((old & MappingTables.OFFSET) != 0 && (old & MappingTables.OFFSET) != (entry & MappingTables.OFFSET)) {
            refcounts.release(old & MappingTables.OFFSET);
        }
    }

    /** Writes one whole cluster in compressed form, where that is smaller. For images that are being made. */
    IoStatus writeCompressed(long offset, byte[] cluster) {
        return change(lock.writeLock(), offset, Math.min(cluster.length, size - offset), () -> {
            Optional<byte[]> small = header.compression().compress(cluster);
            if (small.isEmpty()) {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment whole = arena.allocateFrom(JAVA_BYTE, cluster);
                    writeAllocating(offset, new Vector(List.of(whole.asSlice(0, Math.min(cluster.length, size - offset)))));
                }
                return;
            }
            commitIfFull();
            MappingTables.L2 table = tables.own(l1Index(offset));
            long at = refcounts.pack(small.get().length);
            Tables.writeBytes(file, at, small.get());
            long end = (at + small.get().length + 511) & -512;
            if (file.length() < end) {
                file.truncate(end);
            }
            replace(table, l2Index(offset), compressed.entry(at, small.get().length));
        });
    }

    // ---- zeroes ----

    @Override
    public IoStatus discard(long offset, long length) {
        return change(lock.writeLock(), offset, length, () -> {
            long from = geometry.roundUp(offset);
            long to = offset + length == size ? geometry.roundUp(size) : (offset + length) & -geometry.clusterSize();
            for (long at = from; at < to; ) {
                at += eachMapped(at, to, this::forget);
            }
        });
    }

    /** What is done with an entry of a table that is there. */
    @FunctionalInterface
    private interface EntryChange {
        void apply(MappingTables.L2 table, int index) throws IOException;
    }

    /** Goes through one L2 table's clusters of a range; returns the bytes that it stands for. */
    private long eachMapped(long from, long to, EntryChange change) throws IOException {
        int first = l2Index(from);
        long span = Math.min(to - from, (long) (geometry.l2Entries() - first) << geometry.clusterBits());
        if (tables.find(l1Index(from)) != null) {
            commitIfFull();
            MappingTables.L2 table = tables.own(l1Index(from));
            for (int i = 0; i < span >>> geometry.clusterBits(); i++) {
                change.apply(table, first + i);
            }
        }
        return span;
    }

    /** Discards a cluster: it reads as zeroes afterwards, or stays as it is. */
    private void forget(MappingTables.L2 table, int index) throws IOException {
        if (kind(table.entries[index]) == Kind.UNALLOCATED) {
            return;
        }
        if (backing.isEmpty()) {
            replace(table, index, 0);
        } else if (header.version() >= 3) {
            replace(table, index, MappingTables.ZERO);
        }
    }

    @Override
    public IoStatus writeZeroes(long offset, long length, Zeroing zeroing) {
        return change(lock.writeLock(), offset, length, () -> zero(offset, length, zeroing));
    }

    private void zero(long offset, long length, Zeroing zeroing) throws IOException {
        long end = offset + length;
        for (long at = offset; at < end; ) {
            long inCluster = at & (geometry.clusterSize() - 1);
            long n = Math.min(end - at, geometry.clusterSize() - inCluster);
            boolean whole = inCluster == 0 && (n == geometry.clusterSize() || at + n == size);
            if (!whole) {
                zeroPart(at, n);
            } else if (canMarkZero(zeroing)) {
                long to = end == size ? geometry.roundUp(end) : end & -geometry.clusterSize();
                n = Math.min(markZero(at, to, zeroing), end - at);
            } else {
                zeroPart(at, n);
            }
            at += n;
        }
    }

    /** Version 2 has no mark for a zero, only for nothing. */
    private boolean canMarkZero(Zeroing zeroing) {
        return header.version() >= 3 || (backing.isEmpty() && zeroing == Zeroing.RELEASE);
    }

    private long markZero(long from, long to, Zeroing zeroing) throws IOException {
        if (backing.isPresent()) {
            commitIfFull();
            tables.own(l1Index(from));
        }
        return eachMapped(from, to, (table, index) -> {
            long entry = table.entries[index];
            if (zeroing == Zeroing.KEEP && (isOwnData(entry) || reusable(entry) != 0)) {
                replace(table, index, entry & MappingTables.OFFSET | MappingTables.COPIED | MappingTables.ZERO);
            } else if (backing.isPresent()) {
                replace(table, index, MappingTables.ZERO);
            } else if (kind(entry) != Kind.UNALLOCATED) {
                replace(table, index, 0);
            }
        });
    }

    private void zeroPart(long offset, long length) throws IOException {
        Extent extent = extent(offset, length);
        if (extent.kind == Kind.ZERO || (extent.kind == Kind.UNALLOCATED && backing.isEmpty())) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            writeAllocating(offset, new Vector(List.of(arena.allocate(length))));
        }
    }

    // ---- bringing it to the disk ----

    @Override
    public IoStatus flush() {
        if (readOnly) {
            return IoStatus.OK;
        }
        boolean[] changed = new boolean[1];
        IoStatus status = change(lock.readLock(), 0, 0, () -> {
            changed[0] = tables.isDirty() || refcounts.hasReleases();
            if (!changed[0]) {
                file.sync();
            }
        });
        return changed[0] ? change(lock.writeLock(), 0, 0, this::commit) : status;
    }

    private void commitIfFull() throws IOException {
        if (tables.isFull()) {
            commit();
        }
    }

    /** The stages of the package's description. */
    private void commit() throws IOException {
        refcounts.writeDirty();
        tables.writeFresh();
        file.sync();
        if (tables.isDirty()) {
            tables.writeReferring();
            file.sync();
            tables.committed();
        }
        if (refcounts.hasReleases()) {
            giveBack(refcounts.applyReleases());
            refcounts.writeDirty();
        }
    }

    /** Clusters that are free now take no room of the host's. */
    private void giveBack(LongList freed) throws IOException {
        freed.sort();
        for (int i = 0; i < freed.size(); ) {
            int n = 1;
            while (i + n < freed.size() && freed.get(i + n) == freed.get(i) + ((long) n << geometry.clusterBits())) {
                n++;
            }
            file.punch(freed.get(i), (long) n << geometry.clusterBits());
            compressed.forget();
            i += n;
        }
    }

    /** Makes the disk larger; the new part reads as zeroes. Durable when it returns. */
    public IoStatus grow(long newSize) {
        return change(lock.writeLock(), 0, 0, () -> {
            if (newSize < size || geometry.l1Entries(newSize) > Header.MAX_L1_BYTES / 8) {
                throw new IoFailure(IoStatus.UNSUPPORTED, "a disk of " + newSize + " bytes");
            }
            int entries = (int) geometry.l1Entries(newSize);
            if (entries > tables.l1Size()) {
                growL1(entries);
            }
            long old = size;
            size = newSize;
            try {
                long under = backing.isPresent() ? backing.get().disk().size() : 0;
                long shown = Math.min(newSize, Math.max(under, geometry.roundUp(old)));
                zero(old, shown - old, Zeroing.RELEASE);
                commit();
                writeLong(file, 24, newSize);
                file.sync();
            } catch (IOException e) {
                size = old;
                throw e;
            }
        });
    }

    private void growL1(int entries) throws IOException {
        commit();
        int before = tables.l1Size();
        Refcounts.Run run = refcounts.allocateAll(geometry.clusters(8L * entries));
        long[] longer = tables.longer(entries);
        Tables.writeLongs(file, run.offset(), longer, 0, entries);
        if (file.length() < run.offset() + (run.clusters() << geometry.clusterBits())) {
            file.truncate(run.offset() + (run.clusters() << geometry.clusterBits()));
        }
        refcounts.writeDirty();
        file.sync();
        byte[] field = java.nio.ByteBuffer.allocate(12).putInt(entries).putLong(run.offset()).array();
        Tables.writeBytes(file, Header.AT_L1, field);
        file.sync();
        long old = tables.moved(run.offset(), longer);
        for (long at = 0; at < run.clusters(); at++) {
            metadata.add(run.offset() + (at << geometry.clusterBits()));
        }
        for (long at = old; at < old + 8L * before; at += geometry.clusterSize()) {
            refcounts.release(at);
        }
    }

    /** Gives every cluster of the disk its place in the file, without writing data; what was not there reads as zeroes. For new images without a backing file. */
    IoStatus allocateAll() {
        return change(lock.writeLock(), 0, 0, () -> {
            for (long at = 0; at < size; ) {
                at += eachAllocated(at);
            }
        });
    }

    private long eachAllocated(long from) throws IOException {
        commitIfFull();
        MappingTables.L2 table = tables.own(l1Index(from));
        int first = l2Index(from);
        long wanted = Math.min(geometry.l2Entries() - first, geometry.clusters(size - from));
        Refcounts.Run run = refcounts.allocate(wanted);
        long end = run.offset() + (run.clusters() << geometry.clusterBits());
        if (file.length() < end) {
            file.truncate(end);
        }
        for (int i = 0; i < run.clusters(); i++) {
            replace(table, first + i, run.offset() + ((long) i << geometry.clusterBits()) | MappingTables.COPIED);
        }
        return run.clusters() << geometry.clusterBits();
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            if (!readOnly) {
                flush();
                change(lock.writeLock(), 0, 0, () -> {
                    if (refcounts.isDirty()) {
                        refcounts.writeDirty();
                        file.sync();
                    }
                });
            }
            closed = true;
            file.close();
            backing.ifPresent(under -> under.disk().close());
        } finally {
            lock.writeLock().unlock();
        }
    }

    Geometry geometry() {
        return geometry;
    }
}
