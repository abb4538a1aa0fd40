package trefoil.softcpu.fp;

import trefoil.softcpu.fp.Real.Kind;

/**
 * Addition, multiplication, division, square root and comparison, exact but for a sticky bit; {@link Packing} rounds. Operands that
 * are no ordinary numbers are dealt with as SDM Vol. 1, section 4.8 and tables 4-7, 8-10 and 11-1 say. Used by one thread.
 */
public final class Arithmetic {
    private final FloatStatus status;
    private final Real left = new Real();
    private final Real right = new Real();

    /** Arithmetic that notes invalid and denormal operands and divisions by zero. */
    public Arithmetic(FloatStatus status) {
        this.status = status;
    }

    /** An operand that is denormal counts as zero where MXCSR says so; else it is noted once no NaN decides the result. */
    private void take(Real a, Real b) {
        left.set(a);
        right.set(b);
        if (status.denormalsAreZero()) {
            flush(left);
            flush(right);
        }
    }

    private static void flush(Real operand) {
        if (operand.denormal) {
            operand.denormal = false;
            operand.zero(operand.negative);
        }
    }

    private void noteDenormals() {
        if (left.denormal || right.denormal) {
            status.raise(FloatStatus.DENORMAL);
        }
    }

    /** No result: an invalid operation. */
    Real invalid(Real result) {
        status.raise(FloatStatus.INVALID);
        result.denormal = false;
        return result.indefinite();
    }

    /** {@code result = a + b}; {@code result} may be one of them. */
    public Real add(Real a, Real b, Real result) {
        take(a, b);
        if (notANumber(result)) {
            return result;
        }
        noteDenormals();
        result.denormal = false;
        if (left.isInfinite() || right.isInfinite()) {
            if (left.kind == right.kind && left.negative != right.negative) {
                return invalid(result);
            }
            return result.infinity(left.isInfinite() ? left.negative : right.negative);
        }
        return sum(left, right, result);
    }

    /** {@code result = a − b}. */
    public Real subtract(Real a, Real b, Real result) {
        take(a, b);
        if (notANumber(result)) {
            return result;
        }
        right.negative = !right.negative;
        noteDenormals();
        result.denormal = false;
        if (left.isInfinite() || right.isInfinite()) {
            if (left.kind == right.kind && left.negative != right.negative) {
                return invalid(result);
            }
            return result.infinity(left.isInfinite() ? left.negative : right.negative);
        }
        return sum(left, right, result);
    }

    private Real sum(Real a, Real b, Real result) {
        if (a.isZero() || b.isZero()) {
            if (a.isZero() && b.isZero()) {
                return result.zero(a.negative == b.negative ? a.negative : status.rounding() == FloatStatus.DOWN);
            }
            return result.set(a.isZero() ? b : a);
        }
        Real big = a;
        Real small = b;
        if (a.exponent < b.exponent || a.exponent == b.exponent && below(a, b)) {
            big = b;
            small = a;
        }
        boolean same = a.negative == b.negative;
        result.negative = big.negative;
        result.kind = Kind.FINITE;
        small.shiftRight(big.exponent - small.exponent);
        return same ? added(big, small, result) : subtracted(big, small, result);
    }

    private static boolean below(Real a, Real b) {
        int high = Long.compareUnsigned(a.high, b.high);
        return high < 0 || high == 0 && Long.compareUnsigned(a.low, b.low) < 0;
    }

    private static Real added(Real big, Real small, Real result) {
        long low = big.low + small.low;
        long carry = Long.compareUnsigned(low, big.low) < 0 ? 1 : 0;
        long high = big.high + small.high + carry;
        int order = Long.compareUnsigned(high, big.high);
        boolean over = order < 0 || order == 0 && carry != 0;
        result.exponent = big.exponent;
        result.high = high;
        result.low = low;
        if (over) {
            result.shiftRight(1);
            result.high |= Real.INTEGER;
            result.exponent++;
        }
        return result;
    }

    private Real subtracted(Real big, Real small, Real result) {
        long low = big.low - small.low;
        long borrow = Long.compareUnsigned(big.low, small.low) < 0 ? 1 : 0;
        long high = big.high - small.high - borrow;
        if ((high | low) == 0) {
            return result.zero(status.rounding() == FloatStatus.DOWN);
        }
        result.exponent = big.exponent;
        result.high = high;
        result.low = low;
        result.normalize();
        return result;
    }

    /** {@code result = a × b}. */
    public Real multiply(Real a, Real b, Real result) {
        take(a, b);
        if (notANumber(result)) {
            return result;
        }
        if (left.isInfinite() && right.isZero() || left.isZero() && right.isInfinite()) {
            return invalid(result);
        }
        noteDenormals();
        result.denormal = false;
        boolean minus = left.negative != right.negative;
        if (left.isInfinite() || right.isInfinite()) {
            return result.infinity(minus);
        }
        if (left.isZero() || right.isZero()) {
            return result.zero(minus);
        }
        return product(left, right, minus, result);
    }

    private static Real product(Real a, Real b, boolean minus, Real result) {
        int exponent = a.exponent + b.exponent + 1;
        long high = Math.unsignedMultiplyHigh(a.high, b.high);
        long low = a.high * b.high;
        result.kind = Kind.FINITE;
        result.negative = minus;
        result.exponent = exponent;
        result.high = high;
        result.low = low;
        result.normalize();
        return result;
    }

    /**
     * {@code result = a × b + c}, rounded once; of {@link Format#BINARY64} and smaller ones (SDM Vol. 2, VFMADD132PD and following). Of several
     * NaNs the first decides, in the order of the parameters: VFMADD213 multiplies its second operand by its first.
     */
    public Real multiplyAdd(Real a, Real b, Real c, Real result) {
        take(a, b);
        Real addend = new Real().set(c);
        if (status.denormalsAreZero()) {
            flush(addend);
        }
        boolean noProduct = left.isInfinite() && right.isZero() || left.isZero() && right.isInfinite();
        if (left.isNaN() || right.isNaN() || addend.isNaN()) {
            return fusedNaN(addend, result);
        }
        if (noProduct) {
            return invalid(result);
        }
        boolean minus = left.negative != right.negative;
        boolean infinite = left.isInfinite() || right.isInfinite();
        if (infinite && addend.isInfinite() && addend.negative != minus) {
            return invalid(result);
        }
        if (addend.denormal) {
            status.raise(FloatStatus.DENORMAL);
        }
        noteDenormals();
        result.denormal = false;
        if (infinite || addend.isInfinite()) {
            return result.infinity(infinite ? minus : addend.negative);
        }
        Real product = new Real();
        if (left.isZero() || right.isZero()) {
            product.zero(minus);
        } else {
            product(left, right, minus, product);
        }
        return sum(product, addend, result);
    }

    private Real fusedNaN(Real addend, Real result) {
        boolean signaling = left.isSignaling() || right.isSignaling() || addend.isSignaling();
        if (signaling) {
            status.raise(FloatStatus.INVALID);
        }
        result.set(left.isNaN() ? left : right.isNaN() ? right : addend);
        result.quiet();
        return result;
    }

    /** {@code result = a ÷ b}. */
    public Real divide(Real a, Real b, Real result) {
        take(a, b);
        if (notANumber(result)) {
            return result;
        }
        boolean minus = left.negative != right.negative;
        if (left.isInfinite() && right.isInfinite() || left.isZero() && right.isZero()) {
            return invalid(result);
        }
        if (right.isZero() && left.isFinite()) {
            status.raise(FloatStatus.DIVIDE);
            result.denormal = false;
            return result.infinity(minus);
        }
        noteDenormals();
        result.denormal = false;
        if (left.isInfinite()) {
            return result.infinity(minus);
        }
        if (left.isZero() || right.isInfinite()) {
            return result.zero(minus);
        }
        return quotient(left, right, minus, result);
    }

    private static Real quotient(Real a, Real b, boolean minus, Real result) {
        boolean less = Long.compareUnsigned(a.high, b.high) < 0;
        // The dividend is less than the divisor in its upper half, as Wide.divide needs it.
        long high = less ? a.high : a.high >>> 1;
        long low = less ? 0 : a.high << 63;
        long first = Wide.divide(high, low, b.high);
        long remainder = low - first * b.high;
        long second = Wide.divide(remainder, 0, b.high);
        boolean exact = second * b.high == 0 && remainder == 0;
        long rest = -second * b.high;
        result.kind = Kind.FINITE;
        result.negative = minus;
        result.exponent = a.exponent - b.exponent - (less ? 1 : 0);
        result.high = first;
        result.low = second | (exact || rest == 0 ? 0 : 1);
        return result;
    }

    /** {@code result = √a}. */
    public Real squareRoot(Real a, Real result) {
        take(a, a);
        if (notANumber(result)) {
            return result;
        }
        if (left.negative && !left.isZero()) {
            return invalid(result);
        }
        noteDenormals();
        result.denormal = false;
        if (left.isZero() || left.isInfinite()) {
            return result.set(left);
        }
        return root(left, result);
    }

    /** With an even exponent: the root of 128 bits has 64, and what remains says what its next bit is. */
    private static Real root(Real a, Real result) {
        boolean odd = (a.exponent & 1) != 0;
        long high = odd ? a.high : a.high >>> 1;
        long low = odd ? 0 : a.high << 63;
        long root = Wide.squareRoot(high, low);
        long squareHigh = Math.unsignedMultiplyHigh(root, root);
        long squareLow = root * root;
        long restLow = low - squareLow;
        long restHigh = high - squareHigh - (Long.compareUnsigned(low, squareLow) < 0 ? 1 : 0);
        boolean half = restHigh != 0 || Long.compareUnsigned(restLow, root) > 0;
        result.kind = Kind.FINITE;
        result.negative = false;
        result.exponent = odd ? (a.exponent - 1) / 2 : a.exponent / 2;
        result.high = root;
        result.low = (half ? 1L << 63 : 0) | ((restHigh | restLow) != 0 ? 1 : 0);
        return result;
    }

    /** How two numbers compare. */
    public enum Order {
        LESS,
        EQUAL,
        GREATER,
        UNORDERED
    }

    /**
     * Compares.
     *
     * @param quiet whether a quiet NaN is no invalid operation: FUCOM, UCOMISD; not FCOM, COMISD
     */
    public Order compare(Real a, Real b, boolean quiet) {
        take(a, b);
        if (left.isUnsupported() || right.isUnsupported() || left.isNaN() || right.isNaN()) {
            boolean invalid = !quiet || left.isUnsupported() || right.isUnsupported() || left.isSignaling() || right.isSignaling();
            status.raise(invalid ? FloatStatus.INVALID : 0);
            return Order.UNORDERED;
        }
        noteDenormals();
        if (left.isZero() && right.isZero()) {
            return Order.EQUAL;
        }
        if (left.negative != right.negative || left.isZero() || right.isZero()) {
            boolean less = left.isZero() ? !right.negative : left.negative;
            return less ? Order.LESS : Order.GREATER;
        }
        int magnitude = magnitudes();
        if (magnitude == 0) {
            return Order.EQUAL;
        }
        return magnitude < 0 != left.negative ? Order.LESS : Order.GREATER;
    }

    private int magnitudes() {
        if (left.isInfinite() || right.isInfinite()) {
            return Boolean.compare(left.isInfinite(), right.isInfinite());
        }
        return left.exponent != right.exponent
                ? Integer.compare(left.exponent, right.exponent)
                : Long.compareUnsigned(left.high, right.high);
    }

    /** Deals with operands that are no numbers; whether one was. */
    private boolean notANumber(Real result) {
        if (left.isUnsupported() || right.isUnsupported()) {
            invalid(result);
            return true;
        }
        if (!left.isNaN() && !right.isNaN()) {
            return false;
        }
        if (left.isSignaling() || right.isSignaling()) {
            status.raise(FloatStatus.INVALID);
        }
        result.set(status.isX87() ? greaterNaN() : left.isNaN() ? left : right);
        result.quiet();
        return true;
    }

    /** Of two NaNs the x87 returns a quiet one before a signaling one, then the one with the greater significand, then the positive one (SDM Vol. 1, table 4-7). */
    private Real greaterNaN() {
        if (!left.isNaN() || !right.isNaN()) {
            return left.isNaN() ? left : right;
        }
        if (left.isSignaling() != right.isSignaling()) {
            return left.isSignaling() ? right : left;
        }
        int order = Long.compareUnsigned(left.high, right.high);
        return order > 0 || order == 0 && !left.negative ? left : right;
    }
}
