package trefoil.x86.exception;

/** Error codes of #TS, #NP, #SS and #GP that name a selector (Intel SDM Vol. 3, 6.13). */
public final class SelectorErrorCode {
    /** EXT: an event from outside of the program was being delivered. */
    public static final int EXT = 1;
    /** IDT: the index is of a gate in the IDT. */
    public static final int IDT = 1 << 1;
    /** TI: the index is of the LDT. */
    public static final int TI = 1 << 2;

    private SelectorErrorCode() {}

    /** Of a selector: index and TI. */
    public static int ofSelector(int selector, boolean external) {
        return selector & 0xFFFC | (external ? EXT : 0);
    }

    /** Of a gate in the IDT. */
    public static int ofGate(int vector, boolean external) {
        return vector << 3 | IDT | (external ? EXT : 0);
    }
}
