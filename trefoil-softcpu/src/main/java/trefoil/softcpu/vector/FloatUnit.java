package trefoil.softcpu.vector;

import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.fp.Arithmetic;
import trefoil.softcpu.fp.Conversions;
import trefoil.softcpu.fp.FloatStatus;
import trefoil.softcpu.fp.Format;
import trefoil.softcpu.fp.Arithmetic.Order;
import trefoil.softcpu.fp.Packing;
import trefoil.softcpu.fp.Real;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.FloatingPointControl;

/**
 * Elements of floating-point vectors, one computation at a time, under MXCSR. {@link #begin} before an instruction, {@link #commit} after its elements and before its result is written: there the exceptions of all elements
 * meet MXCSR, and an unmasked one is raised (Intel SDM Vol. 1, 11.5).
 *
 * <p>Where nothing can be noted (rounding to nearest, all masked, inexact noted already) and nothing special comes in or out, Java's own arithmetic gives the result, which IEEE 754 defines to the bit.
 */
final class FloatUnit {
    /** Operations of two operands. */
    enum Sum {
        ADD,
        SUBTRACT,
        MULTIPLY,
        DIVIDE
    }

    private static final int USUAL = FloatingPointControl.EXCEPTIONS << FloatingPointControl.MXCSR_MASK_SHIFT | FloatingPointControl.PE;
    private static final int LOOKED_AT = USUAL | FloatingPointControl.MXCSR_DAZ | FloatingPointControl.MXCSR_FTZ | 3 << FloatingPointControl.MXCSR_ROUNDING_SHIFT;
    private static final int BEFORE = FloatStatus.INVALID | FloatStatus.DENORMAL | FloatStatus.DIVIDE;

    private final Cpu cpu;
    private final FloatStatus status = new FloatStatus();
    private final Arithmetic arithmetic = new Arithmetic(status);
    private final Packing packing = new Packing(status);
    private final Conversions conversions = new Conversions(status);
    private final Real a = new Real();
    private final Real b = new Real();
    private final Real result = new Real();
    private int flags;
    private boolean fast;

    FloatUnit(Cpu cpu) {
        this.cpu = cpu;
    }

    void begin() {
        flags = 0;
        fast = (cpu.mxcsr & LOOKED_AT) == USUAL;
    }

    /** Notes the exceptions of all elements in MXCSR. An unmasked one that is known before the result is computed hides those that only rounding shows (11.5.3). */
    void commit() {
        if (flags == 0) {
            return;
        }
        int masked = cpu.mxcsr >> FloatingPointControl.MXCSR_MASK_SHIFT & FloatingPointControl.EXCEPTIONS;
        int unmasked = flags & ~masked;
        cpu.mxcsr |= (unmasked & BEFORE) != 0 ? flags & BEFORE : flags;
        if (unmasked != 0) {
            throw raised();
        }
    }

    private Fault raised() {
        return (cpu.cr4 & ControlRegisters.CR4_OSXMMEXCPT) != 0 ? cpu.fault(Vector.XM) : cpu.ud();
    }

    private void rules() {
        status.mxcsr(cpu.mxcsr);
    }

    private long noted(long bits) {
        flags |= status.flags();
        return bits;
    }

    /** Zero, or finite and beyond the least normal number: no operand that an exception could come from, no result that one was lost in. */
    private static boolean isPlain(double value) {
        double magnitude = Math.abs(value);
        return magnitude > Double.MIN_NORMAL && magnitude <= Double.MAX_VALUE || value == 0 && magnitude == 0 && Double.doubleToRawLongBits(magnitude) == 0;
    }

    private static boolean isPlain(float value) {
        float magnitude = Math.abs(value);
        return magnitude > Float.MIN_NORMAL && magnitude <= Float.MAX_VALUE || Float.floatToRawIntBits(magnitude) == 0;
    }

    // ---- arithmetic ----

    long compute(Sum sum, Format format, long x, long y) {
        if (fast) {
            if (format == Format.BINARY64) {
                double p = Double.longBitsToDouble(x);
                double q = Double.longBitsToDouble(y);
                double r = apply(sum, p, q);
                if (isPlain(p) && isPlain(q) && isResult(sum, r, p == 0 || q == 0)) {
                    return Double.doubleToRawLongBits(r);
                }
            } else {
                float p = Float.intBitsToFloat((int) x);
                float q = Float.intBitsToFloat((int) y);
                float r = apply(sum, p, q);
                if (isPlain(p) && isPlain(q) && isResult(sum, r, p == 0 || q == 0)) {
                    return Float.floatToRawIntBits(r) & 0xFFFF_FFFFL;
                }
            }
        }
        rules();
        a.unpack(format, x);
        b.unpack(format, y);
        Real value = switch (sum) {
            case ADD -> arithmetic.add(a, b, result);
            case SUBTRACT -> arithmetic.subtract(a, b, result);
            case MULTIPLY -> arithmetic.multiply(a, b, result);
            case DIVIDE -> arithmetic.divide(a, b, result);
        };
        return noted(packing.pack(value, format));
    }

    /** Whether a result that is plain itself says nothing: a zero that rounding made would. */
    private static boolean isResult(Sum sum, double r, boolean zeroOperand) {
        return isPlain(r) && (r != 0 || sum == Sum.ADD || sum == Sum.SUBTRACT || sum == Sum.MULTIPLY && zeroOperand);
    }

    private static boolean isResult(Sum sum, float r, boolean zeroOperand) {
        return isPlain(r) && (r != 0 || sum == Sum.ADD || sum == Sum.SUBTRACT || sum == Sum.MULTIPLY && zeroOperand);
    }

    private static double apply(Sum sum, double p, double q) {
        return switch (sum) {
            case ADD -> p + q;
            case SUBTRACT -> p - q;
            case MULTIPLY -> p * q;
            case DIVIDE -> p / q;
        };
    }

    private static float apply(Sum sum, float p, float q) {
        return switch (sum) {
            case ADD -> p + q;
            case SUBTRACT -> p - q;
            case MULTIPLY -> p * q;
            case DIVIDE -> p / q;
        };
    }

    long squareRoot(Format format, long x) {
        if (fast && format == Format.BINARY64) {
            double p = Double.longBitsToDouble(x);
            if (p > 0 && isPlain(p)) {
                return Double.doubleToRawLongBits(Math.sqrt(p));
            }
        }
        rules();
        return noted(packing.pack(arithmetic.squareRoot(a.unpack(format, x), result), format));
    }

    // ---- comparison ----

    Order compare(Format format, long x, long y, boolean quiet) {
        rules();
        Order order = arithmetic.compare(a.unpack(format, x), b.unpack(format, y), quiet);
        noted(0);
        return order;
    }

    /** MIN or MAX: the second operand unless the first is strictly beyond; so with NaNs and with two zeros (Vol. 2, MINPD). */
    long extreme(Format format, long x, long y, boolean least) {
        Order order = compare(format, x, y, false);
        return flushed(format, order == (least ? Order.LESS : Order.GREATER) ? x : y);
    }

    /** With DAZ a denormal operand is a zero, also when it is what comes out. */
    private long flushed(Format format, long x) {
        boolean denormal = (cpu.mxcsr & FloatingPointControl.MXCSR_DAZ) != 0 && a.unpack(format, x).isDenormal();
        return !denormal ? x : format == Format.BINARY64 ? x & Long.MIN_VALUE : x & 0x8000_0000L;
    }

    // ---- conversion ----

    /** Between single and double precision. */
    long convert(Format from, Format to, long x) {
        if (fast && from == Format.BINARY32 && isPlain(Float.intBitsToFloat((int) x))) {
            return Double.doubleToRawLongBits(Float.intBitsToFloat((int) x));
        }
        rules();
        return noted(packing.pack(conversions.convert(a.unpack(from, x), result), to));
    }

    long fromInteger(long integer, Format to) {
        if (to == Format.BINARY64 && (int) integer == integer) {
            return Double.doubleToRawLongBits((double) integer);
        }
        rules();
        return noted(packing.pack(a.set(integer), to));
    }

    /** To a signed integer of 32 or 64 bits. */
    long toInteger(Format from, long x, int bits, boolean truncate) {
        rules();
        return noted(conversions.toInteger(a.unpack(from, x), bits, truncate));
    }

    /** ROUNDPD and its kind: {@code control} says how, and whether inexactness is noted (Vol. 2, figure 4-24). */
    long round(Format format, long x, int control) {
        // It has no denormal-operand exception (Vol. 2, ROUNDPD, SIMD floating-point exceptions).
        int mxcsr = cpu.mxcsr | FloatingPointControl.DE << FloatingPointControl.MXCSR_MASK_SHIFT;
        if ((control & 4) != 0) {
            status.mxcsr(mxcsr);
        } else {
            status.mxcsr(mxcsr, control & 3);
        }
        Real value = conversions.toIntegral(a.unpack(format, x), (control & 8) == 0, result);
        long bits = packing.pack(value, format);
        flags |= status.flags() & ~FloatStatus.DENORMAL;
        return bits;
    }
}
