package trefoil.softcpu.fp;

/**
 * A number unpacked: {@code ±significand × 2^exponent}, the significand at least 1 and less than 2 in 128 bits, its integer bit the highest of
 * {@link #high}. The lowest bit of {@link #low} is sticky: it also stands for anything below it. Mutable, so that nothing is allocated.
 */
public final class Real {
    static final long INTEGER = 1L << 63;
    static final long QUIET = 1L << 62;

    /** What it is. */
    enum Kind {
        ZERO,
        FINITE,
        INFINITY,
        NAN,
        /** An encoding of the 80-bit format that is no number: pseudo-NaN, pseudo-infinity, unnormal (SDM Vol. 1, section 8.2.2). */
        UNSUPPORTED
    }

    Kind kind = Kind.ZERO;
    boolean negative;
    int exponent;
    long high;
    long low;
    /** Whether it was unpacked from a denormal number. */
    boolean denormal;

    /** Takes another's value. */
    public Real set(Real other) {
        kind = other.kind;
        negative = other.negative;
        exponent = other.exponent;
        high = other.high;
        low = other.low;
        denormal = other.denormal;
        return this;
    }

    /** Unpacks a number of 16, 32 or 64 bits. */
    public Real unpack(Format format, long bits) {
        int fractionBits = format.fractionBits();
        long fraction = bits & (1L << fractionBits) - 1;
        int biased = (int) (bits >>> fractionBits) & format.specialExponent();
        negative = (bits >>> fractionBits + bits(format) & 1) != 0;
        low = 0;
        denormal = false;
        long aligned = fraction << 63 - fractionBits;
        if (biased == format.specialExponent()) {
            kind = fraction == 0 ? Kind.INFINITY : Kind.NAN;
            high = INTEGER | aligned;
        } else if (biased == 0) {
            small(aligned, format.smallestExponent());
        } else {
            finite(biased - format.bias(), INTEGER | aligned);
        }
        return this;
    }

    private static int bits(Format format) {
        return 32 - Integer.numberOfLeadingZeros(format.specialExponent());
    }

    private void small(long significand, int at) {
        if (significand == 0) {
            kind = Kind.ZERO;
            high = 0;
            return;
        }
        denormal = true;
        int shift = Long.numberOfLeadingZeros(significand);
        finite(at - shift, significand << shift);
    }

    private void finite(int at, long significand) {
        kind = Kind.FINITE;
        exponent = at;
        high = significand;
    }

    /**
     * Unpacks a number of 80 bits.
     *
     * @param signAndExponent the upper 16 bits
     */
    public Real unpack(int signAndExponent, long significand) {
        negative = (signAndExponent & 0x8000) != 0;
        int biased = signAndExponent & 0x7FFF;
        low = 0;
        denormal = false;
        if (biased == 0) {
            small(significand, Format.EXTENDED.smallestExponent());
        } else if (significand >= 0) {
            kind = Kind.UNSUPPORTED;
        } else if (biased == 0x7FFF) {
            kind = significand == INTEGER ? Kind.INFINITY : Kind.NAN;
            high = significand;
        } else {
            finite(biased - Format.EXTENDED.bias(), significand);
        }
        return this;
    }

    /** Takes the value of an integer. */
    public Real set(long integer) {
        negative = integer < 0;
        return magnitude(negative ? -integer : integer);
    }

    /** Takes the value of an unsigned integer with the sign that it has. */
    Real magnitude(long unsigned) {
        low = 0;
        denormal = false;
        if (unsigned == 0) {
            kind = Kind.ZERO;
            high = 0;
            return this;
        }
        int shift = Long.numberOfLeadingZeros(unsigned);
        finite(63 - shift, unsigned << shift);
        return this;
    }

    Real zero(boolean minus) {
        kind = Kind.ZERO;
        negative = minus;
        high = 0;
        low = 0;
        return this;
    }

    Real infinity(boolean minus) {
        kind = Kind.INFINITY;
        negative = minus;
        high = INTEGER;
        low = 0;
        return this;
    }

    /** The QNaN that stands for no result: real indefinite. */
    Real indefinite() {
        kind = Kind.NAN;
        negative = true;
        high = INTEGER | QUIET;
        low = 0;
        return this;
    }

    /** Changes its sign. */
    public Real negate() {
        negative = !negative;
        return this;
    }

    public boolean isNaN() {
        return kind == Kind.NAN;
    }

    /** Whether it is a NaN that signals. */
    public boolean isSignaling() {
        return kind == Kind.NAN && (high & QUIET) == 0;
    }

    public boolean isInfinite() {
        return kind == Kind.INFINITY;
    }

    public boolean isZero() {
        return kind == Kind.ZERO;
    }

    boolean isFinite() {
        return kind == Kind.FINITE;
    }

    boolean isUnsupported() {
        return kind == Kind.UNSUPPORTED;
    }

    public boolean isNegative() {
        return negative;
    }

    public boolean isDenormal() {
        return denormal;
    }

    /** Makes a NaN quiet. */
    public void quiet() {
        high |= QUIET;
    }

    /** Shifts the significand right, keeping the sticky bit; the exponent stays. */
    void shiftRight(int places) {
        if (places <= 0) {
            return;
        }
        if (places < 64) {
            long lost = low << 64 - places;
            low = high << 64 - places | low >>> places | (lost != 0 ? 1 : 0);
            high >>>= places;
        } else if (places == 64) {
            low = high | (low != 0 ? 1 : 0);
            high = 0;
        } else if (places < 128) {
            long lost = high << 128 - places | low;
            low = high >>> places - 64 | (lost != 0 ? 1 : 0);
            high = 0;
        } else {
            low = (high | low) != 0 ? 1 : 0;
            high = 0;
        }
    }

    /** Shifts the significand left until its integer bit is set, counting the exponent down; it is not zero. */
    void normalize() {
        int shift = high != 0 ? Long.numberOfLeadingZeros(high) : 64 + Long.numberOfLeadingZeros(low);
        exponent -= shift;
        if (shift >= 64) {
            high = low << shift - 64;
            low = 0;
        } else if (shift > 0) {
            high = high << shift | low >>> 64 - shift;
            low <<= shift;
        }
    }
}
