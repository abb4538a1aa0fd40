package trefoil.softcpu.fp;

/** How a number is laid out (SDM Vol. 1, section 4.2.2, tables 4-2 and 4-3). */
public enum Format {
    /** Half precision. */
    BINARY16(11, 15),
    /** Single precision. */
    BINARY32(24, 127),
    /** Double precision. */
    BINARY64(53, 1023),
    /** Double-extended precision of the x87: the integer bit is stored. */
    EXTENDED(64, 16383);

    private final int precision;
    private final int bias;

    Format(int precision, int bias) {
        this.precision = precision;
        this.bias = bias;
    }

    /** Bits of the significand, the integer bit included. */
    public int precision() {
        return precision;
    }

    /** What is added to an exponent; also the largest exponent. */
    public int bias() {
        return bias;
    }

    /** Smallest exponent of a normal number. */
    public int smallestExponent() {
        return 1 - bias;
    }

    /** Bits of the stored fraction, without the integer bit; not for {@link #EXTENDED}. */
    int fractionBits() {
        return precision - 1;
    }

    /** The biased exponent of infinities and NaNs. */
    int specialExponent() {
        return 2 * bias + 1;
    }
}
