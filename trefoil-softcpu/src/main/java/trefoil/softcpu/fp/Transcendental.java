package trefoil.softcpu.fp;

import java.math.BigInteger;

/**
 * The transcendental functions of the x87 (SDM Vol. 1, sections 8.3.7 to 8.3.10; Vol. 2, tables of the instructions). Results are those of exact
 * mathematics, rounded once, but for the period of the trigonometric ones, which is that of a π of 66 bits, as in processors; a processor's own
 * results differ from these by one unit in the last place now and then (section 8.3.10 allows it that). They are slow: tens of microseconds.
 * Used by one thread.
 *
 * <p>Each returns a number that is still to be packed, by {@link Packing#wholeExtended}.
 */
public final class Transcendental {
    /** Below 2 to this power a function is its series' first term, as far as 128 bits show it. */
    private static final int TINY = -70;

    /** Places beyond those that a small operand begins with. */
    private static final int PLACES = 256;

    private final FloatStatus status;
    private final Arithmetic arithmetic;
    private final Real x = new Real();
    private final Real y = new Real();
    private int quadrant;
    private BigInteger reduced;
    private int places;

    /** Functions that note exceptions here. */
    public Transcendental(FloatStatus status) {
        this.status = status;
        this.arithmetic = new Arithmetic(status);
    }

    /** Whether an operand of FSIN, FCOS, FSINCOS or FPTAN is too large, 2^63 or more: C2 is set then and nothing done. */
    public static boolean isOutOfRange(Real operand) {
        return operand.isFinite() && operand.exponent >= 63;
    }

    /** Deals with operands that are no finite numbers; whether {@code result} is settled. */
    private boolean settled(Real operand, Real result) {
        x.set(operand);
        if (operand.isUnsupported() || operand.isInfinite()) {
            arithmetic.invalid(result);
            return true;
        }
        if (operand.isNaN()) {
            status.raise(operand.isSignaling() ? FloatStatus.INVALID : 0);
            result.set(operand).quiet();
            return true;
        }
        noteDenormal(operand);
        return false;
    }

    private void noteDenormal(Real operand) {
        status.raise(operand.denormal ? FloatStatus.DENORMAL : 0);
    }

    /** FSIN. */
    public Real sine(Real operand, Real result) {
        if (settled(operand, result)) {
            return result;
        }
        if (x.isZero()) {
            return result.set(x);
        }
        if (x.exponent < TINY) {
            return nearly(x, false, result);
        }
        reduce();
        return circular(quadrant, x.negative, result);
    }

    /** FCOS. */
    public Real cosine(Real operand, Real result) {
        if (settled(operand, result)) {
            return result;
        }
        if (x.isZero()) {
            return result.set(1);
        }
        if (x.exponent < TINY) {
            return nearly(y.set(1), false, result);
        }
        reduce();
        return circular(quadrant + 1, false, result);
    }

    /** FPTAN's first result; the second is 1. */
    public Real tangent(Real operand, Real result) {
        if (settled(operand, result)) {
            return result;
        }
        if (x.isZero()) {
            return result.set(x);
        }
        if (x.exponent < TINY) {
            return nearly(x, true, result);
        }
        reduce();
        BigInteger sine = Fixed.sine(reduced, places);
        BigInteger cosine = Fixed.cosine(reduced, places);
        boolean crossed = (quadrant & 1) != 0;
        BigInteger tangent = crossed ? Fixed.divide(cosine.negate(), sine, places) : Fixed.divide(sine, cosine, places);
        return Fixed.real(tangent.abs(), places, x.negative != tangent.signum() < 0, result);
    }

    /** The magnitude of {@link #x} less so many quarters of a period. */
    private void reduce() {
        int exact = Math.max(Fixed.PI_66_PLACES + 1, 63 - x.exponent);
        BigInteger magnitude = Fixed.of(x, exact);
        BigInteger quarter = Fixed.PI_66.shiftLeft(exact - Fixed.PI_66_PLACES - 1);
        BigInteger count = magnitude.shiftLeft(1).add(quarter).divide(quarter.shiftLeft(1));
        BigInteger rest = magnitude.subtract(count.multiply(quarter));
        quadrant = count.intValue() & 3;
        places = PLACES + 2 * Math.max(0, exact - rest.bitLength());
        reduced = places >= exact ? rest.shiftLeft(places - exact) : rest.shiftRight(exact - places);
    }

    /** Sine of what was reduced, as many quarters further. */
    private Real circular(int quarters, boolean minus, Real result) {
        boolean cosine = (quarters & 1) != 0;
        BigInteger value = cosine ? Fixed.cosine(reduced, places) : Fixed.sine(reduced, places);
        boolean turned = (quarters & 2) != 0;
        return Fixed.real(value.abs(), places, minus != (turned != value.signum() < 0), result);
    }

    /** A number that is greater or less than another by less than 128 bits show. */
    private static Real nearly(Real number, boolean greater, Real result) {
        result.set(number);
        result.denormal = false;
        if (greater) {
            result.low |= 1;
        } else {
            result.low = -1L;
            result.high--;
            result.normalize();
            result.low |= 1;
        }
        return result;
    }

    /** F2XM1: 2^x − 1. Outside −1 … 1, where it is undefined, the operand stays. */
    public Real exponential(Real operand, Real result) {
        x.set(operand);
        if (operand.isInfinite()) {
            return operand.negative ? result.set(-1) : result.set(operand);
        }
        if (settled(operand, result)) {
            return result;
        }
        if (x.isZero()) {
            return result.set(x);
        }
        if (x.exponent > 0 || x.exponent == 0 && x.high != Real.INTEGER) {
            return undefined(result);
        }
        if (x.exponent == 0) {
            result.set(1);
            result.negative = x.negative;
            result.exponent -= x.negative ? 1 : 0;
            return result;
        }
        if (x.exponent < 2 * TINY) {
            return scaled(x, Fixed.LN_2, result);
        }
        int at = PLACES - x.exponent;
        BigInteger power = Fixed.multiply(Fixed.of(x, at), Fixed.constant(Fixed.LN_2, at), at);
        BigInteger value = Fixed.exponentialLessOne(x.negative ? power.negate() : power, at);
        return Fixed.real(value.abs(), at, x.negative, result);
    }

    /** Outside the range that the manual defines the operand stays, as inexact (as processors have it). */
    private Real undefined(Real result) {
        if ((status.unmasked() & FloatStatus.DENORMAL) == 0) {
            status.raise(FloatStatus.INEXACT);
        }
        return result.set(plain(x));
    }

    /** A number times a constant. */
    private static Real scaled(Real number, BigInteger constant, Real result) {
        BigInteger significand = new BigInteger(Long.toUnsignedString(number.high));
        int at = Fixed.CONSTANT_PLACES + 63;
        boolean minus = number.negative;
        int exponent = number.exponent;
        Fixed.real(significand.multiply(constant), at, minus, result);
        result.exponent += exponent;
        return result;
    }

    /** FYL2X: {@code factor × log2 operand}. */
    public Real logarithm(Real operand, Real factor, Real result) {
        x.set(operand);
        y.set(factor);
        if (x.isUnsupported() || y.isUnsupported() || x.isNaN() || y.isNaN()) {
            return arithmetic.add(x, y, result);
        }
        if (x.negative && !x.isZero()) {
            return arithmetic.invalid(result);
        }
        if (x.isZero() || x.isInfinite() || y.isInfinite()) {
            return logarithmAtTheEdge(result);
        }
        noteDenormal(x);
        noteDenormal(y);
        if (x.high == Real.INTEGER) { // a power of 2
            return arithmetic.multiply(new Real().set(x.exponent), plain(y), result);
        }
        if (y.isZero()) {
            return result.zero(y.negative != x.exponent < 0);
        }
        int at = 2 * PLACES - 64;
        int whole = x.exponent;
        x.exponent = 0;
        BigInteger one = BigInteger.ONE.shiftLeft(at);
        BigInteger significand = Fixed.of(x, at);
        BigInteger natural = Fixed.artanh(Fixed.divide(significand.subtract(one), significand.add(one), at), at).shiftLeft(1);
        if (whole == -1) { // near 1 from below, where the whole part would swallow the rest
            BigInteger half = significand.shiftRight(1);
            natural = Fixed.artanh(Fixed.divide(half.subtract(one), half.add(one), at), at).shiftLeft(1);
            whole = 0;
        }
        BigInteger binary = Fixed.divide(natural, Fixed.constant(Fixed.LN_2, at), at).add(one.multiply(BigInteger.valueOf(whole)));
        return times(binary, at, result);
    }

    private static Real plain(Real number) {
        number.denormal = false;
        return number;
    }

    /** A logarithm times {@link #y}. */
    private Real times(BigInteger logarithm, int at, Real result) {
        BigInteger significand = new BigInteger(Long.toUnsignedString(y.high));
        Fixed.real(logarithm.abs().multiply(significand), at + 63, y.negative != logarithm.signum() < 0, result);
        result.exponent += y.exponent;
        return result;
    }

    /** SDM Vol. 2, table 3-49 (FYL2X), where an operand is zero or infinite. */
    private Real logarithmAtTheEdge(Real result) {
        if (x.isZero()) {
            if (y.isZero()) {
                return arithmetic.invalid(result);
            }
            if (y.isFinite()) {
                status.raise(FloatStatus.DIVIDE);
            }
            return result.infinity(!y.negative);
        }
        if (x.isInfinite()) {
            if (y.isZero()) {
                return arithmetic.invalid(result);
            }
            noteDenormal(y);
            return result.infinity(y.negative);
        }
        if (x.exponent == 0 && x.high == Real.INTEGER) {
            return arithmetic.invalid(result); // 0 × infinity
        }
        noteDenormal(x);
        return result.infinity(y.negative != x.exponent < 0);
    }

    /** FYL2XP1: {@code factor × log2(operand + 1)}. Below −1, where it is undefined, the operand stays. */
    public Real logarithmOfOneMore(Real operand, Real factor, Real result) {
        x.set(operand);
        y.set(factor);
        if (x.isUnsupported() || y.isUnsupported() || x.isNaN() || y.isNaN()) {
            return arithmetic.add(x, y, result);
        }
        if (x.isZero() || x.isInfinite() || y.isInfinite()) {
            return oneMoreAtTheEdge(result);
        }
        noteDenormal(x);
        noteDenormal(y);
        if (y.isZero()) {
            return result.zero(x.negative != y.negative);
        }
        if (x.negative && x.exponent >= 0) {
            return undefined(result);
        }
        return x.exponent < 2 * TINY ? tinyLogarithm(result) : nearOne(result);
    }

    /** x ÷ ln 2 × y, as a quotient of x × y. */
    private Real tinyLogarithm(Real result) {
        BigInteger product = new BigInteger(Long.toUnsignedString(x.high)).multiply(new BigInteger(Long.toUnsignedString(y.high)));
        BigInteger quotient = product.shiftLeft(2 * Fixed.CONSTANT_PLACES).divide(Fixed.LN_2);
        Fixed.real(quotient, Fixed.CONSTANT_PLACES + 126, x.negative != y.negative, result);
        result.exponent += x.exponent + y.exponent;
        return result;
    }

    private Real nearOne(Real result) {
        int at = PLACES + Math.max(0, -x.exponent) + 64;
        BigInteger less = Fixed.of(x, at);
        BigInteger signed = x.negative ? less.negate() : less;
        BigInteger one = BigInteger.ONE.shiftLeft(at);
        BigInteger natural = x.exponent < -1 ? artanhOf(signed, signed.add(one.shiftLeft(1)), at) : wide(signed.add(one), at);
        return times(Fixed.divide(natural, Fixed.constant(Fixed.LN_2, at), at), at, result);
    }

    private static BigInteger artanhOf(BigInteger numerator, BigInteger denominator, int at) {
        return Fixed.artanh(Fixed.divide(numerator, denominator, at), at).shiftLeft(1);
    }

    /** ln of a number that may be far from 1: of what a power of 2 leaves, and of that power. */
    private static BigInteger wide(BigInteger number, int at) {
        int power = number.bitLength() - 1 - at;
        BigInteger one = BigInteger.ONE.shiftLeft(at);
        BigInteger significand = power >= 0 ? number.shiftRight(power) : number.shiftLeft(-power);
        return artanhOf(significand.subtract(one), significand.add(one), at)
                .add(Fixed.constant(Fixed.LN_2, at).multiply(BigInteger.valueOf(power)));
    }

    /** SDM Vol. 2, table 3-50 (FYL2XP1), where an operand is zero or infinite. */
    private Real oneMoreAtTheEdge(Real result) {
        if (x.isZero()) {
            if (y.isInfinite()) {
                return arithmetic.invalid(result);
            }
            noteDenormal(y);
            return result.zero(x.negative != y.negative);
        }
        if (x.isInfinite()) {
            if (x.negative || y.isZero()) {
                return arithmetic.invalid(result);
            }
            noteDenormal(y);
            return result.infinity(y.negative);
        }
        noteDenormal(x);
        return result.infinity(x.negative != y.negative);
    }

    /** FPATAN: the angle of the point (x, y). */
    public Real arctangent(Real ordinate, Real abscissa, Real result) {
        x.set(abscissa);
        y.set(ordinate);
        if (x.isUnsupported() || y.isUnsupported() || x.isNaN() || y.isNaN()) {
            return arithmetic.add(x, y, result);
        }
        noteDenormal(x);
        noteDenormal(y);
        if (y.isZero() || x.isInfinite() && y.isFinite()) {
            return x.negative ? angle(4, y.negative, result) : result.zero(y.negative);
        }
        if (y.isInfinite() || x.isZero()) {
            boolean diagonal = y.isInfinite() && x.isInfinite();
            return angle(diagonal ? x.negative ? 3 : 1 : 2, y.negative, result);
        }
        return slope(result);
    }

    /** So many eighths of a turn. */
    private static Real angle(int eighths, boolean minus, Real result) {
        return Fixed.real(Fixed.PI.multiply(BigInteger.valueOf(eighths)), Fixed.CONSTANT_PLACES + 2, minus, result);
    }

    private Real slope(Real result) {
        boolean minus = y.negative;
        boolean back = x.negative;
        int difference = y.exponent - x.exponent;
        boolean steep = difference > 0 || difference == 0 && Long.compareUnsigned(y.high, x.high) > 0;
        int flat = steep ? -difference : difference;
        if (flat < 2 * TINY) {
            return extreme(steep, back, minus, result);
        }
        int at = PLACES - flat;
        BigInteger high = new BigInteger(Long.toUnsignedString(y.high)).shiftLeft(Math.max(0, difference));
        BigInteger wide = new BigInteger(Long.toUnsignedString(x.high)).shiftLeft(Math.max(0, -difference));
        BigInteger angle = Fixed.arctangent(steep ? Fixed.divide(wide, high, at) : Fixed.divide(high, wide, at), at);
        BigInteger pi = Fixed.constant(Fixed.PI, at);
        if (steep) {
            angle = pi.shiftRight(1).subtract(angle);
        }
        return Fixed.real(back ? pi.subtract(angle) : angle, at, minus, result);
    }

    /** Where the arctangent of the smaller ratio is that ratio, as far as 128 bits show it. */
    private Real extreme(boolean steep, boolean back, boolean minus, Real result) {
        if (steep) {
            return angle(2, minus, result);
        }
        if (back) {
            return angle(4, minus, result);
        }
        arithmetic.divide(plain(y), plain(x), result);
        boolean exact = result.low == 0;
        return exact ? nearly(result, false, result) : result;
    }
}
