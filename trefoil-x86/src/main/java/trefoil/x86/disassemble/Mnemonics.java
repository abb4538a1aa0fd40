package trefoil.x86.disassemble;

import java.util.List;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.ImmediateForm;
import trefoil.x86.isa.OperandType;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;

/** Names of instructions that depend on operand size, address size, condition or an immediate. */
final class Mnemonics {
    private static final List<String> CONDITIONS = List.of("o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g");

    /** Predicates of CMPPS and its kind (Intel SDM Vol. 2, table 3-1); the first eight have a name without VEX. */
    private static final List<String> PREDICATES = List.of(
            "eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord", "eq_uq", "nge", "ngt", "false", "neq_oq", "ge", "gt", "true",
            "eq_os", "lt_oq", "le_oq", "unord_s", "neq_us", "nlt_uq", "nle_uq", "ord_s", "eq_us", "nge_uq", "ngt_uq", "false_os", "neq_os", "ge_oq", "gt_oq", "true_us");

    private static final List<String> PRODUCTS = List.of("lql", "hql", "lqh", "hqh");

    private Mnemonics() {}

    static String of(Instruction i, CodeSize size) {
        Row row = i.row();
        return switch (row.operation()) {
            case JCC -> "j" + CONDITIONS.get(row.condition());
            case SETCC -> "set" + CONDITIONS.get(row.condition());
            case CMOVCC -> "cmov" + CONDITIONS.get(row.condition());
            case MOVSR, MOVCR, MOVDR -> "mov";
            case MOV -> isAbsolute(i, size) ? "movabs" : "mov";
            case PUSHSR -> "push" + suffix(i, size);
            case POPSR -> "pop" + suffix(i, size);
            case PUSH -> row.uses(Addressing.I) ? "push" + suffix(i, size) : "push";
            case CALL, JMP -> row.immediate() == ImmediateForm.JZ && size != CodeSize.BITS64 ? row.mnemonic() + suffix(i, size) : row.mnemonic();
            case PCMPESTRI, PCMPESTRM -> i.operandSize() == 8 ? row.mnemonic() + "q" : row.mnemonic();
            case LGDT, LIDT, SGDT, SIDT -> size == CodeSize.BITS64 ? row.mnemonic() : row.mnemonic() + (i.operandSize() == 2 ? "w" : "d");
            case CALLF -> "call";
            case JMPF -> "jmp";
            case CMPPS, CMPPD, CMPSS, CMPSD -> compare(i);
            case PCLMULQDQ -> product(i);
            case MOVD, PINSRD, PEXTRD -> i.operandSize() == 8 ? row.mnemonic().substring(0, row.mnemonic().length() - 1) + "q" : row.mnemonic();
            case FXSAVE, FXRSTOR, XSAVE, XRSTOR, XSAVEC, XSAVEOPT, XSAVES, XRSTORS -> i.w() ? row.mnemonic() + "64" : row.mnemonic();
            case FNENI, FNDISI -> row.mnemonic() + "(8087 only)";
            case FNSETPM -> "fnsetpm(287 only)";
            default -> bySize(i, size);
        };
    }

    private static String bySize(Instruction i, CodeSize size) {
        int operand = i.operandSize();
        return switch (i.operation()) {
            case CBW -> choose(operand, "cbw", "cwde", "cdqe");
            case CWD -> choose(operand, "cwd", "cdq", "cqo");
            case JCXZ -> choose(i.addressSize(), "jcxz", "jecxz", "jrcxz");
            case SYSRET, SYSEXIT -> size != CodeSize.BITS64 ? i.row().mnemonic() : i.row().mnemonic() + (i.w() ? "q" : "d");
            case RET -> size == CodeSize.BITS64 ? i.row().mnemonic() : i.row().mnemonic() + suffix(i, size);
            case PUSHA, POPA, PUSHF, POPF, IRET, RETF, ENTER, LEAVE, FLDENV, FNSTENV, FNSAVE, FRSTOR -> i.row().mnemonic() + suffix(i, size);
            default -> i.row().mnemonic();
        };
    }

    /** The size's letter where it is not the usual one. */
    private static String suffix(Instruction i, CodeSize size) {
        if (size == CodeSize.BITS64) {
            return i.operandSize() == 2 ? "w" : i.operandSize() == 8 && i.w() && (i.operation() == Operation.IRET || i.operation() == Operation.RETF) ? "q" : "";
        }
        int usual = size == CodeSize.BITS16 ? 2 : 4;
        return i.operandSize() == usual ? "" : usual == 4 ? "w" : "d";
    }

    private static String choose(int size, String two, String four, String eight) {
        return size == 2 ? two : size == 4 ? four : eight;
    }

    /** Addresses and immediates of 64 bits in the instruction. */
    private static boolean isAbsolute(Instruction i, CodeSize size) {
        Row row = i.row();
        boolean immediate = row.uses(Addressing.I) && row.operands().get(1).registerType() == OperandType.V && i.operandSize() == 8;
        return size == CodeSize.BITS64 && (row.uses(Addressing.O) && i.addressSize() == 8 || immediate);
    }

    private static String compare(Instruction i) {
        String name = i.row().mnemonic();
        String kind = name.substring(name.length() - 2);
        int names = i.row().vex() ? 32 : 8;
        return hidesImmediate(i) ? name.substring(0, name.length() - 2) + PREDICATES.get((int) i.immediate() & names - 1) + kind : name;
    }

    private static String product(Instruction i) {
        String prefix = i.row().vex() ? "v" : "";
        int selected = (int) (i.immediate() & 1 | i.immediate() >> 3 & 2);
        return hidesImmediate(i) ? prefix + "pclmul" + PRODUCTS.get(selected) + "qdq" : i.row().mnemonic();
    }

    /** Whether the mnemonic says what the immediate says. */
    static boolean hidesImmediate(Instruction i) {
        return switch (i.operation()) {
            case CMPPS, CMPPD, CMPSS, CMPSD -> i.immediate() < (i.row().vex() ? 32 : 8);
            case PCLMULQDQ -> (i.immediate() & ~0x11) == 0;
            default -> false;
        };
    }
}
