package trefoil.softcpu.fp;

/**
 * FPREM, FPREM1, FSCALE and FXTRACT (SDM Vol. 1, section 8.3.5; Vol. 2, each instruction). Results are to be packed by {@link
 * Packing#wholeExtended}. Used by one thread.
 */
public final class Remainder {
    private final FloatStatus status;
    private final Arithmetic arithmetic;
    private final Real x = new Real();
    private final Real y = new Real();
    private long quotient;
    private boolean complete;

    /** Functions that note exceptions here. */
    public Remainder(FloatStatus status) {
        this.status = status;
        this.arithmetic = new Arithmetic(status);
    }

    /** The three lowest bits of the last quotient: the x87's C0, C3, C1 from the highest. */
    public int quotientBits() {
        return (int) quotient & 7;
    }

    /** Whether the last remainder was reduced wholly; else C2 is set and the instruction is to be repeated. */
    public boolean complete() {
        return complete;
    }

    /**
     * The remainder of {@code dividend ÷ divisor}; exact.
     *
     * @param nearest whether the quotient is rounded to nearest, as FPREM1 does; cut off otherwise
     */
    public Real of(Real dividend, Real divisor, boolean nearest, Real result) {
        quotient = 0;
        complete = true;
        x.set(dividend);
        y.set(divisor);
        if (x.isUnsupported() || y.isUnsupported() || x.isNaN() || y.isNaN()) {
            return arithmetic.add(x, y, result);
        }
        if (x.isInfinite() || y.isZero()) {
            return arithmetic.invalid(result);
        }
        status.raise(x.denormal || y.denormal ? FloatStatus.DENORMAL : 0);
        result.set(x);
        result.denormal = false;
        if (x.isZero() || y.isInfinite()) {
            return result;
        }
        int difference = x.exponent - y.exponent;
        if (difference >= 64) {
            return partly(difference, result);
        }
        return difference < -1 ? result : wholly(difference, nearest, result);
    }

    /** Takes off as many bits as leave a difference of exponents that is smaller by 32 to 63. */
    private Real partly(int difference, Real result) {
        complete = false;
        int bits = difference & 31 | 32;
        long rest = divide(x.high, y.high, bits);
        quotient = 0;
        return rest(rest, y.exponent + difference - bits, result);
    }

    private Real wholly(int difference, boolean nearest, Real result) {
        long rest;
        if (difference < 0) {
            rest = x.high; // below the divisor: in units of half of its last place
            return nearest ? halfway(rest, result) : result;
        }
        rest = divide(x.high, y.high, difference);
        boolean minus = x.negative;
        if (nearest && isAboveHalf(rest)) {
            quotient++;
            rest = y.high - rest;
            minus = !minus;
        }
        x.negative = minus;
        return rest(rest, y.exponent, result);
    }

    /** The dividend is half of the divisor or less than twice that: whether it is nearer to the divisor than to zero. */
    private Real halfway(long rest, Real result) {
        if (Long.compareUnsigned(rest, y.high) <= 0) {
            return result;
        }
        quotient = 1;
        // divisor − dividend, in units of half of the divisor's last place: 2 × divisor − dividend
        long low = (y.high << 1) - rest;
        x.negative = !x.negative;
        return rest(low, y.exponent - 1, result);
    }

    private boolean isAboveHalf(long rest) {
        long other = y.high - rest;
        int order = Long.compareUnsigned(rest, other);
        return order > 0 || order == 0 && (quotient & 1) != 0;
    }

    /** Long division by shifting: of {@code high × 2^bits}; leaves the quotient's lower bits, returns the remainder. */
    private long divide(long high, long divisor, int bits) {
        long rest = high;
        quotient = 0;
        boolean carry = false;
        for (int i = 0; i <= bits; i++) {
            if (i > 0) {
                carry = rest < 0;
                rest <<= 1;
                quotient <<= 1;
            }
            if (carry || Long.compareUnsigned(rest, divisor) >= 0) {
                rest -= divisor;
                quotient |= 1;
            }
        }
        return rest;
    }

    /** {@code rest × 2^(exponent − 63)} with the dividend's sign. */
    private Real rest(long rest, int exponent, Real result) {
        if (rest == 0) {
            return result.zero(x.negative);
        }
        result.magnitude(rest);
        result.exponent += exponent - 63;
        result.negative = x.negative;
        return result;
    }

    /** FSCALE: {@code number × 2^n}, n the integer part of {@code power}. */
    public Real scale(Real number, Real power, Real result) {
        x.set(number);
        y.set(power);
        if (x.isUnsupported() || y.isUnsupported() || x.isNaN() || y.isNaN()) {
            return arithmetic.add(x, y, result);
        }
        if (y.isInfinite() && (y.negative ? x.isInfinite() : x.isZero())) {
            return arithmetic.invalid(result);
        }
        status.raise(x.denormal || y.denormal ? FloatStatus.DENORMAL : 0);
        result.set(x);
        result.denormal = false;
        if (x.isZero() || x.isInfinite()) {
            return result;
        }
        if (y.isInfinite()) {
            return y.negative ? result.zero(x.negative) : result.infinity(x.negative);
        }
        result.exponent += y.isZero() ? 0 : whole();
        return result;
    }

    /** The integer part of {@link #y}, bounded to what takes any number over or under. */
    private int whole() {
        if (y.exponent < 0) {
            return 0;
        }
        int magnitude = y.exponent > 16 ? 1 << 17 : (int) (y.high >>> 63 - y.exponent);
        return y.negative ? -magnitude : magnitude;
    }

    /** FXTRACT's exponent; {@link #significand} is the other. */
    public Real exponent(Real number, Real result) {
        x.set(number);
        if (x.isUnsupported()) {
            return arithmetic.invalid(result);
        }
        if (x.isNaN()) {
            status.raise(x.isSignaling() ? FloatStatus.INVALID : 0);
            result.set(x).quiet();
            return result;
        }
        if (x.isZero()) {
            status.raise(FloatStatus.DIVIDE);
            return result.infinity(true);
        }
        if (x.isInfinite()) {
            return result.infinity(false);
        }
        status.raise(x.denormal ? FloatStatus.DENORMAL : 0);
        return result.set(x.exponent);
    }

    /** FXTRACT's significand: the number with an exponent of 0. */
    public Real significand(Real number, Real result) {
        if (number.isUnsupported()) {
            return arithmetic.invalid(result);
        }
        result.set(number);
        result.denormal = false;
        if (result.isNaN()) {
            result.quiet();
        }
        if (result.isFinite()) {
            result.exponent = 0;
        }
        return result;
    }
}
