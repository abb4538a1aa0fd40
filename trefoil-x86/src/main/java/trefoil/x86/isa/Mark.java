package trefoil.x86.isa;

/** What a row says of itself beside opcode, operation and operands. Superscripts of Intel SDM Vol. 2, table A-1, and 3.1.1.1 (NP, NFx, /digit, W, L). */
public enum Mark {
    /** No prefix 66, F2, F3. */
    NP,
    /** Mandatory prefix 66. */
    P66,
    /** Mandatory prefix F3. */
    PF3,
    /** Mandatory prefix F2. */
    PF2,
    /** No prefix F2 or F3; 66 is the operand-size prefix. */
    NFX,
    /** No prefix F3, which means another instruction. */
    NF3,
    /** ModRM.mod is not 3. */
    MEM,
    /** ModRM.mod is 3. */
    REG,
    /** ModRM.reg is 0: "/0". */
    R0,
    /** "/1". */
    R1,
    /** "/2". */
    R2,
    /** "/3". */
    R3,
    /** "/4". */
    R4,
    /** "/5". */
    R5,
    /** "/6". */
    R6,
    /** "/7". */
    R7,
    /** ModRM.rm is 0. */
    M0,
    /** ModRM.rm is 1. */
    M1,
    /** ModRM.rm is 2. */
    M2,
    /** ModRM.rm is 3. */
    M3,
    /** ModRM.rm is 4. */
    M4,
    /** ModRM.rm is 5. */
    M5,
    /** ModRM.rm is 6. */
    M6,
    /** ModRM.rm is 7. */
    M7,
    /** REX.W or VEX.W is 0. */
    W0,
    /** REX.W or VEX.W is 1. */
    W1,
    /** VEX.L is 0: 128 bits. */
    L0,
    /** VEX.L is 1: 256 bits. */
    L1,
    /** REX.B is 0. */
    B0,
    /** REX.B is 1. */
    B1,
    /** Invalid in 64-bit mode. */
    I64,
    /** Only in 64-bit mode. */
    O64,
    /** Operand size is 64 by default in 64-bit mode; 32 cannot be encoded. */
    D64,
    /** Operand size is 64 in 64-bit mode, whatever the prefixes. */
    F64,
    /** LOCK is allowed with a destination in memory. */
    LOCK,
    /** The first operand is only written, unlike in the operation's other rows. */
    WO,
    /** The first operand is read and written, unlike in the operation's other rows. */
    RW,
    /** The first operand is only read, unlike in the operation's other rows. */
    RO,
    /** Accepted by processors, but not in the SDM's maps. */
    ALIAS,
    /** Exception class 1 (Vol. 2, 2.4): aligned to the vector's size. */
    X1,
    /** Class 2: legacy forms aligned to 16; SIMD floating-point exceptions. */
    X2,
    /** Class 3: scalar; SIMD floating-point exceptions. */
    X3,
    /** Class 4: legacy forms aligned to 16. */
    X4,
    /** Class 4, whose page says that legacy forms need no alignment. */
    X4U,
    /** Class 5: less than 16 octets, no SIMD floating-point exceptions. */
    X5,
    /** Class 6: VEX only, no SIMD floating-point exceptions. */
    X6,
    /** Class 7: no memory operand. */
    X7,
    /** Class 8: no operand. */
    X8,
    /** Class 11: F16C. */
    X11,
    /** Class 12: VSIB. */
    X12,
    /** Class 13: VEX and general registers. */
    X13,
    /** MMX registers, no floating-point computation (Vol. 3, 24.25.3). */
    XM,
    /** MMX registers and SIMD floating-point exceptions. */
    XMF;

    static final int FIRST_EXCEPTION_CLASS = X1.ordinal();

    long bit() {
        return 1L << ordinal();
    }
}
