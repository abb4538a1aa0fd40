package trefoil.x86.register;

/** Bits of IA32_EFER (Intel SDM Vol. 3, 2.2.1). */
public final class Efer {
    /** SYSCALL enabled. */
    public static final long SCE = 1;
    /** IA-32e mode enabled. */
    public static final long LME = 1 << 8;
    /** IA-32e mode active; read only. */
    public static final long LMA = 1 << 10;
    /** Execute-disable bit enabled. */
    public static final long NXE = 1 << 11;
    /** Bits that WRMSR may set. */
    public static final long WRITABLE = SCE | LME | NXE;

    private Efer() {}

    /**
     * Whether WRMSR of {@code value} raises #GP(0): reserved bits, or LME changed while paging is on (Vol. 3, 4.1.2). LMA is read only: its value is ignored, as processors do.
     *
     * @param features bits that CPUID offers
     */
    public static boolean isInvalid(long value, long current, boolean paging, long features) {
        return (value & ~(features | LMA)) != 0 || paging && ((value ^ current) & LME) != 0;
    }
}
