package trefoil.softcpu.fp;

import java.math.BigInteger;

/** Fixed-point numbers of many bits: {@code value × 2^-places}. Series and constants of the transcendental functions are computed in them. */
final class Fixed {
    /** Places of the constants. */
    static final int CONSTANT_PLACES = 448;

    /** The x87's own π has 66 bits (SDM Vol. 1, section 8.3.8), with 64 places. */
    static final BigInteger PI_66 = new BigInteger("3243F6A8885A308D3", 16);

    static final int PI_66_PLACES = 64;
    /** π, by Machin's formula. */
    static final BigInteger PI = arctangentOfReciprocal(5).shiftLeft(4).subtract(arctangentOfReciprocal(239).shiftLeft(2));
    /** ln 2 = 2 artanh(1/3). */
    static final BigInteger LN_2 = artanh(BigInteger.ONE.shiftLeft(CONSTANT_PLACES).divide(BigInteger.valueOf(3)), CONSTANT_PLACES).shiftLeft(1);

    private Fixed() {}

    private static BigInteger arctangentOfReciprocal(long n) {
        BigInteger square = BigInteger.valueOf(n * n);
        BigInteger power = BigInteger.ONE.shiftLeft(CONSTANT_PLACES).divide(BigInteger.valueOf(n));
        BigInteger sum = power;
        for (long k = 3; power.signum() != 0; k += 2) {
            power = power.divide(square).negate();
            sum = sum.add(power.divide(BigInteger.valueOf(k)));
        }
        return sum;
    }

    /** A constant with fewer places. */
    static BigInteger constant(BigInteger constant, int places) {
        return places <= CONSTANT_PLACES ? constant.shiftRight(CONSTANT_PLACES - places) : constant.shiftLeft(places - CONSTANT_PLACES);
    }

    /** The magnitude of a number; what lies beyond the places is cut off. */
    static BigInteger of(Real number, int places) {
        BigInteger significand = new BigInteger(Long.toUnsignedString(number.high));
        int shift = number.exponent - 63 + places;
        return shift >= 0 ? significand.shiftLeft(shift) : significand.shiftRight(-shift);
    }

    static BigInteger multiply(BigInteger a, BigInteger b, int places) {
        return a.multiply(b).shiftRight(places);
    }

    static BigInteger divide(BigInteger a, BigInteger b, int places) {
        return a.shiftLeft(places).divide(b);
    }

    /** sin x = x − x³/3! + x⁵/5! … */
    static BigInteger sine(BigInteger x, int places) {
        return alternating(x, multiply(x, x, places), 1, places);
    }

    /** cos x = 1 − x²/2! + x⁴/4! … */
    static BigInteger cosine(BigInteger x, int places) {
        return alternating(BigInteger.ONE.shiftLeft(places), multiply(x, x, places), 0, places);
    }

    private static BigInteger alternating(BigInteger first, BigInteger square, int degree, int places) {
        BigInteger term = first;
        BigInteger sum = first;
        for (long k = degree + 1; term.signum() != 0; k += 2) {
            term = multiply(term, square, places).divide(BigInteger.valueOf(k * (k + 1))).negate();
            sum = sum.add(term);
        }
        return sum;
    }

    /** eˣ − 1 = x + x²/2! … */
    static BigInteger exponentialLessOne(BigInteger x, int places) {
        BigInteger term = x;
        BigInteger sum = x;
        for (long k = 2; term.bitLength() > 1; k++) {
            term = multiply(term, x, places).divide(BigInteger.valueOf(k));
            sum = sum.add(term);
        }
        return sum;
    }

    /** artanh x = x + x³/3 + x⁵/5 … */
    static BigInteger artanh(BigInteger x, int places) {
        return odd(x, multiply(x, x, places), places);
    }

    private static BigInteger odd(BigInteger x, BigInteger square, int places) {
        BigInteger power = x;
        BigInteger sum = x;
        for (long k = 3; power.bitLength() > 1; k += 2) {
            power = multiply(power, square, places);
            sum = sum.add(power.divide(BigInteger.valueOf(k)));
        }
        return sum;
    }

    /** arctan x for x from 0 to 1: halved thrice by arctan x = 2 arctan(x ÷ (1 + √(1 + x²))), then x − x³/3 + x⁵/5 … */
    static BigInteger arctangent(BigInteger x, int places) {
        BigInteger one = BigInteger.ONE.shiftLeft(places);
        BigInteger less = x;
        for (int i = 0; i < 3; i++) {
            BigInteger root = one.add(multiply(less, less, places)).shiftLeft(places).sqrt();
            less = divide(less, one.add(root), places);
        }
        return odd(less, multiply(less, less, places).negate(), places).shiftLeft(3);
    }

    /** Unpacks a positive number into a result, which is marked as inexact: no value of these functions that comes here is a short one. */
    static Real real(BigInteger value, int places, boolean negative, Real result) {
        int length = value.bitLength();
        BigInteger top = length > 128 ? value.shiftRight(length - 128) : value.shiftLeft(128 - length);
        result.kind = Real.Kind.FINITE;
        result.denormal = false;
        result.negative = negative;
        result.exponent = length - 1 - places;
        result.high = top.shiftRight(64).longValue();
        result.low = top.longValue() | 1;
        return result;
    }
}
