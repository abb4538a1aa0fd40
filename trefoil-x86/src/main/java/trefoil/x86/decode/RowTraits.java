package trefoil.x86.decode;

import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.ImmediateForm;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Mark;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;

/** What the decoder asks of a row, as bits in an int per row. */
final class RowTraits {
    static final int IMMEDIATE = 15;
    static final int F64 = 1 << 4;
    static final int D64 = 1 << 5;
    static final int LOCK = 1 << 6;
    static final int VVVV = 1 << 7;
    static final int VSIB = 1 << 8;
    static final int OPCODE_REGISTER = 1 << 9;
    /** ModRM.reg names one of eight registers, whatever REX.R says. */
    static final int REG_OF_EIGHT = 1 << 10;
    /** ModRM.rm names one of eight registers, whatever REX.B says. */
    static final int RM_OF_EIGHT = 1 << 11;
    static final int IGNORES_MOD = 1 << 12;
    static final int CONTROL_REGISTER = 1 << 13;
    static final int DEBUG_REGISTER = 1 << 14;
    static final int SEGMENT_READ = 1 << 15;
    static final int SEGMENT_WRITTEN = 1 << 16;
    /** Rows whose registers or prefixes are checked one by one. */
    static final int CHECKED = CONTROL_REGISTER | DEBUG_REGISTER | SEGMENT_READ | SEGMENT_WRITTEN | VSIB;

    private static final int[] BITS = read();
    private static final ImmediateForm[] FORMS = ImmediateForm.values();

    private RowTraits() {}

    static int bits(int row) {
        return BITS[row];
    }

    static ImmediateForm form(int bits) {
        return FORMS[bits & IMMEDIATE];
    }

    /** A loop: streams would cost the start of a machine more than all rows do. */
    private static int[] read() {
        int[] bits = new int[InstructionTable.size()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = of(InstructionTable.row(i));
        }
        return bits;
    }

    private static int of(Row row) {
        int bits = row.immediate().ordinal();
        bits |= row.is(Mark.F64) ? F64 : 0;
        bits |= row.is(Mark.D64) ? D64 : 0;
        bits |= row.lockable() ? LOCK : 0;
        bits |= row.uses(Addressing.B) || row.uses(Addressing.H) ? VVVV : 0;
        bits |= row.uses(Addressing.T) ? VSIB : 0;
        bits |= row.uses(Addressing.Z) ? OPCODE_REGISTER : 0;
        bits |= row.uses(Addressing.P) || row.uses(Addressing.S) ? REG_OF_EIGHT : 0;
        bits |= row.uses(Addressing.Q) || row.uses(Addressing.N) || row.uses(Addressing.STI) ? RM_OF_EIGHT : 0;
        bits |= row.ignoresMod() ? IGNORES_MOD : 0;
        bits |= row.uses(Addressing.C) ? CONTROL_REGISTER : 0;
        bits |= row.uses(Addressing.D) ? DEBUG_REGISTER : 0;
        if (row.operation() == Operation.MOVSR) {
            bits |= row.operands().getFirst().addressing() == Addressing.S ? SEGMENT_WRITTEN : SEGMENT_READ;
        }
        return bits;
    }
}
