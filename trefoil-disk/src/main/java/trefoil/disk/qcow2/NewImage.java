package trefoil.disk.qcow2;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import trefoil.disk.BlockFile;
import trefoil.disk.DiskException;
import trefoil.disk.DiskException.Reason;

/**
 * What a new image is like.
 *
 * @param size of the disk in bytes
 * @param version 2 or 3
 * @param clusterSize a power of two, 512 to 2 MiB
 * @param refcountBits a power of two, 1 to 64; version 2 has 16
 * @param compression zstd needs version 3
 * @param backing name and format of the backing file, for the header
 */
public record NewImage(long size, int version, int clusterSize, int refcountBits, Compression compression, Optional<Standing> backing) {
    /** A backing file as the header names it. */
    public record Standing(String name, String format) {}

    /** Version 3, clusters of 64 KiB, counts of 16 bits, zlib, no backing file. */
    public static NewImage of(long size) {
        return new NewImage(size, 3, 1 << 16, 16, Compression.ZLIB, Optional.empty());
    }

    public NewImage withVersion(int changed) {
        return new NewImage(size, changed, clusterSize, refcountBits, compression, backing);
    }

    public NewImage withClusterSize(int changed) {
        return new NewImage(size, version, changed, refcountBits, compression, backing);
    }

    public NewImage withRefcountBits(int changed) {
        return new NewImage(size, version, clusterSize, changed, compression, backing);
    }

    public NewImage withCompression(Compression changed) {
        return new NewImage(size, version, clusterSize, refcountBits, changed, backing);
    }

    public NewImage on(String name, String format) {
        return new NewImage(size, version, clusterSize, refcountBits, compression, Optional.of(new Standing(name, format)));
    }

    /** Writes the image into an empty file, durably: header, refcount table, refcount blocks, L1. */
    public void write(BlockFile file) throws IOException {
        demand(Integer.bitCount(clusterSize) == 1 && clusterSize >= 512 && clusterSize <= 2 << 20, "clusters of " + clusterSize + " bytes");
        demand(Integer.bitCount(refcountBits) == 1 && refcountBits >= 1 && refcountBits <= 64, "reference counts of " + refcountBits + " bits");
        demand(version == 3 || (version == 2 && refcountBits == 16 && compression == Compression.ZLIB), "version " + version + " with these options");
        demand(size >= 0, "a disk of " + size + " bytes");
        Geometry geometry = new Geometry(Integer.numberOfTrailingZeros(clusterSize), Integer.numberOfTrailingZeros(refcountBits));
        long l1Entries = geometry.l1Entries(size);
        demand(l1Entries <= Header.MAX_L1_BYTES / 8, "a disk of " + size + " bytes with clusters of " + clusterSize);
        long l1Clusters = geometry.clusters(8 * l1Entries);
        long tableClusters = 1;
        long blocks = 1;
        while (blocks << geometry.blockBits() < 1 + tableClusters + blocks + l1Clusters || blocks > tableClusters << geometry.l2Bits()) {
            blocks = blocks << geometry.blockBits() < 1 + tableClusters + blocks + l1Clusters ? blocks + 1 : blocks;
            tableClusters = (blocks + (1L << geometry.l2Bits()) - 1) >>> geometry.l2Bits();
        }
        write(file, geometry, l1Entries, (int) tableClusters, (int) blocks);
    }

    private void write(BlockFile file, Geometry geometry, long l1Entries, int tableClusters, int blocks) throws IOException {
        int bits = geometry.clusterBits();
        long l1Offset = 1L + tableClusters + blocks << bits;
        long end = l1Offset + geometry.roundUp(8 * l1Entries);
        file.truncate(end);
        long[] table = new long[tableClusters << geometry.l2Bits()];
        for (int i = 0; i < blocks; i++) {
            table[i] = 1L + tableClusters + i << bits;
        }
        Tables.writeLongs(file, 1L << bits, table, 0, table.length);
        Header header = new Header(version, bits, size, (int) l1Entries, l1Offset, 1L << bits, tableClusters, 0, 0,
                compression == Compression.ZSTD ? Header.COMPRESSION_TYPE : 0, 0, 0, geometry.refcountOrder(), compression, extensions(),
                backing.map(Standing::name).orElse(""));
        demand(fits(header), "the name of a backing file that long, with clusters of " + clusterSize);
        Refcounts refcounts = new Refcounts(file, header, new OffsetSet(), blocks * clusterSize);
        for (long i = 0; i < end >>> bits; i++) {
            refcounts.set(i, 1);
        }
        refcounts.writeDirty();
        Tables.writeBytes(file, 0, header.toBytes());
        file.sync();
    }

    private List<Header.Extension> extensions() {
        List<Header.Extension> extensions = new ArrayList<>();
        backing.ifPresent(standing -> extensions.add(new Header.Extension(Header.Extension.BACKING_FORMAT, standing.format.getBytes(UTF_8))));
        return extensions;
    }

    private boolean fits(Header header) {
        int name = header.backing().getBytes(UTF_8).length;
        int extensions = header.extensions().stream().mapToInt(extension -> 8 + (extension.data().length + 7 & -8)).sum();
        return name <= 1023 && 112 + extensions + 8 + name <= clusterSize;
    }

    private static void demand(boolean good, String what) throws DiskException {
        if (!good) {
            throw new DiskException(Reason.UNSUPPORTED, "qcow2 has no " + what);
        }
    }
}
