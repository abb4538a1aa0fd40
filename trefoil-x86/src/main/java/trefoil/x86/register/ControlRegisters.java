package trefoil.x86.register;

/** Bits of CR0, CR3, CR4, CR8 and XCR0 (Intel SDM Vol. 3, 2.5 and 2.6). */
public final class ControlRegisters {
    /** CR0: protection enable. */
    public static final long CR0_PE = 1;
    /** CR0: monitor coprocessor. */
    public static final long CR0_MP = 1 << 1;
    /** CR0: emulation. */
    public static final long CR0_EM = 1 << 2;
    /** CR0: task switched. */
    public static final long CR0_TS = 1 << 3;
    /** CR0: extension type, always 1. */
    public static final long CR0_ET = 1 << 4;
    /** CR0: numeric error. */
    public static final long CR0_NE = 1 << 5;
    /** CR0: write protect. */
    public static final long CR0_WP = 1 << 16;
    /** CR0: alignment mask. */
    public static final long CR0_AM = 1 << 18;
    /** CR0: not write-through. */
    public static final long CR0_NW = 1 << 29;
    /** CR0: cache disable. */
    public static final long CR0_CD = 1 << 30;
    /** CR0: paging. */
    public static final long CR0_PG = 1L << 31;
    /** CR0 after reset (table 9-1). */
    public static final long CR0_RESET = CR0_CD | CR0_NW | CR0_ET;
    /** Bits of CR0 that are not reserved. */
    public static final long CR0_DEFINED = CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD | CR0_PG;
    /** Bits of CR0 that LMSW loads; it cannot clear PE. */
    public static final long CR0_LMSW = CR0_PE | CR0_MP | CR0_EM | CR0_TS;

    /** CR3: page-level write-through. */
    public static final long CR3_PWT = 1 << 3;
    /** CR3: page-level cache disable. */
    public static final long CR3_PCD = 1 << 4;
    /** CR3: process-context identifier, with CR4.PCIDE. */
    public static final long CR3_PCID = 0xfff;
    /** Source operand of MOV to CR3: do not flush, with CR4.PCIDE; not kept in the register. */
    public static final long CR3_NO_FLUSH = 1L << 63;

    /** CR4: virtual-8086 mode extensions. */
    public static final long CR4_VME = 1;
    /** CR4: protected-mode virtual interrupts. */
    public static final long CR4_PVI = 1 << 1;
    /** CR4: time stamp disable. */
    public static final long CR4_TSD = 1 << 2;
    /** CR4: debugging extensions. */
    public static final long CR4_DE = 1 << 3;
    /** CR4: page size extensions. */
    public static final long CR4_PSE = 1 << 4;
    /** CR4: physical address extension. */
    public static final long CR4_PAE = 1 << 5;
    /** CR4: machine-check enable. */
    public static final long CR4_MCE = 1 << 6;
    /** CR4: global pages. */
    public static final long CR4_PGE = 1 << 7;
    /** CR4: performance counters for all. */
    public static final long CR4_PCE = 1 << 8;
    /** CR4: the system saves SSE state. */
    public static final long CR4_OSFXSR = 1 << 9;
    /** CR4: the system handles #XM. */
    public static final long CR4_OSXMMEXCPT = 1 << 10;
    /** CR4: user-mode instruction prevention. */
    public static final long CR4_UMIP = 1 << 11;
    /** CR4: 57-bit linear addresses. */
    public static final long CR4_LA57 = 1 << 12;
    /** CR4: VMX. */
    public static final long CR4_VMXE = 1 << 13;
    /** CR4: SMX. */
    public static final long CR4_SMXE = 1 << 14;
    /** CR4: RDFSBASE and its kind. */
    public static final long CR4_FSGSBASE = 1 << 16;
    /** CR4: process-context identifiers. */
    public static final long CR4_PCIDE = 1 << 17;
    /** CR4: XSAVE and XCR0. */
    public static final long CR4_OSXSAVE = 1 << 18;
    /** CR4: supervisor-mode execution prevention. */
    public static final long CR4_SMEP = 1 << 20;
    /** CR4: supervisor-mode access prevention. */
    public static final long CR4_SMAP = 1 << 21;
    /** CR4: protection keys of user pages. */
    public static final long CR4_PKE = 1 << 22;
    /** CR4: control-flow enforcement. */
    public static final long CR4_CET = 1 << 23;
    /** Bits of CR4 whose change flushes the TLB (Vol. 3, 4.10.4.1), beside a set PCIDE that is cleared. */
    public static final long CR4_FLUSHES = CR4_PSE | CR4_PAE | CR4_PGE | CR4_LA57 | CR4_SMEP;

    /** XCR0: x87, always 1. */
    public static final long XCR0_X87 = 1;
    /** XCR0: XMM registers and MXCSR. */
    public static final long XCR0_SSE = 1 << 1;
    /** XCR0: upper halves of YMM registers. */
    public static final long XCR0_AVX = 1 << 2;

    private ControlRegisters() {}

    /** Whether MOV to CR0 of {@code value} raises #GP(0), whatever else the state (Vol. 2, MOV control registers): reserved high bits, PG without PE, NW without CD. */
    public static boolean isInvalidCr0(long value) {
        return value >>> 32 != 0 || (value & (CR0_PG | CR0_PE)) == CR0_PG || (value & (CR0_NW | CR0_CD)) == CR0_NW;
    }

    /** Whether XSETBV of {@code value} to XCR0 raises #GP(0) when {@code supported} are there (Vol. 1, 13.3). */
    public static boolean isInvalidXcr0(long value, long supported) {
        return (value & ~supported) != 0 || (value & XCR0_X87) == 0 || (value & (XCR0_AVX | XCR0_SSE)) == XCR0_AVX;
    }
}
