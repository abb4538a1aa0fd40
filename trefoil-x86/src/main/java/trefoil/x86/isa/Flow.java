package trefoil.x86.isa;

/** Where execution goes after an instruction, and so whether a basic block ends with it. */
public enum Flow {
    /** To the next instruction. */
    SEQUENTIAL,
    /** To the target: near JMP. */
    JUMP,
    /** To the target or the next instruction: Jcc, LOOP, JCXZ. */
    CONDITIONAL,
    /** To the target, pushing a return address: near CALL. */
    CALL,
    /** To an address taken from the stack: near RET. */
    RETURN,
    /** To another code segment, privilege level or mode: far CALL, JMP, RET, IRET, SYSCALL and their kind. */
    FAR,
    /** To a handler: INT n, UD2. */
    TRAP,
    /** To the next instruction, which must be fetched, checked or translated anew. */
    SERIALISING,
    /** Nowhere before an interrupt: HLT, MWAIT. */
    HALT;

    /** Whether a basic block ends after the instruction. */
    public boolean endsBlock() {
        return this != SEQUENTIAL;
    }
}
