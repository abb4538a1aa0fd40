package trefoil.softcpu.fp;

/**
 * Conversions between formats, to integers and to integral values (SDM Vol. 1, sections 4.8.3.6, 8.3.6 and 11.5.2; Vol. 2, FIST, FRNDINT, CVTSD2SI,
 * ROUNDSD). Used by one thread.
 */
public final class Conversions {
    private final FloatStatus status;
    private final Real operand = new Real();

    /** Conversions that note exceptions and round as it says. */
    public Conversions(FloatStatus status) {
        this.status = status;
    }

    /** An operand that is loaded or converted: a signaling NaN becomes quiet and a denormal one is noted. */
    public Real convert(Real value, Real result) {
        result.set(value);
        if (value.isUnsupported()) {
            status.raise(FloatStatus.INVALID);
            result.denormal = false;
            return result.indefinite();
        }
        if (value.isSignaling()) {
            status.raise(FloatStatus.INVALID);
            result.quiet();
        }
        if (value.denormal) {
            if (status.denormalsAreZero()) {
                result.zero(value.negative);
            } else {
                status.raise(FloatStatus.DENORMAL);
            }
            result.denormal = false;
        }
        return result;
    }

    /**
     * To a signed integer; one that has no such value becomes the integer indefinite, the most negative one, and is invalid.
     *
     * @param bits 16, 32 or 64
     * @param truncate whether to round toward zero, whatever the rules say
     */
    public long toInteger(Real value, int bits, boolean truncate) {
        long indefinite = -1L << bits - 1;
        if (value.isZero() || value.denormal && status.denormalsAreZero()) {
            return 0;
        }
        if (!value.isFinite() || value.exponent > bits - 1) {
            status.raise(FloatStatus.INVALID);
            return indefinite;
        }
        boolean inexact = integral(value, truncate ? FloatStatus.ZERO : status.rounding());
        boolean fits = !carried && (magnitude >= 0 && magnitude <= -(indefinite + 1) || value.negative && magnitude == -indefinite);
        if (!fits) {
            status.raise(FloatStatus.INVALID);
            return indefinite;
        }
        status.raise(inexact ? FloatStatus.INEXACT : 0);
        return value.negative ? -magnitude : magnitude;
    }

    private long magnitude;
    private boolean carried;

    /** Leaves the magnitude of a finite number rounded to an integer of 64 bits, unsigned; whether it was none. Its exponent is below 64. */
    private boolean integral(Real value, int rounding) {
        operand.set(value);
        operand.shiftRight(63 - value.exponent);
        magnitude = operand.high;
        long rest = operand.low;
        boolean up = switch (rounding) {
            case FloatStatus.NEAREST -> rest < 0 && (rest != Long.MIN_VALUE || (magnitude & 1) != 0);
            case FloatStatus.DOWN -> rest != 0 && value.negative;
            case FloatStatus.UP -> rest != 0 && !value.negative;
            default -> false;
        };
        carried = up && magnitude == -1L;
        magnitude += up ? 1 : 0;
        status.roundedUp(up);
        return rest != 0;
    }

    /**
     * To an integral value of the same kind.
     *
     * @param inexactCounts whether a value that was not integral is noted as inexact
     */
    public Real toIntegral(Real value, boolean inexactCounts, Real result) {
        convert(value, result);
        if (!result.isFinite() || result.exponent >= 63 || status.unmasked() != 0) {
            return result;
        }
        boolean minus = result.negative;
        boolean inexact = integral(result, status.rounding());
        if (carried) {
            result.magnitude(Real.INTEGER);
            result.exponent++;
        } else {
            result.magnitude(magnitude);
        }
        result.negative = minus;
        status.raise(inexact && inexactCounts ? FloatStatus.INEXACT : 0);
        return result;
    }
}
