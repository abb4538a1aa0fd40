package trefoil.disk.qcow2;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import trefoil.disk.DiskException;
import trefoil.disk.DiskException.Reason;

/**
 * The first cluster's content: header, header extensions, name of the backing file (sections "Header" and "Header extensions").
 *
 * @param size of the disk in bytes
 * @param extensions in order, without the end marker
 * @param backing name of the backing file, empty for none
 */
record Header(
        int version,
        int clusterBits,
        long size,
        int l1Size,
        long l1Offset,
        long refcountTableOffset,
        int refcountTableClusters,
        int snapshots,
        long snapshotsOffset,
        long incompatible,
        long compatible,
        long autoclear,
        int refcountOrder,
        Compression compression,
        List<Extension> extensions,
        String backing) {
    static final int MAGIC = 0x514649FB; // "QFI\xfb"
    static final long DIRTY = 1;
    static final long CORRUPT = 1 << 1;
    static final long EXTERNAL_DATA = 1 << 2;
    static final long COMPRESSION_TYPE = 1 << 3;
    static final long EXTENDED_L2 = 1 << 4;
    static final long LAZY_REFCOUNTS = 1;

    static final int AT_L1 = 36;
    static final int AT_REFCOUNT_TABLE = 48;
    static final int AT_INCOMPATIBLE = 72;
    static final int AT_AUTOCLEAR = 88;

    /** Bounds on what tables may take of our memory, whatever a header says: 32 MiB for L1, 8 MiB for the refcount table. */
    static final int MAX_L1_BYTES = 32 << 20;

    static final int MAX_REFCOUNT_TABLE_BYTES = 8 << 20;
    static final int MAX_SNAPSHOTS = 65_536;

    private static final int V2_LENGTH = 72;
    private static final int V3_LENGTH = 104;
    private static final int MAX_BACKING_NAME = 1023;
    private static final long OFFSET_LIMIT = 1L << 56;

    /** A header extension as it stands in the file. */
    record Extension(int type, byte[] data) {
        static final int END = 0;
        static final int BACKING_FORMAT = 0xE2792ACA;
        static final int FEATURE_NAMES = 0x6803F857;
        static final int BITMAPS = 0x23852875;
    }

    Geometry geometry() {
        return new Geometry(clusterBits, refcountOrder);
    }

    boolean isDirty() {
        return (incompatible & DIRTY) != 0;
    }

    boolean isCorrupt() {
        return (incompatible & CORRUPT) != 0;
    }

    Optional<byte[]> extension(int type) {
        return extensions.stream().filter(extension -> extension.type == type).map(Extension::data).findFirst();
    }

    /** Format of the backing file as the header names it. */
    Optional<String> backingFormat() {
        return extension(Extension.BACKING_FORMAT).map(data -> new String(data, UTF_8));
    }

    /**
     * Reads and checks it.
     *
     * @param in the first 2 MiB of the file, or all of it
     */
    static Header parse(ByteBuffer in, long fileLength, String name) throws DiskException {
        if (in.limit() < V2_LENGTH || in.getInt(0) != MAGIC) {
            throw new DiskException(Reason.NOT_AN_IMAGE, name + " is not a qcow2 image. Is it raw?");
        }
        int version = in.getInt(4);
        if (version != 2 && version != 3) {
            throw new DiskException(Reason.UNSUPPORTED, name + " is of version " + Integer.toUnsignedString(version) + " of qcow, and Trefoil reads 2 and 3. Convert it with qemu-img");
        }
        Parser parser = new Parser(in, fileLength, name, version);
        return parser.header();
    }

    /** One parse. */
    private record Parser(ByteBuffer in, long fileLength, String name, int version) {
        Header header() throws DiskException {
            int clusterBits = in.getInt(20);
            demand(clusterBits >= 9 && clusterBits <= 21, "a cluster size of 2^" + Integer.toUnsignedString(clusterBits));
            int length = headerLength(1 << clusterBits);
            long incompatible = version == 2 ? 0 : in.getLong(AT_INCOMPATIBLE);
            List<Extension> extensions = extensions(length, Math.min(1 << clusterBits, in.limit()));
            refuseUnknown(incompatible, extensions);
            int order = version == 2 ? 4 : in.getInt(96);
            demand(order >= 0 && order <= 6, "reference counts of 2^" + Integer.toUnsignedString(order) + " bits");
            Header header = new Header(
                    version, clusterBits, in.getLong(24), in.getInt(AT_L1), in.getLong(40), in.getLong(AT_REFCOUNT_TABLE), in.getInt(56), in.getInt(60),
                    in.getLong(64), incompatible, version == 2 ? 0 : in.getLong(80), version == 2 ? 0 : in.getLong(AT_AUTOCLEAR), order, compression(length, incompatible),
                    extensions, backing(1 << clusterBits));
            check(header);
            return header;
        }

        private int headerLength(int clusterSize) throws DiskException {
            if (version == 2) {
                return V2_LENGTH;
            }
            demand(in.limit() >= V3_LENGTH, "its end within the header");
            int length = in.getInt(100);
            demand(length >= V3_LENGTH && length <= clusterSize && length <= in.limit(), "a header of " + Integer.toUnsignedString(length) + " bytes");
            return length;
        }

        private List<Extension> extensions(int start, int end) throws DiskException {
            List<Extension> found = new ArrayList<>();
            long backingAt = in.getLong(8);
            long limit = backingAt > 0 && backingAt < end ? backingAt : end;
            for (long at = start; at + 8 <= limit; ) {
                int type = in.getInt((int) at);
                int length = in.getInt((int) at + 4);
                if (type == Extension.END) {
                    break;
                }
                demand(length >= 0 && length <= limit - at - 8, "a header extension of " + Integer.toUnsignedString(length) + " bytes");
                byte[] data = new byte[length];
                in.get((int) at + 8, data);
                found.add(new Extension(type, data));
                at += 8 + ((length + 7L) & -8);
            }
            return found;
        }

        private void refuseUnknown(long incompatible, List<Extension> extensions) throws DiskException {
            long unknown = incompatible & ~(DIRTY | CORRUPT | COMPRESSION_TYPE);
            if (unknown != 0) {
                int bit = Long.numberOfTrailingZeros(unknown);
                throw new DiskException(Reason.UNSUPPORTED, name + " uses a feature of qcow2 that Trefoil does not have: " + featureName(bit, extensions)
                        + ". Convert it: qemu-img convert -O qcow2");
            }
            if (in.getInt(32) != 0) {
                throw new DiskException(Reason.UNSUPPORTED, name + " is encrypted, which Trefoil does not have. Convert it: qemu-img convert -O qcow2");
            }
        }

        /** The image's own name for a feature, else the specification's. */
        private static String featureName(int bit, List<Extension> extensions) {
            for (Extension extension : extensions) {
                byte[] names = extension.type == Extension.FEATURE_NAMES ? extension.data : new byte[0];
                for (int at = 0; at + 48 <= names.length; at += 48) {
                    if (names[at] == 0 && names[at + 1] == bit) {
                        return new String(names, at + 2, 46, UTF_8).replaceAll("[^ -~]", "");
                    }
                }
            }
            return bit == 2 ? "external data file" : bit == 4 ? "extended L2 entries" : "incompatible feature bit " + bit;
        }

        private Compression compression(int length, long incompatible) throws DiskException {
            int type = length > V3_LENGTH ? Byte.toUnsignedInt(in.get(104)) : 0;
            demand(type != 0 == ((incompatible & COMPRESSION_TYPE) != 0), "a compression type that its feature bits contradict");
            if (type > 1) {
                throw new DiskException(Reason.UNSUPPORTED, name + " is compressed by method " + type + ", and Trefoil has 0 (zlib) and 1 (zstd)");
            }
            return type == 0 ? Compression.ZLIB : Compression.ZSTD;
        }

        private String backing(int clusterSize) throws DiskException {
            long at = in.getLong(8);
            int length = in.getInt(16);
            if (at == 0) {
                return "";
            }
            demand(length >= 0 && length <= MAX_BACKING_NAME && at > 0 && at + length <= Math.min(clusterSize, in.limit()), "the name of its backing file outside of the header");
            byte[] bytes = new byte[length];
            in.get((int) at, bytes);
            return new String(bytes, UTF_8);
        }

        private void check(Header header) throws DiskException {
            Geometry geometry = header.geometry();
            demand(header.size >= 0, "a disk of " + Long.toUnsignedString(header.size) + " bytes");
            long needed = geometry.l1Entries(header.size);
            if (needed > MAX_L1_BYTES / 8) {
                throw new DiskException(Reason.UNSUPPORTED, name + " says that its disk has " + header.size + " bytes, which takes more than the 32 MiB of L1 table that Trefoil allows");
            }
            demand(header.l1Size >= needed && header.l1Size <= MAX_L1_BYTES / 8, "an L1 table of " + Integer.toUnsignedString(header.l1Size) + " entries");
            table(header.l1Offset, 8L * header.l1Size, "L1 table");
            demand(header.refcountTableClusters > 0 && header.refcountTableClusters <= MAX_REFCOUNT_TABLE_BYTES >>> header.clusterBits,
                    "a refcount table of " + Integer.toUnsignedString(header.refcountTableClusters) + " clusters");
            table(header.refcountTableOffset, (long) header.refcountTableClusters << header.clusterBits, "refcount table");
            demand(header.snapshots >= 0 && header.snapshots <= MAX_SNAPSHOTS, Integer.toUnsignedString(header.snapshots) + " snapshots");
            if (header.snapshots > 0) {
                table(header.snapshotsOffset, 40L * header.snapshots, "snapshot table");
            }
        }

        private void table(long offset, long length, String what) throws DiskException {
            boolean placed = offset >= in.getInt(20) && offset < OFFSET_LIMIT && (offset & ((1L << in.getInt(20)) - 1)) == 0;
            long end = (fileLength + (1L << in.getInt(20)) - 1) & -(1L << in.getInt(20));
            demand(length == 0 || (placed && offset + length <= end), "its " + what + " outside of the file, or askew");
        }

        private void demand(boolean good, String what) throws DiskException {
            if (!good) {
                throw new DiskException(Reason.DAMAGED, name + " is damaged: it has " + what);
            }
        }
    }

    /** The bytes of the first cluster. */
    byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(1 << clusterBits);
        byte[] name = backing.getBytes(UTF_8);
        out.putInt(MAGIC).putInt(version).putLong(0).putInt(name.length).putInt(clusterBits).putLong(size).putInt(0);
        out.putInt(l1Size).putLong(l1Offset).putLong(refcountTableOffset).putInt(refcountTableClusters);
        out.putInt(snapshots).putLong(snapshotsOffset);
        if (version == 3) {
            out.putLong(incompatible).putLong(compatible).putLong(autoclear).putInt(refcountOrder);
            out.putInt(112).put((byte) compression.ordinal()).put(new byte[7]);
        }
        for (Extension extension : extensions) {
            out.putInt(extension.type).putInt(extension.data.length).put(extension.data);
            out.position((out.position() + 7) & -8);
        }
        out.putLong(0);
        if (name.length > 0) {
            out.putLong(8, out.position());
            out.put(name);
        }
        return out.array();
    }
}
