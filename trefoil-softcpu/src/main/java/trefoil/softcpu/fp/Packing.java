package trefoil.softcpu.fp;


/**
 * Rounds numbers into a format, and finds overflow, underflow and inexactness there (SDM Vol. 1, sections 4.8.4, 4.9.1.4 to 4.9.1.6, 8.5.4
 * to 8.5.6 and 11.5.2.4 to 11.5.2.6). A result is tiny when it would be after rounding with an exponent without bounds. Used by one thread.
 */
public final class Packing {
    /** What the x87 adds to or takes from the exponent of a result that over- or underflows where that is not masked (SDM Vol. 1, section 8.5.4). */
    private static final int BIAS_ADJUSTMENT = 24_576;

    private final FloatStatus status;
    private final Real shifted = new Real();
    private long significand;
    private int exponent;
    private int signAndExponent;
    private boolean inexact;
    private boolean up;

    /** Packing by these rules. */
    public Packing(FloatStatus status) {
        this.status = status;
    }

    /** The significand of what {@link #extended} packed. */
    public long significand() {
        return significand;
    }

    /** Sign and exponent of what {@link #extended} packed. */
    public int signAndExponent() {
        return signAndExponent;
    }

    /** Packs into 80 bits, rounded to the precision that the control word asks for. */
    public void extended(Real value) {
        extended(value, status.precision(Format.EXTENDED));
    }

    /** Packs into 80 bits, rounded to 64: what precision control does not concern (FLD, FXTRACT, FSCALE, the transcendental ones). */
    public void wholeExtended(Real value) {
        extended(value, 64);
    }

    private void extended(Real value, int precision) {
        int sign = value.negative ? 0x8000 : 0;
        switch (value.kind) {
            case ZERO -> extended(sign, 0);
            case INFINITY -> extended(sign | 0x7FFF, Real.INTEGER);
            case NAN -> extended(sign | 0x7FFF, value.high);
            case UNSUPPORTED -> throw new IllegalArgumentException("an unsupported encoding is no result");
            case FINITE -> {
                round(value, precision, Format.EXTENDED);
                extended(sign | exponent, significand);
            }
        }
    }

    private void extended(int top, long bottom) {
        signAndExponent = top;
        significand = bottom;
    }

    /** Packs into 16, 32 or 64 bits. */
    public long pack(Real value, Format format) {
        int fractionBits = format.fractionBits();
        int exponentBits = Integer.SIZE - Integer.numberOfLeadingZeros(format.specialExponent());
        long sign = value.negative ? 1L << fractionBits + exponentBits : 0;
        long special = (long) format.specialExponent() << fractionBits;
        return switch (value.kind) {
            case ZERO -> sign;
            case INFINITY -> sign | special;
            case NAN -> sign | special | (value.high & ~Real.INTEGER) >>> 63 - fractionBits;
            case UNSUPPORTED -> throw new IllegalArgumentException("an unsupported encoding is no result");
            case FINITE -> {
                round(value, format.precision(), format);
                long fraction = (significand & ~Real.INTEGER) >>> 63 - fractionBits;
                yield sign | (long) exponent << fractionBits | fraction;
            }
        };
    }

    /** Leaves a biased exponent and a significand whose integer bit is the highest, as far as there is one. */
    private void round(Real value, int precision, Format format) {
        exponent = value.exponent;
        cut(value.high, value.low, precision, value.negative);
        if (exponent < format.smallestExponent()) {
            tiny(value, precision, format);
        } else if (exponent > format.bias()) {
            over(value, precision, format);
        } else {
            exponent += format.bias();
            settle();
        }
    }

    private void settle() {
        if (inexact) {
            status.raise(FloatStatus.INEXACT);
            status.roundedUp(up);
        }
    }

    /** Rounds a significand to so many bits; {@link #exponent} grows when it becomes 2. At most 64, at least 0. */
    private void cut(long high, long low, int bits, boolean negative) {
        long kept = bits == 0 ? 0 : high & -1L << 64 - bits;
        long rest = bits == 0 ? high : bits == 64 ? low : high << bits;
        boolean below = bits == 64 ? false : low != 0;
        inexact = rest != 0 || below;
        boolean more = rest < 0 && (rest << 1 != 0 || below);
        boolean half = rest == Long.MIN_VALUE && !below;
        long unit = bits == 0 ? 0 : 1L << 64 - bits;
        up = inexact && switch (status.rounding()) {
            case FloatStatus.NEAREST -> more || half && (kept & unit) != 0;
            case FloatStatus.DOWN -> negative;
            case FloatStatus.UP -> !negative;
            default -> false;
        };
        significand = kept;
        if (up) {
            significand = kept + unit;
            if (significand == 0) {
                significand = Real.INTEGER;
                exponent++;
            }
        }
    }

    private void tiny(Real value, int precision, Format format) {
        if (!status.masks(FloatStatus.UNDERFLOW)) {
            status.raise(FloatStatus.UNDERFLOW);
            unmasked(format, BIAS_ADJUSTMENT);
            return;
        }
        if (status.flushesToZero()) {
            status.raise(FloatStatus.UNDERFLOW | FloatStatus.INEXACT);
            significand = 0;
            exponent = 0;
            return;
        }
        int shift = format.smallestExponent() - value.exponent;
        denormal(value, shift, precision);
        if (inexact) {
            status.raise(FloatStatus.UNDERFLOW);
        }
        settle();
    }

    /** The x87 leaves a result in a register with its exponent adjusted, and none in memory, which then is not inexact either. */
    private void unmasked(Format format, int adjustment) {
        if (format == Format.EXTENDED) {
            exponent += adjustment + format.bias();
            beyondAdjustment(format);
        }
        if (format == Format.EXTENDED || !status.isX87()) {
            settle();
        }
    }

    /** What FSCALE makes may be too large or small even so: it is infinity or zero (SDM Vol. 1, section 8.3.11). */
    private void beyondAdjustment(Format format) {
        if (exponent >= format.specialExponent() || exponent <= 0) {
            boolean over = exponent > 0;
            exponent = over ? format.specialExponent() : 0;
            significand = over ? Real.INTEGER : 0;
            inexact = true;
            up = over;
        }
    }

    private void denormal(Real value, int shift, int precision) {
        shifted.set(value);
        shifted.shiftRight(shift);
        exponent = 0;
        cut(shifted.high, shifted.low, precision, value.negative);
        if (significand < 0) {
            exponent = 1; // it grew to the smallest normal number
        }
    }

    private void over(Real value, int precision, Format format) {
        status.raise(FloatStatus.OVERFLOW);
        if (!status.masks(FloatStatus.OVERFLOW)) {
            unmasked(format, -BIAS_ADJUSTMENT);
            return;
        }
        status.raise(FloatStatus.INEXACT);
        boolean toInfinity = switch (status.rounding()) {
            case FloatStatus.NEAREST -> true;
            case FloatStatus.DOWN -> value.negative;
            case FloatStatus.UP -> !value.negative;
            default -> false;
        };
        status.roundedUp(toInfinity);
        exponent = toInfinity ? format.specialExponent() : format.specialExponent() - 1;
        significand = toInfinity ? Real.INTEGER : -1L << 64 - precision;
    }
}
