package trefoil.x86.isa;

/** Where an operand is: the capital letters of Intel SDM Vol. 2, appendix A.2.1, and what it names directly. */
public enum Addressing {
    /** Far pointer in the instruction. */
    A,
    /** General register in VEX.vvvv. */
    B,
    /** Control register in ModRM.reg. */
    C,
    /** Debug register in ModRM.reg. */
    D,
    /** General register or memory in ModRM.rm. */
    E,
    /** General register in ModRM.reg. */
    G,
    /** XMM or YMM register in VEX.vvvv. */
    H,
    /** Immediate. */
    I,
    /** Offset relative to the next instruction. */
    J,
    /** XMM or YMM register in bits 7:4 of an immediate octet. */
    L,
    /** Memory in ModRM.rm. */
    M,
    /** MMX register in ModRM.rm. */
    N,
    /** Memory at an offset in the instruction. */
    O,
    /** MMX register in ModRM.reg. */
    P,
    /** MMX register or memory in ModRM.rm. */
    Q,
    /** General register in ModRM.rm. */
    R,
    /** Segment register in ModRM.reg. */
    S,
    /** Memory with a vector of indices (VSIB, Vol. 2, 2.3.12); no letter in the appendix. */
    T,
    /** XMM or YMM register in ModRM.rm. */
    U,
    /** XMM or YMM register in ModRM.reg. */
    V,
    /** XMM or YMM register or memory in ModRM.rm. */
    W,
    /** Memory at DS:rSI (the segment may be overridden). */
    X,
    /** Memory at ES:rDI. */
    Y,
    /** General register in the opcode's low three bits; the appendix names each. */
    Z,
    /** The general register {@link Operand#number()}. */
    GPR,
    /** The segment register {@link Operand#number()}. */
    SEGMENT,
    /** The number {@link Operand#number()}. */
    CONSTANT,
    /** ST(0). */
    ST0,
    /** ST(i), i in ModRM.rm. */
    STI,
    /** XMM0. */
    XMM0;

    /** Whether ModRM.rm is used, as register or memory. */
    public boolean usesRm() {
        return switch (this) {
            case E, M, N, Q, R, T, U, W, STI -> true;
            case A, B, C, D, G, H, I, J, L, O, P, S, V, X, Y, Z, GPR, SEGMENT, CONSTANT, ST0, XMM0 -> false;
        };
    }

    /** Whether ModRM.reg is used. */
    public boolean usesReg() {
        return this == C || this == D || this == G || this == P || this == S || this == V;
    }

    /** Whether ModRM.rm may be memory. */
    public boolean mayBeMemory() {
        return this == E || this == M || this == Q || this == T || this == W;
    }

    /** Whether it is memory, by ModRM or otherwise, whenever ModRM.mod is not 3. */
    public boolean isMemory(boolean registerForm) {
        return this == O || this == X || this == Y || mayBeMemory() && !registerForm;
    }

    /** Whether ModRM.rm may be a register. */
    public boolean mayBeRegister() {
        return usesRm() && this != M && this != T;
    }

    /** Whether VEX.vvvv is used. */
    public boolean usesVvvv() {
        return this == B || this == H;
    }
}
