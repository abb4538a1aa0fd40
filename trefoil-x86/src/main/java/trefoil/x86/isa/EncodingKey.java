package trefoil.x86.isa;

/**
 * What, beside map and opcode, may select a row: ModRM.rm (bits 0-2), ModRM.reg (3-5), whether ModRM.mod is 3 (6), mandatory prefix (7-8: none, 66, F3, F2),
 * REX.W or VEX.W (9), VEX.L (10), REX.B (11).
 */
public final class EncodingKey {
    /** ModRM.rm. */
    public static final int RM = 7;
    /** ModRM.reg. */
    public static final int REG = 7 << 3;
    /** ModRM.mod is 3. */
    public static final int REGISTER_FORM = 1 << 6;
    /** Mandatory prefix: 0 none, 1 is 66, 2 is F3, 3 is F2. */
    public static final int PREFIX = 3 << 7;
    /** REX.W or VEX.W. */
    public static final int W = 1 << 9;
    /** VEX.L. */
    public static final int L = 1 << 10;
    /** REX.B. */
    public static final int B = 1 << 11;
    /** Number of bits of a key. */
    public static final int BITS = 12;
    /** Lowest bit of {@link #PREFIX}. */
    public static final int PREFIX_SHIFT = 7;

    private EncodingKey() {}

    /** The mandatory prefix of a key. */
    public static int prefix(int key) {
        return key >> PREFIX_SHIFT & 3;
    }

    /** Bits that {@code marks} ask for, the prefix left out. */
    static int mask(long marks) {
        return (digit(marks, Mark.R0) >= 0 ? REG : 0)
                | (digit(marks, Mark.M0) >= 0 ? RM : 0)
                | (any(marks, Mark.MEM, Mark.REG) ? REGISTER_FORM : 0)
                | (any(marks, Mark.W0, Mark.W1) ? W : 0)
                | (any(marks, Mark.L0, Mark.L1) ? L : 0)
                | (any(marks, Mark.B0, Mark.B1) ? B : 0);
    }

    /** Values of the bits of {@link #mask(long)}. */
    static int value(long marks) {
        return Math.max(digit(marks, Mark.R0), 0) << 3
                | Math.max(digit(marks, Mark.M0), 0)
                | (any(marks, Mark.REG, Mark.REG) ? REGISTER_FORM : 0)
                | (any(marks, Mark.W1, Mark.W1) ? W : 0)
                | (any(marks, Mark.L1, Mark.L1) ? L : 0)
                | (any(marks, Mark.B1, Mark.B1) ? B : 0);
    }

    /** Set of mandatory prefixes that {@code marks} allow. */
    static int prefixes(long marks) {
        int set = 0;
        set |= any(marks, Mark.NP, Mark.NP) ? 0b0001 : 0;
        set |= any(marks, Mark.P66, Mark.P66) ? 0b0010 : 0;
        set |= any(marks, Mark.PF3, Mark.PF3) ? 0b0100 : 0;
        set |= any(marks, Mark.PF2, Mark.PF2) ? 0b1000 : 0;
        set |= any(marks, Mark.NFX, Mark.NFX) ? 0b0011 : 0;
        set |= any(marks, Mark.NF3, Mark.NF3) ? 0b1011 : 0;
        return set == 0 ? 0b1111 : set;
    }

    /** Which of eight marks from {@code first} on was given, or -1. */
    private static int digit(long marks, Mark first) {
        int eight = (int) (marks >>> first.ordinal()) & 0xff;
        return eight == 0 ? -1 : Integer.numberOfTrailingZeros(eight);
    }

    private static boolean any(long marks, Mark one, Mark other) {
        return (marks & (one.bit() | other.bit())) != 0;
    }
}
