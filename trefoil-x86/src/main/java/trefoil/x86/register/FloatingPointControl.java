package trefoil.x86.register;

/** MXCSR, and the x87 control, status and tag words (Intel SDM Vol. 1, 8.1 and 10.2.3). */
public final class FloatingPointControl {
    /** Exception flags IE DE ZE OE UE PE: MXCSR, and the x87 status word. */
    public static final int EXCEPTIONS = 0x3F;
    /** Invalid operation. */
    public static final int IE = 1;
    /** Denormal. */
    public static final int DE = 1 << 1;
    /** Division by zero. */
    public static final int ZE = 1 << 2;
    /** Overflow. */
    public static final int OE = 1 << 3;
    /** Underflow. */
    public static final int UE = 1 << 4;
    /** Precision: inexact. */
    public static final int PE = 1 << 5;
    /** MXCSR: denormals are zeros. */
    public static final int MXCSR_DAZ = 1 << 6;
    /** MXCSR: lowest of the mask bits, which are in the order of the flags. */
    public static final int MXCSR_MASK_SHIFT = 7;
    /** MXCSR: lowest of the two bits of rounding: nearest, down, up, toward zero. */
    public static final int MXCSR_ROUNDING_SHIFT = 13;
    /** MXCSR: flush to zero. */
    public static final int MXCSR_FTZ = 1 << 15;
    /** MXCSR_MASK of processors with DAZ: other bits raise #GP(0). */
    public static final int MXCSR_DEFINED = 0xFFFF;
    /** MXCSR after reset. */
    public static final int MXCSR_RESET = 0x1F80;
    /** x87 control word after FNINIT. */
    public static final int FCW_INIT = 0x37F;
    /** x87 control word after reset (Vol. 3, table 9-1). */
    public static final int FCW_RESET = 0x40;
    /** x87 control word: lowest of the two bits of precision: 24, reserved, 53, 64. */
    public static final int FCW_PRECISION_SHIFT = 8;
    /** x87 control word: lowest of the two bits of rounding. */
    public static final int FCW_ROUNDING_SHIFT = 10;
    /** x87 status word: stack fault. */
    public static final int FSW_SF = 1 << 6;
    /** x87 status word: summary of unmasked exceptions. */
    public static final int FSW_ES = 1 << 7;
    /** x87 status word: C0. */
    public static final int FSW_C0 = 1 << 8;
    /** x87 status word: C1. */
    public static final int FSW_C1 = 1 << 9;
    /** x87 status word: C2. */
    public static final int FSW_C2 = 1 << 10;
    /** x87 status word: lowest of the three bits of the top of stack. */
    public static final int FSW_TOP_SHIFT = 11;
    /** x87 status word: C3. */
    public static final int FSW_C3 = 1 << 14;
    /** x87 status word: busy, as ES. */
    public static final int FSW_B = 1 << 15;
    /** x87 tag word with all registers empty. */
    public static final int FTW_EMPTY = 0xFFFF;

    private FloatingPointControl() {}
}
