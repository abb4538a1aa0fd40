package trefoil.x86.paging;

import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Efer;

/** How linear addresses are translated (Intel SDM Vol. 3, 4.1.1). */
public enum PagingMode {
    /** CR0.PG = 0. */
    NONE(0, 0, 0),
    /** 32-bit paging: two levels of 1,024 entries of 4 octets. */
    BITS32(2, 10, 4),
    /** PAE paging: PDPTE registers and two levels of 512 entries. */
    PAE(3, 9, 8),
    /** 4-level paging. */
    LEVEL4(4, 9, 8),
    /** 5-level paging. */
    LEVEL5(5, 9, 8);

    private final int levels;
    private final int indexBits;
    private final int entrySize;

    PagingMode(int levels, int indexBits, int entrySize) {
        this.levels = levels;
        this.indexBits = indexBits;
        this.entrySize = entrySize;
    }

    /** The mode that control registers choose. */
    public static PagingMode of(long cr0, long cr4, long efer) {
        if ((cr0 & ControlRegisters.CR0_PG) == 0) {
            return NONE;
        }
        if ((cr4 & ControlRegisters.CR4_PAE) == 0) {
            return BITS32;
        }
        return (efer & Efer.LMA) == 0 ? PAE : (cr4 & ControlRegisters.CR4_LA57) == 0 ? LEVEL4 : LEVEL5;
    }

    /** Levels of tables. */
    public int levels() {
        return levels;
    }

    /** Octets of an entry. */
    public int entrySize() {
        return entrySize;
    }

    /** Lowest bit of the linear address that the index of {@code level} takes; level 1 holds page-table entries. */
    public int shift(int level) {
        return 12 + indexBits * (level - 1);
    }

    /** Index of {@code address} in a table of {@code level}; the four PDPTEs of PAE are level 3. */
    public int index(long address, int level) {
        int mask = this == PAE && level == 3 ? 3 : (1 << indexBits) - 1;
        return (int) (address >>> shift(level)) & mask;
    }

    /** Bits of a linear address that are translated; higher ones must be copies of the highest (canonical) with 4 and 5 levels. */
    public int linearBits() {
        return switch (this) {
            case NONE, BITS32, PAE -> 32;
            case LEVEL4 -> 48;
            case LEVEL5 -> 57;
        };
    }

    /**
     * Bits that must be 0 in a present entry, else #PF with RSVD (4.4.2, 4.5.3, tables 4-8 to 4-20).
     *
     * @param level 1 for page-table entries
     * @param large whether PS is set, in levels above 1
     * @param physicalBits MAXPHYADDR
     * @param nxe EFER.NXE
     * @param gigabytePages whether CPUID offers 1-GiB pages
     */
    public long reserved(int level, boolean large, int physicalBits, boolean nxe, boolean gigabytePages) {
        if (this == NONE || this == BITS32) {
            return this == BITS32 && level == 2 && large ? reserved4M(physicalBits) : 0;
        }
        long address = PageEntry.ADDRESS & -(1L << physicalBits);
        if (this == PAE) {
            long high = 0x7FF0_0000_0000_0000L | (nxe && level < 3 ? 0 : PageEntry.XD);
            return address | high | (level == 3 ? 0x1E6 : large ? 0x1F_E000 : 0);
        }
        long execute = nxe ? 0 : PageEntry.XD;
        long size = level > 3 ? PageEntry.PS : level == 3 && !gigabytePages ? PageEntry.PS : 0;
        long alignment = !large || level == 1 || level > 3 ? 0 : (1L << shift(level)) - (1L << 13);
        return address | execute | size | alignment;
    }

    /** Bits 20:13 hold address bits 39:32; those from MAXPHYADDR on, and bit 21, are reserved (table 4-4). */
    private static long reserved4M(int physicalBits) {
        int offered = Math.clamp(physicalBits - 32, 0, 8);
        return 1 << 21 | (0xFF & -(1 << offered)) << 13;
    }

    /** Whether {@code address} may be used in 64-bit mode with {@code bits} linear bits (Vol. 1, 3.3.7.1). */
    public static boolean isCanonical(long address, int bits) {
        int unused = 64 - bits;
        return address << unused >> unused == address;
    }
}
