package trefoil.x86.paging;

/** Error code of #PF (Intel SDM Vol. 3, 4.7). */
public final class PageFaultCode {
    /** The entry was present: a right was missing, or a reserved bit set. */
    public static final int P = 1;
    /** The access was a write. */
    public static final int WR = 1 << 1;
    /** The access was made with CPL 3. */
    public static final int US = 1 << 2;
    /** A reserved bit was set. */
    public static final int RSVD = 1 << 3;
    /** The access was an instruction fetch; only told with EFER.NXE (and CR4.PAE) or CR4.SMEP. */
    public static final int ID = 1 << 4;
    /** A protection key forbade it. */
    public static final int PK = 1 << 5;
    /** A shadow-stack access. */
    public static final int SS = 1 << 6;

    private PageFaultCode() {}
}
