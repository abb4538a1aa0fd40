package trefoil.softcpu.vector;

/**
 * RCPSS and RSQRTSS (Intel SDM Vol. 2): any result whose relative error is at most 1.5 * 2^-12 is right. Here it is the quotient rounded to nearest. No exception is noted and MXCSR is not looked at; denormal operands are zeros, and
 * denormal results become zeros.
 */
final class Approximations {
    private static final int QUIET = 0x0040_0000;
    private static final int SIGN = 0x8000_0000;
    private static final int INDEFINITE = 0xFFC0_0000;

    private Approximations() {}

    private static float operand(int bits) {
        float value = Float.intBitsToFloat(bits);
        return Math.abs(value) < Float.MIN_NORMAL ? Float.intBitsToFloat(bits & SIGN) : value;
    }

    static int reciprocal(int bits) {
        float value = operand(bits);
        if (Float.isNaN(value)) {
            return bits | QUIET;
        }
        int result = Float.floatToRawIntBits(1 / value);
        return Math.abs(Float.intBitsToFloat(result)) < Float.MIN_NORMAL ? result & SIGN : result;
    }

    static int reciprocalRoot(int bits) {
        float value = operand(bits);
        if (Float.isNaN(value)) {
            return bits | QUIET;
        }
        return value < 0 ? INDEFINITE : Float.floatToRawIntBits((float) (1 / Math.sqrt(value)));
    }
}
