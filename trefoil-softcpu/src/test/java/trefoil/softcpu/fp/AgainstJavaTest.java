package trefoil.softcpu.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Rounding to nearest is Java's own arithmetic; the other roundings and the 80-bit format are exact arithmetic, rounded by {@link BigDecimal}. */
class AgainstJavaTest {
    private static final int MXCSR = 0x1F80;
    private static final int ROUNDS = 50_000;

    private final SplittableRandom random = new SplittableRandom(20261123);
    private final FloatStatus status = new FloatStatus();
    private final Arithmetic arithmetic = new Arithmetic(status);
    private final Packing packing = new Packing(status);
    private final Real a = new Real();
    private final Real b = new Real();
    private final Real c = new Real();
    private final Real result = new Real();

    /** Exponents near one another often, so that sums cancel and denormal numbers appear. */
    private double number() {
        long fraction = random.nextLong() & (1L << 52) - 1;
        int exponent = switch (random.nextInt(4)) {
            case 0 -> random.nextInt(2047);
            case 1 -> random.nextInt(3);
            default -> 1000 + random.nextInt(60);
        };
        return Double.longBitsToDouble(random.nextLong() & Long.MIN_VALUE | (long) exponent << 52 | fraction);
    }

    private Real real(double value, Real into) {
        return into.unpack(Format.BINARY64, Double.doubleToRawLongBits(value));
    }

    private double packed(Real value) {
        return Double.longBitsToDouble(packing.pack(value, Format.BINARY64));
    }

    @Test
    void nearestIsJavas() {
        for (int i = 0; i < ROUNDS; i++) {
            double x = number();
            double y = number();
            double z = number();
            status.mxcsr(MXCSR);
            real(x, a);
            real(y, b);
            real(z, c);
            assertThat(packed(arithmetic.add(a, b, result))).as("%s + %s", x, y).isEqualTo(x + y);
            assertThat(packed(arithmetic.subtract(a, b, result))).as("%s - %s", x, y).isEqualTo(x - y);
            assertThat(packed(arithmetic.multiply(a, b, result))).as("%s * %s", x, y).isEqualTo(x * y);
            assertThat(packed(arithmetic.divide(a, b, result))).as("%s / %s", x, y).isEqualTo(x / y);
            assertThat(packed(arithmetic.multiplyAdd(a, b, c, result))).as("%s * %s + %s", x, y, z).isEqualTo(Math.fma(x, y, z));
            real(Math.abs(x), a);
            assertThat(packed(arithmetic.squareRoot(a, result))).as("root of %s", x).isEqualTo(Math.sqrt(Math.abs(x)));
        }
    }

    @Test
    void aFusedSumCancelsExactly() {
        for (int i = 0; i < ROUNDS; i++) {
            double x = 1 + random.nextDouble();
            double y = 1 + random.nextDouble();
            double z = -(x * y);
            status.mxcsr(MXCSR);
            assertThat(packed(arithmetic.multiplyAdd(real(x, a), real(y, b), real(z, c), result)))
                    .as("%s * %s + %s", x, y, z).isEqualTo(Math.fma(x, y, z));
        }
    }

    @Test
    void smallFormatsAreJavas() {
        for (int i = 0; i < ROUNDS; i++) {
            float x = (float) number();
            status.mxcsr(MXCSR);
            a.unpack(Format.BINARY64, Double.doubleToRawLongBits(x));
            assertThat((short) packing.pack(a, Format.BINARY16)).as("%s", x).isEqualTo(Float.floatToFloat16(x));
            short half = (short) random.nextInt();
            a.unpack(Format.BINARY16, half & 0xFFFF);
            if (!a.isNaN()) {
                assertThat(Float.intBitsToFloat((int) packing.pack(a, Format.BINARY32))).isEqualTo(Float.float16ToFloat(half));
            }
        }
    }

    private static BigDecimal value(int exponent, long significand) {
        BigDecimal integer = new BigDecimal(Long.toUnsignedString(significand));
        int power = exponent - 63;
        return power >= 0 ? integer.multiply(BigDecimal.TWO.pow(power)) : integer.divide(BigDecimal.TWO.pow(-power), MathContext.UNLIMITED);
    }

    /** Quotients and products of 64 bits under each rounding: the packed value is a neighbour of the exact one, on the right side, within half a unit. */
    @Test
    void extendedResultsAreTheRightNeighbours() {
        for (int i = 0; i < 20_000; i++) {
            int rounding = random.nextInt(4);
            long x = random.nextLong() | Long.MIN_VALUE;
            long y = random.nextLong() | Long.MIN_VALUE;
            status.x87(0x37F | rounding << 10);
            a.unpack(16383 + random.nextInt(8), x);
            b.unpack(16383 + random.nextInt(8), y);
            boolean product = random.nextBoolean();
            packing.extended(product ? arithmetic.multiply(a, b, result) : arithmetic.divide(a, b, result));
            BigDecimal left = value(a.exponent, x);
            BigDecimal right = value(b.exponent, y);
            int exponent = packing.signAndExponent() - 16383;
            BigDecimal got = value(exponent, packing.significand());
            BigDecimal unit = value(exponent, 1);
            // got × divisor against the dividend, so that nothing is rounded here
            BigDecimal exact = product ? left.multiply(right) : left;
            BigDecimal factor = product ? BigDecimal.ONE : right;
            BigDecimal error = got.multiply(factor).subtract(exact);
            BigDecimal most = unit.multiply(factor);
            switch (rounding) {
                case FloatStatus.NEAREST -> assertThat(error.abs().multiply(BigDecimal.TWO)).isLessThanOrEqualTo(most);
                case FloatStatus.UP -> assertThat(error).isBetween(BigDecimal.ZERO, most);
                default -> assertThat(error.negate()).isBetween(BigDecimal.ZERO, most);
            }
            assertThat((status.flags() & FloatStatus.INEXACT) != 0).isEqualTo(error.signum() != 0);
        }
    }

    @Test
    void integersRoundAsBigDecimalDoes() {
        Conversions conversions = new Conversions(status);
        RoundingMode[] modes = {RoundingMode.HALF_EVEN, RoundingMode.FLOOR, RoundingMode.CEILING, RoundingMode.DOWN};
        for (int i = 0; i < ROUNDS; i++) {
            double x = (random.nextDouble() - 0.5) * Math.scalb(1.0, random.nextInt(66));
            if (random.nextInt(4) == 0) {
                x = Math.rint(x) + 0.5;
            }
            int rounding = random.nextInt(4);
            status.mxcsr(MXCSR | rounding << 13);
            BigDecimal rounded = new BigDecimal(x).setScale(0, modes[rounding]);
            boolean fits = rounded.toBigInteger().bitLength() < 64;
            assertThat(conversions.toInteger(real(x, a), 64, false)).as("%s, rounding %s", x, rounding).isEqualTo(fits ? rounded.longValueExact() : Long.MIN_VALUE);
            assertThat((status.flags() & FloatStatus.INVALID) != 0).isEqualTo(!fits);
        }
    }
}
