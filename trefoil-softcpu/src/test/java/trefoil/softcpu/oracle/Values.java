package trefoil.softcpu.oracle;

import java.util.random.RandomGenerator;

/** Random values of which many are at the edges where mistakes live. */
final class Values {
    private static final long[] INTEGERS = {0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, 0x1_0000_0000L, Long.MAX_VALUE, Long.MIN_VALUE, -1, -2, 0x8000_0000_8000_0000L, 0x7FFF_FFFF_7FFF_FFFFL};

    private static final int[] FLOATS = {0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 1, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_1234, 0x7F80_0001, 0x4F00_0000, 0xCF00_0000, 0x4EFF_FFFF, 0x3F00_0000, 0x3FC0_0000, 0x4000_0000};

    private static final double[] DOUBLES = {0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, Double.MIN_VALUE, Double.MIN_NORMAL, Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Math.PI, 2147483647.0, -2147483648.0, 2147483648.0, 9.223372036854775807e18, 3.4028235677973366e38, 1.1754943508222875e-38, 1e-45, 10};

    private static final long[] NANS = {0x7FF8_0000_0000_0000L, 0xFFF8_0000_0000_0000L, 0x7FF0_0000_0000_0001L, 0xFFF4_0000_0000_0000L, 0x7FF8_0000_0000_1234L};

    private Values() {}

    static long integer(RandomGenerator random) {
        return switch (random.nextInt(5)) {
            case 0 -> INTEGERS[random.nextInt(INTEGERS.length)];
            case 1 -> random.nextInt(-130, 130);
            case 2 -> random.nextLong() >>> random.nextInt(64);
            default -> random.nextLong();
        };
    }

    static int single(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> FLOATS[random.nextInt(FLOATS.length)];
            case 1 -> Float.floatToRawIntBits(random.nextInt(-1000, 1000) / 4f);
            case 2 -> Float.floatToRawIntBits((float) random.nextGaussian());
            default -> random.nextInt();
        };
    }

    static long real(RandomGenerator random) {
        return switch (random.nextInt(6)) {
            case 0 -> Double.doubleToRawLongBits(DOUBLES[random.nextInt(DOUBLES.length)]);
            case 1 -> Double.doubleToRawLongBits(random.nextInt(-1000, 1000) / 4.0);
            case 2 -> Double.doubleToRawLongBits(random.nextGaussian());
            case 3 -> NANS[random.nextInt(NANS.length)];
            default -> random.nextLong();
        };
    }

    /** Eight octets of a vector register or of memory. */
    static long lane(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> integer(random);
            case 1 -> real(random);
            case 2 -> single(random) & 0xFFFF_FFFFL | (long) single(random) << 32;
            default -> random.nextLong();
        };
    }

    /** Puts an x87 register of 80 bits at {@code at}. */
    static void extended(RandomGenerator random, State state, int at) {
        int sign = random.nextInt(2) << 15;
        switch (random.nextInt(12)) {
            case 0 -> put(state, at, 0, sign);
            case 1 -> put(state, at, Long.MIN_VALUE, sign | 0x7FFF);
            case 2 -> put(state, at, Long.MIN_VALUE | 1L << 62 | random.nextLong() >>> 8, sign | 0x7FFF);
            case 3 -> put(state, at, Long.MIN_VALUE | 1 | random.nextLong() >>> 3, sign | 0x7FFF);
            case 4 -> put(state, at, random.nextLong() >>> 1, sign);
            case 5 -> put(state, at, random.nextLong(), sign | random.nextInt(0x8000));
            case 6 -> put(state, at, Long.MIN_VALUE, sign | random.nextInt(0x3FFF - 4, 0x3FFF + 8));
            default -> put(state, at, Long.MIN_VALUE | random.nextLong(), sign | random.nextInt(0x3FFF - 70, 0x3FFF + 70));
        }
    }

    private static void put(State state, int at, long significand, int signExponent) {
        state.quad(at, significand);
        state.half(at + 8, signExponent);
    }
}
