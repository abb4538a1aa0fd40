package trefoil.x86.isa;

/** How wide an operand is: the small letters of Intel SDM Vol. 2, appendix A.2.2, and some more for what the appendix leaves open. */
public enum OperandType {
    /** Two operands of BOUND: twice the operand size. */
    A(0),
    /** Octet. */
    B(1),
    /** Word, 16 bits. */
    W(2),
    /** Doubleword. */
    D(4),
    /** Quadword. */
    Q(8),
    /** Double quadword, 128 bits. */
    DQ(16),
    /** Quad quadword, 256 bits. */
    QQ(32),
    /** Ten octets: double extended precision or packed BCD. */
    T(10),
    /** Word, doubleword or quadword by operand size. */
    V(0),
    /** Word for operand size 16, else doubleword. */
    Z(0),
    /** Quadword for operand size 64, else doubleword. */
    Y(0),
    /** Far pointer: operand size and a selector. */
    P(0),
    /** Pseudo-descriptor of LGDT and its kind: 6 octets, 10 in 64-bit mode. */
    S(0),
    /** The whole vector: 128 or 256 bits by VEX.L. */
    X(0),
    /** Vector of single precision. */
    PS(0),
    /** Vector of double precision. */
    PD(0),
    /** Half a vector. */
    H(0),
    /** A quarter of a vector. */
    F(0),
    /** An eighth of a vector. */
    E(0),
    /** Scalar of single precision. */
    SS(4),
    /** Scalar of double precision. */
    SD(8),
    /** 64 bits of packed integers in an MMX register or memory. */
    PI(8),
    /** x87 environment: 14 octets for operand size 16, else 28. */
    ENV(0),
    /** x87 state: 94 octets for operand size 16, else 108. */
    STATE(0),
    /** FXSAVE area. */
    FX(512),
    /** XSAVE area, whose size CPUID leaf 0xD tells. */
    XS(0),
    /** An address only: no memory is read. */
    N(0);

    private final int octets;

    OperandType(int octets) {
        this.octets = octets;
    }

    /**
     * Octets of such an operand; 0 for {@link #XS} and {@link #N}.
     *
     * @param operandSize 2, 4 or 8
     * @param vectorLength 16 or 32
     */
    public int size(int operandSize, int vectorLength) {
        return switch (this) {
            case A -> 2 * operandSize;
            case V -> operandSize;
            case Z -> Math.min(operandSize, 4);
            case Y -> Math.max(operandSize, 4);
            case P -> operandSize + 2;
            case S -> operandSize == 8 ? 10 : 6;
            case X, PS, PD -> vectorLength;
            case H -> vectorLength / 2;
            case F -> vectorLength / 4;
            case E -> vectorLength / 8;
            case ENV -> operandSize == 2 ? 14 : 28;
            case STATE -> operandSize == 2 ? 94 : 108;
            case B, W, D, Q, DQ, QQ, T, SS, SD, PI, FX, XS, N -> octets;
        };
    }

    /** Whether it grows with VEX.L. */
    public boolean isVector() {
        return this == X || this == PS || this == PD;
    }
}
