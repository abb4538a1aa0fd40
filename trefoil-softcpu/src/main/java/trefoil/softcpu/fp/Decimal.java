package trefoil.softcpu.fp;

/**
 * Packed decimals of FBLD and FBSTP: 18 digits, the lowest in the lowest four bits, and a sign in the highest (SDM Vol. 1, section 4.7). Used by
 * one thread.
 */
public final class Decimal {
    private static final int DIGITS = 18;
    private static final long LARGEST = 999_999_999_999_999_999L;
    private static final int MINUS = 0x8000;
    private static final int INDEFINITE_TOP = 0xFFFF;
    private static final long INDEFINITE_BOTTOM = 0xC000_0000_0000_0000L;

    private final FloatStatus status;
    private final Conversions conversions;
    private long bottom;
    private int top;

    /** Decimals whose exceptions are noted here. */
    public Decimal(FloatStatus status) {
        this.status = status;
        this.conversions = new Conversions(status);
    }

    /** The value of a packed decimal; digits above 9, which are undefined, count for what they are. */
    public static Real unpack(int top, long bottom, Real result) {
        long value = 0;
        for (int i = DIGITS - 1; i >= 0; i--) {
            long digit = i >= 16 ? top >>> 4 * (i - 16) & 0xF : bottom >>> 4 * i & 0xF;
            value = value * 10 + digit;
        }
        result.magnitude(value);
        result.negative = (top & MINUS) != 0;
        return result;
    }

    /** Packs a number rounded to an integer; one that has more than 18 digits is invalid and becomes the packed decimal indefinite. */
    public void pack(Real value) {
        long before = status.flags();
        long integer = conversions.toInteger(value, 64, false);
        boolean fits = (status.flags() & ~before & FloatStatus.INVALID) == 0 && Math.abs(integer) <= LARGEST && integer != Long.MIN_VALUE;
        if (!fits) {
            status.dropInexact();
            status.raise(FloatStatus.INVALID);
            top = INDEFINITE_TOP;
            bottom = INDEFINITE_BOTTOM;
            return;
        }
        digits(Math.abs(integer));
        top |= value.negative ? MINUS : 0;
    }

    private void digits(long magnitude) {
        long rest = magnitude;
        bottom = 0;
        for (int i = 0; i < 16; i++) {
            bottom |= rest % 10 << 4 * i;
            rest /= 10;
        }
        top = (int) (rest % 10 | rest / 10 << 4);
    }

    /** The lower 64 bits of what was packed. */
    public long bottom() {
        return bottom;
    }

    /** The upper 16 bits of what was packed. */
    public int top() {
        return top;
    }
}
