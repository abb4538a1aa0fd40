package trefoil.softcpu.fp;

/** Integers of 128 bits, as two halves. */
final class Wide {
    private static final long DIGIT = 0xFFFF_FFFFL;

    private Wide() {}

    /**
     * Divides 128 bits by 64 (Knuth, The Art of Computer Programming 2, section 4.3.1, algorithm D, with digits of 32 bits).
     *
     * @param high less than {@code divisor}, both unsigned
     * @param divisor its highest bit is set
     */
    static long divide(long high, long low, long divisor) {
        long upper = divisor >>> 32;
        long lower = divisor & DIGIT;
        long first = digit(high, low >>> 32, upper, lower);
        long rest = (high << 32 | low >>> 32) - first * divisor;
        long second = digit(rest, low & DIGIT, upper, lower);
        return (first << 32) + second;
    }

    /** One digit of a quotient: {@code (high · 2^32 + next) ÷ (upper · 2^32 + lower)}. */
    private static long digit(long high, long next, long upper, long lower) {
        long estimate = Long.divideUnsigned(high, upper);
        long rest = high - estimate * upper;
        while (estimate > DIGIT || Long.compareUnsigned(estimate * lower, rest << 32 | next) > 0) {
            estimate--;
            rest += upper;
            if (rest > DIGIT) {
                break;
            }
        }
        return estimate;
    }

    /** The integer square root of 128 bits, at least 2^126; it has 64 bits, the highest set. */
    static long squareRoot(long high, long low) {
        long estimate = estimate(high);
        long root = estimate;
        for (int i = 0; i < 2; i++) {
            // Newton: the mean of an estimate and what it divides to
            long other = Long.compareUnsigned(high, root) >= 0 ? -1L : divideAny(high, low, root);
            root = (root >>> 1) + (other >>> 1) + (root & other & 1);
            root |= Real.INTEGER;
        }
        return settle(root, high, low);
    }

    private static long divideAny(long high, long low, long divisor) {
        return divide(high, low, divisor);
    }

    private static long estimate(long high) {
        double value = (double) (high >>> 1) * 2.0;
        double root = Math.sqrt(value) * 4294967296.0;
        return root >= 18446744073709551615.0 ? -1L : (long) (root / 2) << 1 | Real.INTEGER;
    }

    private static long settle(long estimate, long high, long low) {
        long root = estimate;
        while (squareAbove(root, high, low)) {
            root--;
        }
        while (root != -1L && !squareAbove(root + 1, high, low)) {
            root++;
        }
        return root;
    }

    private static boolean squareAbove(long root, long high, long low) {
        int upper = Long.compareUnsigned(Math.unsignedMultiplyHigh(root, root), high);
        return upper > 0 || upper == 0 && Long.compareUnsigned(root * root, low) > 0;
    }
}
