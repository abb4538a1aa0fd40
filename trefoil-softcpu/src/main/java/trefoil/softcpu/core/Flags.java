package trefoil.softcpu.core;

import static trefoil.x86.register.Rflags.*;

/**
 * The status flags between instructions: two words, from which a flag is computed when it is asked for.
 *
 * <p>{@code result} is the last result, extended by its sign from its size to 64 bits. {@code aux} holds what it does not say:
 * <pre>
 * 63 carry out of the highest bit: CF      62 carry into the highest bit: OF = bit 63 ^ bit 62
 * 15:8 ^ low octet of result: PF is the parity of both      3 carry out of bit 3: AF      0 ^ sign of result: SF
 * </pre>
 */
public final class Flags {
    private static final long TOP = 3L << 62;
    private static final long KEPT = TOP | 8;

    private Flags() {}

    /** {@code aux} of {@code a + b (+ carry) = result}, of which the low {@code bits} count. */
    public static long ofAddition(long a, long b, long result, int bits) {
        long carries = a & b | (a | b) & ~result;
        return carries << 64 - bits & TOP | carries & 8;
    }

    /** {@code aux} of {@code a - b (- borrow) = result}. */
    public static long ofSubtraction(long a, long b, long result, int bits) {
        long borrows = ~a & b | ~(a ^ b) & result;
        return borrows << 64 - bits & TOP | borrows & 8;
    }

    /** As {@link #ofAddition} with 64 bits. */
    public static long ofAddition64(long a, long b, long result) {
        return (a & b | (a | b) & ~result) & KEPT;
    }

    /** As {@link #ofSubtraction} with 64 bits. */
    public static long ofSubtraction64(long a, long b, long result) {
        return (~a & b | ~(a ^ b) & result) & KEPT;
    }

    /** {@code aux} with CF and OF as told, AF 0, for a result that tells the rest. */
    public static long of(boolean carry, boolean overflow) {
        return (carry ? 1L << 63 : 0) | (carry ^ overflow ? 1L << 62 : 0);
    }

    /** {@code aux} with CF replaced; OF, AF and the rest as they are. */
    public static long withCarry(long aux, boolean carry) {
        return (aux < 0) == carry ? aux : aux ^ TOP;
    }

    /** {@code aux} with CF and OF replaced. */
    public static long with(long aux, boolean carry, boolean overflow) {
        return aux & ~TOP | of(carry, overflow);
    }

    public static boolean isCarry(long aux) {
        return aux < 0;
    }

    public static boolean isOverflow(long aux) {
        return (aux ^ aux << 1) < 0;
    }

    public static boolean isZero(long result) {
        return result == 0;
    }

    public static boolean isSign(long result, long aux) {
        return (result ^ aux << 63) < 0;
    }

    /** SF is not OF: less, signed. */
    public static boolean isLess(long result, long aux) {
        return (result ^ aux << 63 ^ aux ^ aux << 1) < 0;
    }

    public static boolean isParity(long result, long aux) {
        return (Long.bitCount((result ^ aux >>> 8) & 0xFF) & 1) == 0;
    }

    /** CF PF AF ZF SF OF in their places. */
    public static int status(long result, long aux) {
        return (isCarry(aux) ? CF : 0)
                | (isParity(result, aux) ? PF : 0)
                | ((int) aux & 8) << 1
                | (result == 0 ? ZF : 0)
                | (isSign(result, aux) ? SF : 0)
                | (isOverflow(aux) ? OF : 0);
    }

    /** A result that goes with {@link #aux} of the same flags. */
    public static long result(int flags) {
        return (flags & ZF) != 0 ? 0 : 0x100;
    }

    /** What {@link #result} does not say of the flags. */
    public static long aux(int flags) {
        boolean carry = (flags & CF) != 0;
        return of(carry, (flags & OF) != 0) | (flags & AF) >> 1 | ((flags & PF) == 0 ? 0x100 : 0) | ((flags & SF) != 0 ? 1 : 0);
    }

    /**
     * Whether a condition holds (Intel SDM Vol. 1, appendix B).
     *
     * @param condition the low four bits of the opcode of Jcc, SETcc, CMOVcc
     */
    public static boolean holds(int condition, long result, long aux) {
        boolean holds = switch (condition >> 1 & 7) {
            case 0 -> isOverflow(aux);
            case 1 -> aux < 0;
            case 2 -> result == 0;
            case 3 -> aux < 0 || result == 0;
            case 4 -> isSign(result, aux);
            case 5 -> isParity(result, aux);
            case 6 -> isSign(result, aux) != isOverflow(aux);
            default -> result == 0 || isSign(result, aux) != isOverflow(aux);
        };
        return holds ^ (condition & 1) != 0;
    }
}
