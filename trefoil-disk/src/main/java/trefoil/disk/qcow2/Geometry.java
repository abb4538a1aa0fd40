package trefoil.disk.qcow2;

/**
 * What follows from cluster size and width of reference counts.
 *
 * @param clusterBits log2 of the cluster size, 9 to 21
 * @param refcountOrder log2 of the width of a reference count in bits, 0 to 6
 */
record Geometry(int clusterBits, int refcountOrder) {
    int clusterSize() {
        return 1 << clusterBits;
    }

    /** log2 of the entries of an L2 table. */
    int l2Bits() {
        return clusterBits - 3;
    }

    int l2Entries() {
        return 1 << l2Bits();
    }

    /** log2 of the counts in a refcount block. */
    int blockBits() {
        return clusterBits + 3 - refcountOrder;
    }

    /** The largest count that fits; at most 2^63 − 1. */
    long maxRefcount() {
        return refcountOrder == 6 ? Long.MAX_VALUE : (1L << (1 << refcountOrder)) - 1;
    }

    long roundUp(long bytes) {
        return (bytes + clusterSize() - 1) & -clusterSize();
    }

    long clusters(long bytes) {
        return (bytes + clusterSize() - 1) >>> clusterBits;
    }

    /** Entries that L1 needs for a disk. */
    long l1Entries(long diskSize) {
        int bits = clusterBits + l2Bits();
        return (diskSize >>> bits) + ((diskSize & ((1L << bits) - 1)) != 0 ? 1 : 0);
    }
}
