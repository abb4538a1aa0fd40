package trefoil.x86.disassemble;

import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.Operand;
import trefoil.x86.isa.OperandType;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;

/** Writes decoded instructions in Intel syntax, the way GNU objdump does with {@code -M intel}. */
public final class Disassembler {
    private final CodeSize size;

    /** For code of one size. */
    public Disassembler(CodeSize size) {
        this.size = size;
    }

    /** The text of {@code i}, which stands at {@code ip}. */
    public String text(Instruction i, long ip) {
        StringBuilder out = new StringBuilder(48);
        prefixes(out, i);
        if (i.operation() == Operation.NOP && i.row().operands().isEmpty() && i.operandSizePrefix()) {
            String register = RegisterNames.general(0, i.operandSize(), false);
            return out.append("xchg ").append(register).append(',').append(register).toString();
        }
        out.append(Mnemonics.of(i, size));
        String separator = " ";
        for (Operand operand : i.row().operands()) {
            if (isHidden(i, operand)) {
                continue;
            }
            out.append(separator);
            operand(out, i, operand, ip);
            separator = ",";
        }
        if (i.operation() == Operation.XLAT) {
            out.append(" BYTE PTR ").append(segment(i, 3)).append('[').append(RegisterNames.general(3, i.addressSize(), false)).append(']');
        }
        return out.toString();
    }

    private static void prefixes(StringBuilder out, Instruction i) {
        if (i.lock()) {
            out.append("lock ");
        }
        if (i.repeat() != 0) {
            switch (i.operation()) {
                case MOVS, STOS, LODS, INS, OUTS -> out.append(i.repeat() == 0xF3 ? "rep " : "repnz ");
                case CMPS, SCAS -> out.append(i.repeat() == 0xF3 ? "repz " : "repnz ");
                default -> { }
            }
        }
    }

    /** Operands that the mnemonic says already. */
    private static boolean isHidden(Instruction i, Operand operand) {
        return operand.addressing() == Addressing.I && Mnemonics.hidesImmediate(i);
    }

    private void operand(StringBuilder out, Instruction i, Operand operand, long ip) {
        int octets = operand.registerType().size(i.operandSize(), i.vectorLength());
        switch (operand.addressing()) {
            case G -> out.append(RegisterNames.general(i.reg(), octets, i.rex() != 0));
            case B -> out.append(RegisterNames.general(i.vvvv(), octets, true));
            case Z -> out.append(RegisterNames.general(i.rm(), octets, i.rex() != 0));
            case GPR -> out.append(RegisterNames.general(operand.number(), octets, false));
            case V -> out.append(RegisterNames.vector(i.reg(), octets));
            case H -> out.append(RegisterNames.vector(i.vvvv(), octets));
            case L -> out.append(RegisterNames.vector((int) i.immediate() >> 4 & (size == CodeSize.BITS64 ? 15 : 7), octets));
            case XMM0 -> out.append("xmm0");
            case P -> out.append("mm").append(i.reg());
            case C -> out.append("cr").append(i.reg());
            case D -> out.append("dr").append(i.reg());
            case S -> out.append(RegisterNames.segment(i.reg()));
            case SEGMENT -> out.append(RegisterNames.segment(operand.number()));
            case CONSTANT -> out.append(operand.number());
            case ST0 -> out.append("st");
            case STI -> out.append("st(").append(i.rm()).append(')');
            case I -> immediate(out, i, operand);
            case J -> hex(out, i.target(ip));
            case A -> {
                hex(out, i.secondImmediate());
                hex(out.append(':'), i.immediate());
            }
            case O -> hex(out.append(segment(i, 3)), i.immediate());
            case X -> out.append(pointer(i, operand)).append(segment(i, 3)).append('[').append(RegisterNames.general(6, i.addressSize(), false)).append(']');
            case Y -> out.append(pointer(i, operand)).append("es:[").append(RegisterNames.general(7, i.addressSize(), false)).append(']');
            case E, M, N, Q, R, T, U, W -> registerOrMemory(out, i, operand, octets);
        }
    }

    private void registerOrMemory(StringBuilder out, Instruction i, Operand operand, int octets) {
        if (!i.registerForm()) {
            out.append(pointer(i, operand));
            memory(out, i, operand);
            return;
        }
        switch (operand.addressing()) {
            case E, R -> out.append(RegisterNames.general(i.rm(), octets, i.rex() != 0));
            case N, Q -> out.append("mm").append(i.rm());
            default -> out.append(RegisterNames.vector(i.rm(), octets));
        }
    }

    private void memory(StringBuilder out, Instruction i, Operand operand) {
        if (i.base() == Instruction.NONE && i.index() == Instruction.NONE) {
            hex(out.append(segment(i, 3)), cut(i.displacement(), i.addressSize()));
            return;
        }
        out.append(segment(i, Instruction.NONE)).append('[');
        String plus = "";
        if (i.base() != Instruction.NONE) {
            out.append(i.base() == Instruction.RIP ? i.addressSize() == 8 ? "rip" : "eip" : RegisterNames.general(i.base(), i.addressSize(), false));
            plus = "+";
        }
        if (i.index() != Instruction.NONE) {
            out.append(plus).append(index(i, operand));
        }
        displacement(out, i);
        out.append(']');
    }

    private static String index(Instruction i, Operand operand) {
        if (i.addressSize() == 2) {
            return RegisterNames.general(i.index(), 2, false);
        }
        String name = operand.addressing() == Addressing.T ? RegisterNames.vector(i.index(), indexOctets(i)) : RegisterNames.general(i.index(), i.addressSize(), false);
        return name + "*" + (1 << i.scale());
    }

    /** The vector of indices: half as long as the data where those are twice as wide. */
    private static int indexOctets(Instruction i) {
        return switch (i.operation()) {
            case VPGATHERDQ, VGATHERDPD -> 16;
            default -> i.vectorLength();
        };
    }

    private static void displacement(StringBuilder out, Instruction i) {
        if (i.displacementSize() == 0) {
            return;
        }
        if (i.displacement() < 0 && i.base() != Instruction.RIP) {
            hex(out.append('-'), -(long) i.displacement());
        } else {
            hex(out.append('+'), i.displacement());
        }
    }

    /** The overriding segment with a colon, or that of {@code usual}. */
    private static String segment(Instruction i, int usual) {
        int number = i.segment() == Instruction.NONE ? usual : i.segment();
        return number == Instruction.NONE ? "" : RegisterNames.segment(number) + ":";
    }

    private void immediate(StringBuilder out, Instruction i, Operand operand) {
        Row row = i.row();
        if (row.operation() == Operation.ENTER && operand.registerType() == OperandType.B) {
            hex(out, i.secondImmediate());
            return;
        }
        boolean wide = operand.signed() || operand.registerType() == OperandType.Z || operand.registerType() == OperandType.V;
        hex(out, wide ? cut(i.immediate(), i.operandSize()) : i.immediate());
    }

    private static long cut(long value, int octets) {
        return octets == 8 ? value : value & (1L << 8 * octets) - 1;
    }

    private static void hex(StringBuilder out, long value) {
        out.append("0x").append(Long.toHexString(value));
    }

    /** Size of a memory operand, with what follows it. */
    private static String pointer(Instruction i, Operand operand) {
        return switch (operand.memoryType()) {
            case N -> i.operation() == Operation.LEA ? "" : "BYTE PTR ";
            case P -> pointer(Math.min(i.operandSize() + 2, 6)); // objdump says FWORD of 16:64 too
            case S, ENV, STATE, FX, XS -> "";
            default -> switch (i.operation()) {
                case INVPCID, LDDQU -> "";
                case CMPXCHG16B -> "OWORD PTR ";
                default -> pointer(operand.memoryType().size(i.operandSize(), i.vectorLength()));
            };
        };
    }

    private static String pointer(int octets) {
        return switch (octets) {
            case 1 -> "BYTE PTR ";
            case 2 -> "WORD PTR ";
            case 4 -> "DWORD PTR ";
            case 6 -> "FWORD PTR ";
            case 8 -> "QWORD PTR ";
            case 10 -> "TBYTE PTR ";
            case 16 -> "XMMWORD PTR ";
            default -> "YMMWORD PTR ";
        };
    }
}
