package trefoil.x86.isa;

import java.util.List;
import trefoil.x86.cpuid.CpuFeature;

/**
 * One row of the instruction table: one opcode, one operation, one form of operands.
 *
 * <p>A row says for which encodings it stands by {@link #keyMask()} and {@link #keyValue()} over a key of {@link EncodingKey}, and for the mandatory prefix by
 * {@link #prefixes()}, a set of the four values of {@link EncodingKey#prefix(int)}.
 */
public final class Row {
    private final int index;
    private final OpcodeMap map;
    private final int opcode;
    private final int span;
    private final Operation operation;
    private final List<Operand> operands;
    private final String notation;
    private final long marks;
    private final CpuFeature feature;
    private final int keyMask;
    private final int keyValue;
    private final int prefixes;
    private final FlagEffect flags;
    private final String mnemonic;
    private final ImmediateForm immediate;

    Row(int index, OpcodeMap map, int opcode, Operation operation, String notation, long marks, CpuFeature feature) {
        this.index = index;
        this.map = map;
        this.opcode = opcode;
        this.operation = operation;
        this.notation = notation;
        this.marks = marks;
        this.feature = feature;
        this.operands = OperandList.of(notation, operation, marks, map.vex());
        this.span = uses(Addressing.Z) && !is(Mark.B1) ? 8 - (opcode & 7) : 1;
        this.keyMask = EncodingKey.mask(marks);
        this.keyValue = EncodingKey.value(marks);
        this.prefixes = EncodingKey.prefixes(marks);
        this.flags = narrowed();
        this.mnemonic = map.vex() && !is(Mark.X13) && operation.mnemonic().charAt(0) != 'v' ? "v" + operation.mnemonic() : operation.mnemonic();
        this.immediate = ImmediateForm.of(operands);
    }

    private FlagEffect narrowed() {
        if (condition() >= 0) {
            return FlagEffect.ofCondition(condition());
        }
        boolean byOne = operands.size() == 2 && operands.get(1).addressing() == Addressing.CONSTANT;
        return byOne && operation.flags().conditional() != 0 ? operation.flags().countIsOne() : operation.flags();
    }

    /** Number of this row, dense from 0 and the same in every run. */
    public int index() {
        return index;
    }

    /** The opcode map. */
    public OpcodeMap map() {
        return map;
    }

    /** The opcode, the first if the low bits name a register. */
    public int opcode() {
        return opcode;
    }

    /** How many opcodes from {@link #opcode()} on the row stands for. */
    public int span() {
        return span;
    }

    /** What is done. */
    public Operation operation() {
        return operation;
    }

    /** Explicit operands, destination first. */
    public List<Operand> operands() {
        return operands;
    }

    /** Operands in the notation of Vol. 2, appendix A.2. */
    public String notation() {
        return notation;
    }

    /** What CPUID must tell before this may be executed. */
    public CpuFeature feature() {
        return feature;
    }

    /** Whether {@code mark} was given. */
    public boolean is(Mark mark) {
        return (marks & mark.bit()) != 0;
    }

    /** Whether a VEX prefix leads here. */
    public boolean vex() {
        return map.vex();
    }

    /** Whether LOCK is allowed when the destination is in memory. */
    public boolean lockable() {
        return is(Mark.LOCK);
    }

    /** Number of the condition of Jcc, SETcc and CMOVcc (Vol. 1, appendix B), or -1. */
    public int condition() {
        return operation == Operation.JCC || operation == Operation.SETCC || operation == Operation.CMOVCC ? opcode & 15 : -1;
    }

    /** Effect on the flags. */
    public FlagEffect flags() {
        return flags;
    }

    /** Name in lower case, with the {@code v} of VEX forms. */
    public String mnemonic() {
        return mnemonic;
    }

    /** What follows ModRM, SIB and displacement. */
    public ImmediateForm immediate() {
        return immediate;
    }

    /** Which bits of an {@link EncodingKey} matter. */
    public int keyMask() {
        return keyMask;
    }

    /** What those bits are. */
    public int keyValue() {
        return keyValue;
    }

    /** Bit {@code n} is set if mandatory prefix {@code n} of {@link EncodingKey#prefix(int)} is allowed. */
    public int prefixes() {
        return prefixes;
    }

    /** Whether an octet ModRM follows the opcode. */
    public boolean hasModrm() {
        boolean found = (keyMask & (EncodingKey.RM | EncodingKey.REG | EncodingKey.REGISTER_FORM)) != 0;
        for (Operand each : operands) {
            found |= each.addressing().usesRm() || each.addressing().usesReg();
        }
        return found;
    }

    /** Whether ModRM.rm is a register whatever ModRM.mod says (MOV to and from control and debug registers, Vol. 2, MOV). */
    public boolean ignoresMod() {
        return operation == Operation.MOVCR || operation == Operation.MOVDR;
    }

    /** Whether any operand is addressed so. */
    public boolean uses(Addressing addressing) {
        for (Operand each : operands) {
            if (each.addressing() == addressing) {
                return true;
            }
        }
        return false;
    }

    /** Whether the row exists in 64-bit mode ({@code true}) or in 16- and 32-bit code. */
    public boolean existsIn(boolean longMode) {
        return !is(longMode ? Mark.I64 : Mark.O64);
    }

    /** The exception class (Vol. 2, 2.4 and Vol. 3, 24.25.3) as its mark, or null. */
    public Mark exceptionClass() {
        for (int i = Mark.FIRST_EXCEPTION_CLASS; i < Mark.values().length; i++) {
            if (is(Mark.values()[i])) {
                return Mark.values()[i];
            }
        }
        return null;
    }

    /** Whether a memory operand must be aligned to its size, else #GP(0): legacy SSE of 16 octets, and VEX of class 1 (Vol. 2, 2.4.1-2.4.4). */
    public boolean aligned() {
        return is(Mark.X1) || !vex() && (is(Mark.X2) || is(Mark.X4)) && mayBeMemoryOf16Octets();
    }

    private boolean mayBeMemoryOf16Octets() {
        boolean found = false;
        for (Operand each : operands) {
            found |= each.addressing().mayBeMemory() && each.memoryType().size(4, 16) == 16;
        }
        return found;
    }

    /** What a memory operand's address must be a multiple of, else #GP(0): 1, if nothing, for vectors of {@code vectorLength} octets. */
    public int alignment(int vectorLength) {
        return switch (operation) {
            case FXSAVE, FXRSTOR, CMPXCHG16B -> 16;
            case XSAVE, XSAVEC, XSAVEOPT, XSAVES, XRSTOR, XRSTORS -> 64;
            default -> aligned() ? vectorLength : 1;
        };
    }

    @Override
    public String toString() {
        return map + " " + Integer.toHexString(opcode) + " " + mnemonic + " " + notation;
    }
}
