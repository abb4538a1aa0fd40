package trefoil.softcpu.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import trefoil.softcpu.fp.Arithmetic.Order;
import trefoil.softcpu.fp.Recorded.Sse;
import trefoil.softcpu.fp.Recorded.X87;

/** Every result, flag and condition bit as a processor has it, see {@link Recorded}. */
class AgainstAProcessorTest {
    private static final int BEFORE = FloatStatus.INVALID | FloatStatus.DENORMAL | FloatStatus.DIVIDE;
    private static final int C2 = 0x400;

    private final FloatStatus status = new FloatStatus();
    private final Arithmetic arithmetic = new Arithmetic(status);
    private final Packing packing = new Packing(status);
    private final Conversions conversions = new Conversions(status);
    private final Remainder remainder = new Remainder(status);
    private final Transcendental transcendental = new Transcendental(status);
    private final Decimal decimal = new Decimal(status);
    private final Real a = new Real();
    private final Real b = new Real();
    private final Real c = new Real();
    private final Real result = new Real();

    private void load(X87 r) {
        status.x87(r.controlWord());
        a.unpack(r.topHigh(), r.top());
        b.unpack(r.nextHigh(), r.next());
    }

    /** Whether the instruction leaves its destination as it was. */
    private boolean stopped() {
        return (status.unmasked() & BEFORE) != 0;
    }

    private void assertExtended(X87 r) {
        if (stopped()) {
            assertThat(r.resultHigh()).as(r.toString()).isEqualTo(r.topHigh());
            assertThat(r.result()).as(r.toString()).isEqualTo(r.top());
        } else {
            assertThat(packing.signAndExponent()).as(r.toString()).isEqualTo(r.resultHigh());
            assertThat(packing.significand()).as(r.toString()).isEqualTo(r.result());
        }
    }

    private void assertFlags(X87 r) {
        assertThat(status.flags()).as(r.toString()).isEqualTo(r.flags());
        if ((status.flags() & FloatStatus.INEXACT) != 0) {
            assertThat(status.roundedUp()).as(r.toString()).isEqualTo(r.roundedUp());
        }
    }

    @Test
    void x87Arithmetic() throws IOException {
        int[] seen = new int[9];
        for (X87 r : Recorded.x87("x87.gz")) {
            load(r);
            seen[r.operation()]++;
            switch (r.operation()) {
                case 0 -> arithmetic.add(a, b, result);
                case 1 -> arithmetic.subtract(a, b, result);
                case 2 -> arithmetic.multiply(a, b, result);
                case 3 -> arithmetic.divide(a, b, result);
                case 4 -> arithmetic.squareRoot(a, result);
                case 5 -> assertStored(r, Format.BINARY32);
                case 6 -> assertStored(r, Format.BINARY64);
                default -> assertOrder(r, arithmetic.compare(a, b, r.operation() == 8));
            }
            if (r.operation() < 5) {
                if (!stopped()) {
                    packing.extended(result);
                }
                assertExtended(r);
                assertFlags(r);
            }
        }
        assertThat(seen).doesNotContain(0);
    }

    /** FST to memory. A denormal number of 80 bits is no denormal operand there. */
    private void assertStored(X87 r, Format format) {
        if (a.isUnsupported()) {
            arithmetic.invalid(result);
        } else {
            result.set(a);
            if (a.isSignaling()) {
                status.raise(FloatStatus.INVALID);
                result.quiet();
            }
        }
        long bits = stopped() ? 0 : packing.pack(result, format);
        assertThat(status.unmasked() != 0 && (status.unmasked() & ~FloatStatus.INEXACT) != 0 ? 0 : bits).as(r.toString()).isEqualTo(r.result());
        assertFlags(r);
    }

    private void assertOrder(X87 r, Order order) {
        assertThat(switch (order) {
            case LESS -> 0x100;
            case EQUAL -> 0x4000;
            case GREATER -> 0;
            case UNORDERED -> 0x4500;
        }).as(r.toString()).isEqualTo(r.condition());
        assertThat(status.flags()).as(r.toString()).isEqualTo(r.flags());
    }

    @Test
    void remaindersScalingAndRounding() throws IOException {
        int seen = 0;
        for (X87 r : Recorded.x87("x87-functions.gz")) {
            if (r.operation() > 24) {
                continue;
            }
            seen++;
            load(r);
            switch (r.operation()) {
                case 20, 21 -> remainder.of(a, b, r.operation() == 21, result);
                case 22 -> remainder.scale(a, b, result);
                case 23 -> {
                    remainder.exponent(a, b);
                    remainder.significand(a, result);
                }
                default -> conversions.toIntegral(a, true, result);
            }
            if (!stopped()) {
                packing.wholeExtended(result);
                if (r.operation() <= 21) {
                    assertQuotient(r);
                }
            }
            assertExtended(r);
            assertFlags(r);
        }
        assertThat(seen).isGreaterThan(1000);
    }

    private void assertQuotient(X87 r) {
        if ((status.flags() & FloatStatus.INVALID) != 0) {
            return;
        }
        assertThat((r.statusWord() & C2) == 0).as(r.toString()).isEqualTo(remainder.complete());
        int bits = (r.statusWord() >> 8 & 1) << 2 | (r.statusWord() >> 14 & 1) << 1 | r.statusWord() >> 9 & 1;
        if (remainder.complete()) {
            assertThat(remainder.quotientBits()).as(r.toString()).isEqualTo(bits);
        }
    }

    @Test
    void packedDecimals() throws IOException {
        int seen = 0;
        Real back = new Real();
        for (X87 r : Recorded.x87("x87-functions.gz")) {
            if (r.operation() != 25) {
                continue;
            }
            seen++;
            load(r);
            decimal.pack(a);
            boolean stored = status.unmasked() == 0 || (status.unmasked() & FloatStatus.INVALID) == 0;
            assertThat(stored ? decimal.top() : 0).as(r.toString()).isEqualTo(r.resultHigh());
            assertThat(stored ? decimal.bottom() : 0).as(r.toString()).isEqualTo(r.result());
            assertFlags(r);
            if ((status.flags() & FloatStatus.INVALID) == 0) {
                decimal.pack(Decimal.unpack(r.resultHigh(), r.result(), back));
                assertThat(decimal.bottom()).as(r.toString()).isEqualTo(r.result());
                assertThat(decimal.top()).as(r.toString()).isEqualTo(r.resultHigh());
            }
        }
        assertThat(seen).isGreaterThan(200);
    }

    /** A processor's own results may be off by one unit in the last place; more than one in fifty are not. */
    @Test
    void transcendentalFunctions() throws IOException {
        int exact = 0;
        int near = 0;
        for (X87 r : Recorded.x87("x87-functions.gz")) {
            if (r.operation() < 26 || r.operation() == 28) {
                continue;
            }
            load(r);
            boolean outOfRange = (r.operation() >= 30 && r.operation() <= 32) && Transcendental.isOutOfRange(a);
            if (outOfRange) {
                assertThat(r.statusWord() & C2).as(r.toString()).isNotZero();
                continue;
            }
            compute(r.operation());
            if (stopped()) {
                assertExtended(r);
                continue;
            }
            packing.wholeExtended(result);
            long distance = distance(r);
            assertThat(distance).as(r + ", not %04x.%016x", packing.signAndExponent(), packing.significand()).isBetween(-1L, 1L);
            exact += distance == 0 ? 1 : 0;
            near += distance == 0 ? 0 : 1;
        }
        assertThat(exact).isGreaterThan(1500);
        assertThat(near).isLessThan(exact / 50);
    }

    private void compute(int operation) {
        switch (operation) {
            case 26 -> transcendental.exponential(a, result);
            case 27 -> transcendental.logarithm(a, b, result);
            case 29 -> transcendental.arctangent(b, a, result);
            case 30 -> transcendental.sine(a, result);
            case 33 -> transcendental.logarithmOfOneMore(a, b, result);
            default -> transcendental.cosine(a, result);
        }
    }

    /** In units of the last place. */
    private long distance(X87 r) {
        int exponents = packing.signAndExponent() - r.resultHigh();
        if (exponents == 0) {
            return packing.significand() - r.result();
        }
        boolean upper = exponents == 1 && packing.significand() == Long.MIN_VALUE && r.result() == -1L;
        boolean lower = exponents == -1 && packing.significand() == -1L && r.result() == Long.MIN_VALUE;
        return upper ? 1 : lower ? -1 : Long.MAX_VALUE;
    }

    @Test
    void sse() throws IOException {
        int[] seen = new int[11];
        for (Sse r : Recorded.sse()) {
            seen[r.operation()]++;
            status.mxcsr(r.mxcsr());
            a.unpack(r.format(), r.first());
            b.unpack(r.format(), r.second());
            c.unpack(r.format(), r.third());
            long mask = Sse.mask(r.format());
            Format other = r.format() == Format.BINARY64 ? Format.BINARY32 : Format.BINARY64;
            switch (r.operation()) {
                case 0 -> assertBits(r, packing.pack(arithmetic.add(a, b, result), r.format()), mask);
                case 1 -> assertBits(r, packing.pack(arithmetic.subtract(a, b, result), r.format()), mask);
                case 2 -> assertBits(r, packing.pack(arithmetic.multiply(a, b, result), r.format()), mask);
                case 3 -> assertBits(r, packing.pack(arithmetic.divide(a, b, result), r.format()), mask);
                case 4 -> assertBits(r, packing.pack(arithmetic.squareRoot(b, result), r.format()), mask);
                case 5 -> assertBits(r, packing.pack(conversions.convert(b, result), other), Sse.mask(other));
                case 6 -> assertBits(r, conversions.toInteger(b, 64, false), -1L);
                case 7 -> assertBits(r, conversions.toInteger(b, 32, true), 0xFFFF_FFFFL);
                case 10 -> assertBits(r, packing.pack(arithmetic.multiplyAdd(b, a, c, result), r.format()), mask);
                default -> assertBits(r, switch (arithmetic.compare(a, b, r.operation() == 9)) {
                    case LESS -> 0x01;
                    case EQUAL -> 0x40;
                    case GREATER -> 0;
                    case UNORDERED -> 0x45;
                }, -1L);
            }
        }
        assertThat(seen).doesNotContain(0);
    }

    private void assertBits(Sse r, long bits, long mask) {
        assertThat(bits & mask).as(r.toString()).isEqualTo(r.result() & mask);
        assertThat(status.flags()).as(r.toString()).isEqualTo(r.flags());
    }
}
