package trefoil.x86.isa;

import java.util.List;

/**
 * One explicit operand of a {@link Row}.
 *
 * @param addressing where it is
 * @param registerType its width in a register
 * @param memoryType its width in memory: differs for {@code Rd/Mb} and its kind
 * @param number register or value of {@link Addressing#GPR}, {@link Addressing#SEGMENT} and {@link Addressing#CONSTANT}
 * @param signed whether an immediate is extended by its sign ({@code sIb})
 * @param read whether its value matters
 * @param written whether it is changed
 */
public record Operand(Addressing addressing, OperandType registerType, OperandType memoryType, int number, boolean signed, boolean read, boolean written) {
    Operand withAccess(boolean reads, boolean writes) {
        return new Operand(addressing, registerType, memoryType, number, signed, reads, writes);
    }

    /** Reads one operand in the notation of the appendix: {@code Ev}, {@code sIb}, {@code Rd/Mb}, {@code rAX}, {@code 1}. */
    static Operand of(String text) {
        return switch (text) {
            case "AL" -> fixed(Addressing.GPR, OperandType.B, 0);
            case "CL" -> fixed(Addressing.GPR, OperandType.B, 1);
            case "AX" -> fixed(Addressing.GPR, OperandType.W, 0);
            case "DX" -> fixed(Addressing.GPR, OperandType.W, 2);
            case "eAX" -> fixed(Addressing.GPR, OperandType.Z, 0);
            case "rAX" -> fixed(Addressing.GPR, OperandType.V, 0);
            case "1" -> fixed(Addressing.CONSTANT, OperandType.B, 1);
            case "ES", "CS", "SS", "DS", "FS", "GS" -> fixed(Addressing.SEGMENT, OperandType.W, List.of("ES", "CS", "SS", "DS", "FS", "GS").indexOf(text));
            case "ST0" -> fixed(Addressing.ST0, OperandType.T, 0);
            case "STi" -> fixed(Addressing.STI, OperandType.T, 0);
            case "XMM0" -> fixed(Addressing.XMM0, OperandType.DQ, 0);
            default -> coded(text);
        };
    }

    private static Operand fixed(Addressing addressing, OperandType type, int number) {
        return new Operand(addressing, type, type, number, false, true, false);
    }

    private static Operand coded(String text) {
        int slash = text.indexOf('/');
        if (slash > 0) {
            Operand register = coded(text.substring(0, slash));
            Addressing both = register.addressing == Addressing.R ? Addressing.E : register.addressing == Addressing.U ? Addressing.W : Addressing.Q;
            return new Operand(both, register.registerType, type(text.substring(slash + 2)), 0, false, true, false);
        }
        boolean signed = text.charAt(0) == 's';
        int at = signed ? 1 : 0;
        OperandType type = type(text.substring(at + 1));
        return new Operand(Addressing.valueOf(text.substring(at, at + 1)), type, type, 0, signed, true, false);
    }

    private static OperandType type(String letters) {
        return switch (letters) {
            case "a" -> OperandType.A;
            case "b" -> OperandType.B;
            case "w" -> OperandType.W;
            case "d" -> OperandType.D;
            case "q" -> OperandType.Q;
            case "dq" -> OperandType.DQ;
            case "qq" -> OperandType.QQ;
            case "t" -> OperandType.T;
            case "v" -> OperandType.V;
            case "z" -> OperandType.Z;
            case "y" -> OperandType.Y;
            case "p" -> OperandType.P;
            case "s" -> OperandType.S;
            case "x" -> OperandType.X;
            case "ps" -> OperandType.PS;
            case "pd" -> OperandType.PD;
            case "h" -> OperandType.H;
            case "f" -> OperandType.F;
            case "e" -> OperandType.E;
            case "ss" -> OperandType.SS;
            case "sd" -> OperandType.SD;
            case "pi" -> OperandType.PI;
            case "env" -> OperandType.ENV;
            case "state" -> OperandType.STATE;
            case "fx" -> OperandType.FX;
            case "xs" -> OperandType.XS;
            case "n" -> OperandType.N;
            default -> throw new IllegalArgumentException("no operand type " + letters);
        };
    }
}
