package trefoil.x86.isa;

import java.util.List;

/** What follows ModRM, SIB and displacement. */
public enum ImmediateForm {
    /** Nothing. */
    NONE,
    /** An octet. */
    IB,
    /** An octet extended by its sign. */
    SIGNED_IB,
    /** A word. */
    IW,
    /** A word or doubleword by operand size; extended by its sign to 64 bits. */
    IZ,
    /** As wide as the operand size. */
    IV,
    /** A word and an octet: ENTER. */
    IW_IB,
    /** A relative octet. */
    JB,
    /** A relative word or doubleword. */
    JZ,
    /** Offset of operand size and a selector. */
    AP,
    /** An address of address size. */
    O;

    static ImmediateForm of(List<Operand> operands) {
        ImmediateForm found = NONE;
        for (Operand each : operands) {
            ImmediateForm form = of(each);
            if (form != NONE) {
                found = found == IW && form == IB ? IW_IB : form;
            }
        }
        return found;
    }

    private static ImmediateForm of(Operand operand) {
        return switch (operand.addressing()) {
            case A -> AP;
            case O -> O;
            case L -> IB;
            case J -> operand.registerType() == OperandType.B ? JB : JZ;
            case I -> switch (operand.registerType()) {
                case B -> operand.signed() ? SIGNED_IB : IB;
                case W -> IW;
                case V -> IV;
                default -> IZ;
            };
            default -> NONE;
        };
    }
}
