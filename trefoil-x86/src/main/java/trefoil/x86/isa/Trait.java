package trefoil.x86.isa;

/** A property of an {@link Operation} that all its rows share. */
public enum Trait {
    /** The first operand is only written; without {@link #W}, {@link #R} or the like it is read and written. */
    W,
    /** No explicit operand is written. */
    R,
    /** The first two operands are read and written (XCHG, XADD, FXCH). */
    RW2,
    /** The first two operands are only written (MULX). */
    W2,
    /** The first operand is read and written in VEX forms too (FMA). */
    ACCUMULATES,
    /** Destination and mask are read and written (Vol. 2, 2.3.12: VSIB). */
    GATHER,
    /** Jumps without condition. */
    JUMP(Flow.JUMP),
    /** Jumps or goes on. */
    CONDITIONAL(Flow.CONDITIONAL),
    /** Calls within the segment. */
    CALL_NEAR(Flow.CALL),
    /** Returns within the segment. */
    RETURN(Flow.RETURN),
    /** Loads CS. */
    FAR(Flow.FAR),
    /** Raises an exception or interrupt by its nature. */
    TRAP(Flow.TRAP),
    /** Serialises, or changes how following code is fetched and translated (Vol. 3, 9.3). */
    SERIALISING(Flow.SERIALISING),
    /** Stops until an interrupt. */
    HALT(Flow.HALT),
    /** Asks the hypervisor. */
    HYPERCALL(Flow.SERIALISING),
    /** Changes state on which blocks of decoded code depend (interrupt flag, privilege of data accesses, flags). */
    ENDS(Flow.SERIALISING),
    /** Holds off interrupts until the end of the next instruction (Vol. 3, 6.8.3). */
    SHADOW,
    /** May load a segment register; when that is SS, interrupts are held off, when it is CS or SS, code changes its meaning. */
    SEGMENT,
    /** {@link Privilege#CPL0}. */
    CPL0(Privilege.CPL0),
    /** {@link Privilege#IOPL}. */
    IOPL(Privilege.IOPL),
    /** {@link Privilege#IOPL_V86}. */
    IOPL_V86(Privilege.IOPL_V86),
    /** {@link Privilege#IO}. */
    IO(Privilege.IO),
    /** {@link Privilege#TSC}. */
    TSC(Privilege.TSC),
    /** {@link Privilege#PMC}. */
    PMC(Privilege.PMC),
    /** {@link Privilege#UMIP}. */
    UMIP(Privilege.UMIP);

    private final Flow flow;
    private final Privilege privilege;

    Trait() {
        this(null, null);
    }

    Trait(Flow flow) {
        this(flow, null);
    }

    Trait(Privilege privilege) {
        this(null, privilege);
    }

    Trait(Flow flow, Privilege privilege) {
        this.flow = flow;
        this.privilege = privilege;
    }

    Flow flow() {
        return flow;
    }

    Privilege privilege() {
        return privilege;
    }
}
