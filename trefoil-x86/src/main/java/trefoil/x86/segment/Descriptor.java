package trefoil.x86.segment;

/**
 * Descriptors of 8 octets, as the long that they are in memory (Intel SDM Vol. 3, 3.4.5, figure 3-8; 5.8.3 and 6.11 for gates).
 * <pre>
 * 63      56 55 54 53 52 51  48 47 46 45 44 43  40 39      32 31          16 15           0
 * base 31:24 G D/B L AVL limit  P  DPL   S  type   base 23:16  base 15:0     limit 15:0
 * </pre>
 */
public final class Descriptor {
    /** Type, bit of code and data: accessed. */
    public static final int ACCESSED = 1;
    /** Type, bit of data: writable. */
    public static final int WRITABLE = 2;
    /** Type, bit of code: readable. */
    public static final int READABLE = 2;
    /** Type, bit of data: grows down. */
    public static final int EXPAND_DOWN = 4;
    /** Type, bit of code: conforming. */
    public static final int CONFORMING = 4;
    /** Type, bit of code and data: code. */
    public static final int CODE = 8;

    private Descriptor() {}

    /** Base of a segment. */
    public static long base(long descriptor) {
        return descriptor >>> 16 & 0xFFFFFF | descriptor >>> 32 & 0xFF000000L;
    }

    /** Base of a TSS or LDT of 16 octets in IA-32e mode (8.2.3). */
    public static long base(long low, long high) {
        return base(low) | high << 32;
    }

    /** Limit in octets: the last offset, with the granularity taken in. */
    public static long limit(long descriptor) {
        long limit = descriptor & 0xFFFF | descriptor >>> 32 & 0xF0000;
        return isGranular(descriptor) ? limit << 12 | 0xFFF : limit;
    }

    /** G: the limit counts pages. */
    public static boolean isGranular(long descriptor) {
        return (descriptor >>> 55 & 1) != 0;
    }

    /** D/B: 32-bit code, stack pointer or upper bound. */
    public static boolean isBig(long descriptor) {
        return (descriptor >>> 54 & 1) != 0;
    }

    /** L: 64-bit code. */
    public static boolean isLong(long descriptor) {
        return (descriptor >>> 53 & 1) != 0;
    }

    /** P. */
    public static boolean isPresent(long descriptor) {
        return (descriptor >>> 47 & 1) != 0;
    }

    /** DPL. */
    public static int dpl(long descriptor) {
        return (int) (descriptor >>> 45) & 3;
    }

    /** S = 1: code or data. */
    public static boolean isCodeOrData(long descriptor) {
        return (descriptor >>> 44 & 1) != 0;
    }

    /** The four bits of the type. */
    public static int type(long descriptor) {
        return (int) (descriptor >>> 40) & 15;
    }

    /** Code, of either kind. */
    public static boolean isCode(long descriptor) {
        return isCodeOrData(descriptor) && (type(descriptor) & CODE) != 0;
    }

    /** Code whose privilege the caller does not need. */
    public static boolean isConforming(long descriptor) {
        return isCode(descriptor) && (type(descriptor) & CONFORMING) != 0;
    }

    /** Data that may be written. */
    public static boolean isWritable(long descriptor) {
        return isCodeOrData(descriptor) && (type(descriptor) & (CODE | WRITABLE)) == WRITABLE;
    }

    /** Data, or code that may be read. */
    public static boolean isReadable(long descriptor) {
        return isCodeOrData(descriptor) && (type(descriptor) & (CODE | READABLE)) != CODE;
    }

    /** Data whose valid offsets are above the limit. */
    public static boolean isExpandDown(long descriptor) {
        return isCodeOrData(descriptor) && (type(descriptor) & (CODE | EXPAND_DOWN)) == EXPAND_DOWN;
    }

    /** What LAR loads: octets 4 to 7 without base and limit (Vol. 2, LAR). */
    public static int accessRights(long descriptor) {
        return (int) (descriptor >>> 32) & 0x00F0FF00;
    }

    /** Selector of a gate. */
    public static int gateSelector(long gate) {
        return (int) (gate >>> 16) & 0xFFFF;
    }

    /** Offset of a gate of 8 octets. */
    public static long gateOffset(long gate) {
        return gate & 0xFFFF | gate >>> 32 & 0xFFFF0000L;
    }

    /** Offset of a gate of 16 octets. */
    public static long gateOffset(long low, long high) {
        return gateOffset(low) | high << 32;
    }

    /** Number of parameters that a call gate copies. */
    public static int gateParameters(long gate) {
        return (int) (gate >>> 32) & 31;
    }

    /** Interrupt stack table of a gate of 16 octets: 0 for none. */
    public static int gateStack(long low) {
        return (int) (low >>> 32) & 7;
    }

    /**
     * Makes the descriptor of a segment.
     *
     * @param limit as in the descriptor: 20 bits, not scaled
     * @param access octet 5: P, DPL, S, type
     * @param flags G, D/B, L, AVL as bits 3 to 0
     */
    public static long of(long base, int limit, int access, int flags) {
        return limit & 0xFFFF | (base & 0xFFFFFF) << 16 | (long) (access & 0xFF) << 40 | (long) (limit >>> 16 & 15) << 48 | (long) (flags & 15) << 52 | (base >>> 24 & 0xFF) << 56;
    }
}
