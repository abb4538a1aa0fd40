package trefoil.x86.isa;

/** Opcode maps (Intel SDM Vol. 2, appendix A.3, and 2.3.6.1 for VEX.mmmmm). */
public enum OpcodeMap {
    /** One-octet opcodes. */
    ONE_BYTE,
    /** After 0F. */
    M0F,
    /** After 0F 38. */
    M0F38,
    /** After 0F 3A. */
    M0F3A,
    /** VEX.mmmmm = 1. */
    VEX1,
    /** VEX.mmmmm = 2. */
    VEX2,
    /** VEX.mmmmm = 3. */
    VEX3;

    /** Whether a VEX prefix leads here. */
    public boolean vex() {
        return ordinal() >= VEX1.ordinal();
    }

    OpcodeMap toVex() {
        return values()[ordinal() + 3];
    }
}
