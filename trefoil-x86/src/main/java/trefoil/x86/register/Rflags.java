package trefoil.x86.register;

/** Bits of RFLAGS (Intel SDM Vol. 1, 3.4.3; Vol. 3, 2.3). */
public final class Rflags {
    /** Carry. */
    public static final int CF = 1;
    /** Bit 1, always set. */
    public static final int ALWAYS = 1 << 1;
    /** Parity of the low octet. */
    public static final int PF = 1 << 2;
    /** Auxiliary carry. */
    public static final int AF = 1 << 4;
    /** Zero. */
    public static final int ZF = 1 << 6;
    /** Sign. */
    public static final int SF = 1 << 7;
    /** Trap: single step. */
    public static final int TF = 1 << 8;
    /** Interrupts enabled. */
    public static final int IF = 1 << 9;
    /** Direction. */
    public static final int DF = 1 << 10;
    /** Overflow. */
    public static final int OF = 1 << 11;
    /** I/O privilege level, two bits. */
    public static final int IOPL = 3 << 12;
    /** Lowest bit of {@link #IOPL}. */
    public static final int IOPL_SHIFT = 12;
    /** Nested task. */
    public static final int NT = 1 << 14;
    /** Resume. */
    public static final int RF = 1 << 16;
    /** Virtual-8086 mode. */
    public static final int VM = 1 << 17;
    /** Alignment check, or access control for SMAP. */
    public static final int AC = 1 << 18;
    /** Virtual interrupt flag. */
    public static final int VIF = 1 << 19;
    /** Virtual interrupt pending. */
    public static final int VIP = 1 << 20;
    /** CPUID is there. */
    public static final int ID = 1 << 21;
    /** The status flags. */
    public static final int STATUS = CF | PF | AF | ZF | SF | OF;
    /** Bits that are not reserved. */
    public static final int DEFINED = STATUS | TF | IF | DF | IOPL | NT | RF | VM | AC | VIF | VIP | ID;
    /** Bits that POPF and IRET of 16 bits reach. */
    public static final int LOW_DEFINED = DEFINED & 0xffff;
    /** RFLAGS after reset. */
    public static final int RESET = ALWAYS;
    /** Cleared on the way into a handler through an interrupt gate, beside those of a trap gate (Vol. 3, 6.12.1.2 and 6.12.1.3). */
    public static final int CLEARED_BY_INTERRUPT_GATE = IF;
    /** Cleared on the way into a handler. */
    public static final int CLEARED_BY_GATE = TF | NT | RF | VM;

    private Rflags() {}
}
