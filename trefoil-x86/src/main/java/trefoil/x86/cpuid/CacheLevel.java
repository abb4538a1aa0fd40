package trefoil.x86.cpuid;

/**
 * One cache of leaf 4 (Intel SDM Vol. 2, CPUID, deterministic cache parameters).
 *
 * @param sharedByAll whether all cores of the package share it; else each core has its own
 */
public record CacheLevel(int level, Kind kind, int ways, int sets, boolean sharedByAll) {
    /** Octets of a line. */
    public static final int LINE = 64;

    /** Octets of the whole. */
    public int size() {
        return LINE * ways * sets;
    }

    /** Values of EAX[4:0]. */
    public enum Kind {
        /** No more caches. */
        NONE,
        /** Data. */
        DATA,
        /** Instructions. */
        INSTRUCTION,
        /** Both. */
        UNIFIED
    }

    CpuidAnswer answer(int coreBits) {
        int idsSharing = sharedByAll ? (1 << coreBits) - 1 : 0;
        int eax = kind.ordinal() | level << 5 | 1 << 8 | idsSharing << 14 | (1 << coreBits) - 1 << 26;
        return new CpuidAnswer(eax, ways - 1 << 22 | LINE - 1, sets - 1, sharedByAll ? 4 : 0);
    }
}
