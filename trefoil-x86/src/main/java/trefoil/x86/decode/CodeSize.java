package trefoil.x86.decode;

/** Default operand and address size of a code segment (Intel SDM Vol. 3, 3.4.5: CS.D and CS.L). */
public enum CodeSize {
    /** Real mode, virtual-8086 mode, CS.D = 0. */
    BITS16(2),
    /** CS.D = 1. */
    BITS32(4),
    /** CS.L = 1 in IA-32e mode. */
    BITS64(8);

    private final int addressSize;

    CodeSize(int addressSize) {
        this.addressSize = addressSize;
    }

    /** Default size of addresses in octets. */
    public int addressSize() {
        return addressSize;
    }
}
