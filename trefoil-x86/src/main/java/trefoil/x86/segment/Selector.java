package trefoil.x86.segment;

/** Segment selectors (Intel SDM Vol. 3, 3.4.2). */
public final class Selector {
    /** Requested privilege level. */
    public static final int RPL = 3;
    /** Table indicator: set for the LDT. */
    public static final int TI = 4;

    private Selector() {}

    /** Whether it names the first entry of the GDT, which is none. */
    public static boolean isNull(int selector) {
        return (selector & 0xFFFC) == 0;
    }

    /** Offset of the descriptor in its table. */
    public static int offset(int selector) {
        return selector & 0xFFF8;
    }

    /** Requested privilege level. */
    public static int rpl(int selector) {
        return selector & RPL;
    }
}
