package trefoil.x86.paging;

/** Bits of entries of page tables of every level (Intel SDM Vol. 3, 4.3 to 4.5). */
public final class PageEntry {
    /** Present. */
    public static final long P = 1;
    /** Writes allowed. */
    public static final long RW = 1 << 1;
    /** User accesses allowed. */
    public static final long US = 1 << 2;
    /** Write-through. */
    public static final long PWT = 1 << 3;
    /** Cache disabled. */
    public static final long PCD = 1 << 4;
    /** Accessed. */
    public static final long A = 1 << 5;
    /** Dirty; in entries that map a page. */
    public static final long D = 1 << 6;
    /** Page size: the entry maps a page, in levels above the last. */
    public static final long PS = 1 << 7;
    /** PAT, in entries of the last level. */
    public static final long PAT = 1 << 7;
    /** Global, with CR4.PGE. */
    public static final long G = 1 << 8;
    /** PAT, in entries that map large pages. */
    public static final long PAT_LARGE = 1 << 12;
    /** Execution disabled, with EFER.NXE. */
    public static final long XD = 1L << 63;
    /** Address of a 4-KiB page or table in an entry of 64 bits. */
    public static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;

    private PageEntry() {}

    /** Which entry of the page-attribute table an entry selects: PAT, PCD, PWT (4.9.2). */
    public static int patIndex(long entry, boolean large) {
        long pat = entry & (large ? PAT_LARGE : PAT);
        return (pat != 0 ? 4 : 0) | (int) (entry >> 3 & 3);
    }

    /** The physical address of a 4-MiB page (PSE-36, table 4-4): bits 39:32 stand in bits 20:13. */
    public static long address4M(int entry) {
        return entry & 0xFFC0_0000L | (entry & 0x1F_E000L) << 19;
    }
}
