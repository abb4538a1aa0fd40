package trefoil.disk.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import trefoil.disk.BlockFile;
import trefoil.disk.DiskException;
import trefoil.disk.DiskException.Reason;

/**
 * Goes through all that refers to clusters, counts, and compares with the counts that the image keeps. Reads each table once; takes 4 bytes for each cluster of the file that is
 * referred to, and refuses files of more than 2^28 clusters.
 */
public final class Check {
    /** What is mended. */
    public enum Repair {
        NOTHING,
        LEAKS,
        /** Leaks, counts that are too low, and marks that contradict the counts. */
        ALL
    }

    private static final int PAGE_BITS = 12;
    private static final long MOST_CLUSTERS = 1L << 28;
    private static final int MOST_WORDS = 20;

    private final BlockFile file;
    private final Header header;
    private final Geometry geometry;
    private final Repair repair;
    private final Refcounts refcounts;
    private final CompressedClusters compressed;
    private final int[][] expected;
    private final long fileClusters;
    private final List<String> problems = new ArrayList<>();
    private long corruptions;
    private long leaks;
    private long mended;
    private long used;

    private Check(BlockFile file, Header header, Repair repair) throws IOException {
        this.file = file;
        this.header = header;
        this.geometry = header.geometry();
        this.repair = repair;
        this.refcounts = new Refcounts(file, header, new OffsetSet(), Qcow2Image.DEFAULT_CACHE);
        this.compressed = new CompressedClusters(file, header);
        this.fileClusters = geometry.clusters(file.length());
        if (fileClusters > MOST_CLUSTERS) {
            throw new DiskException(Reason.UNSUPPORTED, "the image has more clusters than Trefoil checks");
        }
        this.expected = new int[(int) (fileClusters >>> PAGE_BITS) + 1][];
    }

    /** Checks an image that nobody has open, which {@code file} is. */
    public static CheckReport run(BlockFile file, String name, Repair repair) throws DiskException {
        try {
            Header header = Qcow2Image.readHeader(file, name);
            if (repair != Repair.NOTHING && header.extension(Header.Extension.BITMAPS).isPresent()) {
                throw new DiskException(Reason.UNSUPPORTED, name + " has persistent dirty bitmaps, which Trefoil does not mend");
            }
            CheckReport report = run(file, header, repair);
            if (repair == Repair.ALL && report.corruptions() == 0 && (header.isDirty() || header.isCorrupt())) {
                Tables.writeLongs(file, Header.AT_INCOMPATIBLE, new long[] {header.incompatible() & ~(Header.DIRTY | Header.CORRUPT)}, 0, 1);
                file.sync();
            }
            return report;
        } catch (Corruption e) {
            throw new DiskException(Reason.DAMAGED, name + " is damaged beyond what a check can tell: " + e.getMessage());
        } catch (IOException e) {
            throw DiskException.of(name, e);
        }
    }

    static CheckReport run(BlockFile file, Header header, Repair repair) throws IOException {
        Check check = new Check(file, header, repair);
        check.countEverything();
        check.compare();
        check.compareMarks();
        if (check.mended > 0) {
            check.refcounts.writeDirty();
            file.sync();
        }
        return new CheckReport(check.corruptions, check.leaks, check.mended, List.copyOf(check.problems), check.used);
    }

    private void corruption(String what) {
        corruptions++;
        tell("corrupt: " + what);
    }

    private void tell(String problem) {
        if (problems.size() < MOST_WORDS) {
            problems.add(problem);
        }
    }

    /** One reference more to each cluster of a range. False if it is outside of the file. */
    private boolean refer(long offset, long length, String what) {
        if (offset < 0 || length < 0 || offset + length > fileClusters << geometry.clusterBits() || offset + length < offset) {
            corruption(what + " is outside of the file: " + offset);
            return false;
        }
        for (long i = offset >>> geometry.clusterBits(); i < geometry.clusters(offset + length); i++) {
            int page = (int) (i >>> PAGE_BITS);
            if (expected[page] == null) {
                expected[page] = new int[1 << PAGE_BITS];
            }
            used += expected[page][(int) i & (1 << PAGE_BITS) - 1]++ == 0 ? 1 : 0;
        }
        return true;
    }

    private int expected(long cluster) {
        int[] page = cluster < fileClusters ? expected[(int) (cluster >>> PAGE_BITS)] : null;
        return page == null ? 0 : page[(int) cluster & (1 << PAGE_BITS) - 1];
    }

    private boolean isAskew(long offset, String what) {
        if ((offset & (geometry.clusterSize() - 1)) != 0) {
            corruption(what + " is askew: " + offset);
            return true;
        }
        return false;
    }

    private void countEverything() throws IOException {
        refer(0, geometry.clusterSize(), "the header");
        LongList places = refcounts.places();
        for (int i = 0; i < places.size(); i++) {
            refer(places.get(i), geometry.clusterSize(), "a refcount block");
        }
        countL1(header.l1Offset(), header.l1Size());
        if (header.snapshots() > 0) {
            SnapshotTable.Read snapshots = SnapshotTable.read(file, header);
            refer(header.snapshotsOffset(), snapshots.bytes(), "the snapshot table");
            for (SnapshotTable.Entry entry : snapshots.entries()) {
                countL1(entry.l1Offset(), entry.l1Size());
            }
        }
    }

    private void countL1(long offset, int size) throws IOException {
        if (size == 0 || !refer(offset, 8L * size, "an L1 table")) {
            return;
        }
        for (long entry : Tables.readLongs(file, offset, size)) {
            long l2 = entry & MappingTables.OFFSET;
            if (l2 != 0 && !isAskew(l2, "an L2 table") && refer(l2, geometry.clusterSize(), "an L2 table")) {
                for (long mapped : Tables.readLongs(file, l2, geometry.l2Entries())) {
                    countMapped(mapped);
                }
            }
        }
    }

    private void countMapped(long entry) {
        if ((entry & MappingTables.COMPRESSED) != 0) {
            try {
                CompressedClusters.Place place = compressed.place(entry);
                long start = place.start() & -512;
                refer(start, place.end() - start, "a compressed cluster");
                if ((entry & MappingTables.COPIED) != 0) {
                    corruption("a compressed cluster is marked as copied");
                }
            } catch (Corruption e) {
                corruption(e.getMessage());
            }
            return;
        }
        long offset = entry & MappingTables.OFFSET;
        if (offset != 0 && !isAskew(offset, "a cluster of data")) {
            refer(offset, geometry.clusterSize(), "a cluster of data");
        }
    }

    private void compare() throws IOException {
        long counted = Math.max(fileClusters, refcounts.counted());
        for (long i = 0; i < counted; i++) {
            if (i >= fileClusters && (i & (1L << geometry.blockBits()) - 1) == 0 && refcounts.isUncounted(i)) {
                i += (1L << geometry.blockBits()) - 1;
                continue;
            }
            compare(i);
        }
    }

    private void compare(long cluster) throws IOException {
        long is = refcounts.get(cluster);
        long should = expected(cluster);
        if (is == should) {
            return;
        }
        boolean leak = is > should;
        if (should <= geometry.maxRefcount() && (repair == Repair.ALL || (leak && repair == Repair.LEAKS))) {
            refcounts.set(cluster, should);
            mended++;
        } else if (leak) {
            leaks++;
            tell("leaked: cluster " + cluster + " has " + should + " references and is counted " + is + " times");
        } else {
            corruption("cluster " + cluster + " has " + should + " references and is counted " + is + " times");
        }
    }

    /** COPIED says that the count is exactly 1: in the active L1 and its L2 tables. */
    private void compareMarks() throws IOException {
        long[] l1 = Tables.readLongs(file, header.l1Offset(), header.l1Size());
        for (int i = 0; i < l1.length; i++) {
            long offset = l1[i] & MappingTables.OFFSET;
            if (offset == 0 || (offset & (geometry.clusterSize() - 1)) != 0 || expected(offset >>> geometry.clusterBits()) == 0) {
                continue;
            }
            l1[i] = marked(l1[i], header.l1Offset() + 8L * i, "an L2 table");
            compareMarks(offset);
        }
    }

    private void compareMarks(long l2) throws IOException {
        long[] entries = Tables.readLongs(file, l2, geometry.l2Entries());
        for (int i = 0; i < entries.length; i++) {
            boolean mapped = (entries[i] & MappingTables.COMPRESSED) == 0 && (entries[i] & MappingTables.OFFSET) != 0;
            if (mapped && (entries[i] & MappingTables.OFFSET & (geometry.clusterSize() - 1)) == 0) {
                marked(entries[i], l2 + 8L * i, "a cluster of data");
            }
        }
    }

    private long marked(long entry, long at, String what) throws IOException {
        int references = expected((entry & MappingTables.OFFSET) >>> geometry.clusterBits());
        boolean copied = (entry & MappingTables.COPIED) != 0;
        if (references == 0 || copied == (references == 1)) {
            return entry;
        }
        long right = entry ^ MappingTables.COPIED;
        if (repair == Repair.ALL) {
            Tables.writeLongs(file, at, new long[] {right}, 0, 1);
            mended++;
        } else {
            corruption(what + " has " + references + " references and is " + (copied ? "" : "not ") + "marked as having one");
        }
        return right;
    }
}
