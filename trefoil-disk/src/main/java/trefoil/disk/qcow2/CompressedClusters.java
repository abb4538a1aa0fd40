package trefoil.disk.qcow2;

import java.io.IOException;
import trefoil.disk.BlockFile;

/**
 * Reads compressed clusters (section "Compressed Clusters Descriptor"): bits 0 to x−1 of an entry are the offset in bytes, the others up to bit 61 the number of 512-byte sectors beyond the first,
 * with x = 62 − (cluster bits − 8). Keeps the last one. Thread-safe by its monitor.
 */
final class CompressedClusters {
    private final BlockFile file;
    private final Header header;
    private final int offsetBits;
    private long lastEntry;
    private byte[] last;

    CompressedClusters(BlockFile file, Header header) {
        this.file = file;
        this.header = header;
        this.offsetBits = 62 - (header.clusterBits() - 8);
    }

    /** Where compressed data is: from a byte to the end of a sector. */
    record Place(long start, long end) {}

    Place place(long entry) throws Corruption {
        long start = entry & ((1L << offsetBits) - 1);
        long sectors = ((entry & MappingTables.COMPRESSED - 1) >>> offsetBits) + 1;
        long end = (start & -512) + sectors * 512;
        if (start >= file.length() || start < 512) {
            throw new Corruption("a compressed cluster is outside of the file: " + start);
        }
        return new Place(start, end);
    }

    long entry(long offset, int length) {
        long sectors = ((offset + length - 1) >>> 9) - (offset >>> 9);
        return MappingTables.COMPRESSED | sectors << offsetBits | offset;
    }

    /** The cluster of an entry; not to be changed. */
    synchronized byte[] read(long entry) throws IOException {
        if (last == null || lastEntry != entry) {
            Place place = place(entry);
            int length = (int) (Math.min(place.end, file.length()) - place.start);
            last = header.compression().decompress(Tables.readBytes(file, place.start, length), 1 << header.clusterBits());
            lastEntry = entry;
        }
        return last;
    }

    /** Clusters have been freed, and other data may come to be where the last one was. */
    synchronized void forget() {
        last = null;
    }
}
