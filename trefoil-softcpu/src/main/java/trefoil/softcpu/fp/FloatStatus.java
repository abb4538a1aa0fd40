package trefoil.softcpu.fp;

/**
 * What rules a computation and what it notes: rounding, precision, masks and flags of the x87's control and status words (SDM Vol.
 * 1, sections 8.1.3 and 8.1.5) or of MXCSR (section 10.2.3). Used by one thread.
 */
public final class FloatStatus {
    /** Round to nearest, ties to even. */
    public static final int NEAREST = 0;
    /** Round toward negative infinity. */
    public static final int DOWN = 1;
    /** Round toward positive infinity. */
    public static final int UP = 2;
    /** Round toward zero. */
    public static final int ZERO = 3;

    /** Invalid operation. */
    public static final int INVALID = 1;
    /** Denormal operand. */
    public static final int DENORMAL = 2;
    /** Divide by zero. */
    public static final int DIVIDE = 4;
    /** Numeric overflow. */
    public static final int OVERFLOW = 8;
    /** Numeric underflow. */
    public static final int UNDERFLOW = 16;
    /** Inexact result. */
    public static final int INEXACT = 32;
    /** All six. */
    public static final int ALL = 63;

    private int rounding;
    private int precision = 64;
    private int masked = ALL;
    private int flags;
    private boolean denormalsAreZero;
    private boolean flushToZero;
    private boolean x87;
    private boolean roundedUp;

    /** Rules of the x87: a control word, whose bits are those of FLDCW. */
    public void x87(int controlWord) {
        x87 = true;
        masked = controlWord & ALL;
        rounding = controlWord >> 10 & 3;
        precision = switch (controlWord >> 8 & 3) {
            case 0 -> 24;
            case 2 -> 53;
            default -> 64; // 1 is reserved, and behaves so
        };
        denormalsAreZero = false;
        flushToZero = false;
        clear();
    }

    /** Rules of SSE: MXCSR. */
    public void mxcsr(int mxcsr) {
        x87 = false;
        masked = mxcsr >> 7 & ALL;
        rounding = mxcsr >> 13 & 3;
        denormalsAreZero = (mxcsr & 1 << 6) != 0;
        flushToZero = (mxcsr & 1 << 15) != 0;
        clear();
    }

    /** Rules of SSE with a rounding of the instruction's own (ROUNDPD, VCVTPS2PH and the like). */
    public void mxcsr(int mxcsr, int ownRounding) {
        mxcsr(mxcsr);
        rounding = ownRounding;
    }

    /** Forgets what was noted. */
    public void clear() {
        flags = 0;
        roundedUp = false;
    }

    /** Exceptions since {@link #clear}. */
    public int flags() {
        return flags;
    }

    /** Exceptions since {@link #clear} that are not masked. */
    public int unmasked() {
        return flags & ~masked;
    }

    /** Whether the last rounding made the magnitude greater: the x87's C1. */
    public boolean roundedUp() {
        return roundedUp;
    }

    /** One of {@link #NEAREST}, {@link #DOWN}, {@link #UP}, {@link #ZERO}. */
    public int rounding() {
        return rounding;
    }

    boolean isX87() {
        return x87;
    }

    boolean denormalsAreZero() {
        return denormalsAreZero;
    }

    boolean flushesToZero() {
        return flushToZero;
    }

    /** Bits that a result of a computation is rounded to in a format. */
    int precision(Format format) {
        return format == Format.EXTENDED ? precision : format.precision();
    }

    void raise(int exceptions) {
        flags |= exceptions;
    }

    /** What was found inexact on the way to a result that is invalid is not told. */
    void dropInexact() {
        flags &= ~INEXACT;
        roundedUp = false;
    }

    void roundedUp(boolean up) {
        roundedUp = up;
    }

    boolean masks(int exception) {
        return (masked & exception) != 0;
    }
}
