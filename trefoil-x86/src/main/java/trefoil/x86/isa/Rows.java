package trefoil.x86.isa;

import java.util.ArrayList;
import java.util.List;
import trefoil.x86.cpuid.CpuFeature;

/** Collects rows while the tables are read. Map and features hold until they are set anew. */
final class Rows {
    private final List<Row> rows = new ArrayList<>();
    private OpcodeMap map = OpcodeMap.ONE_BYTE;
    private CpuFeature legacy = CpuFeature.BASELINE;
    private CpuFeature vex128 = CpuFeature.AVX;
    private CpuFeature vex256 = CpuFeature.AVX;

    List<Row> rows() {
        return rows;
    }

    void map(OpcodeMap next) {
        map = next;
    }

    /** Feature of rows without VEX; {@link #both} takes AVX for its VEX forms. */
    void feature(CpuFeature next) {
        features(next, CpuFeature.AVX, CpuFeature.AVX);
    }

    /** Features of rows without VEX, with VEX.128 and with VEX.256. */
    void features(CpuFeature without, CpuFeature with128, CpuFeature with256) {
        legacy = without;
        vex128 = with128;
        vex256 = with256;
    }

    /** A row of the current map. */
    void row(int opcode, Operation operation, String operands, Mark... marks) {
        add(map, opcode, operation, operands, bits(marks), legacy);
    }

    /** A row in the VEX map that corresponds to the current map. */
    void vex(int opcode, Operation operation, String operands, Mark... marks) {
        vexForms(opcode, operation, operands, bits(marks));
    }

    /** A row without VEX, which leaves out the operand H, and its VEX forms. */
    void both(int opcode, Operation operation, String operands, Mark... marks) {
        long set = bits(marks);
        add(map, opcode, operation, withoutVvvv(operands), set & ~(Mark.L0.bit() | Mark.L1.bit() | Mark.W0.bit()), legacy);
        vexForms(opcode, operation, operands, set);
    }

    /** The three forms of an MMX operation: MMX with {@code feature}, SSE2, AVX. */
    void mmx(int opcode, Operation operation, CpuFeature feature) {
        packed(opcode, operation, "Pq,Qq", "Vx,Hx,Wx", feature);
    }

    /** MMX with {@code feature}, SSE2 and AVX forms with operands of their own. */
    void packed(int opcode, Operation operation, String mmx, String sse, CpuFeature feature) {
        add(map, opcode, operation, mmx, bits(Mark.NP, Mark.XM), feature);
        both(opcode, operation, sse, Mark.P66, Mark.X4);
    }

    /** Eight operations of an opcode by ModRM.reg; null where there is none. */
    void group(int opcode, String operands, List<Operation> operations, Mark... marks) {
        for (int i = 0; i < operations.size(); i++) {
            if (operations.get(i) != Operation.NOP) {
                add(map, opcode, operations.get(i), operands, bits(marks) | digit(i), legacy);
            }
        }
    }

    /** The same operation, read and write apart, for sixteen conditions from {@code opcode} on. */
    void conditions(int opcode, Operation operation, String operands, Mark... marks) {
        for (int cc = 0; cc < 16; cc++) {
            add(map, opcode + cc, operation, operands, bits(marks), legacy);
        }
    }

    private void vexForms(int opcode, Operation operation, String operands, long marks) {
        boolean bothLengths = (marks & (Mark.L0.bit() | Mark.L1.bit())) == 0;
        if (bothLengths && vex128 != vex256) {
            add(map.toVex(), opcode, operation, operands, marks | Mark.L0.bit(), vex128);
            add(map.toVex(), opcode, operation, operands, marks | Mark.L1.bit(), vex256);
        } else {
            add(map.toVex(), opcode, operation, operands, marks, (marks & Mark.L1.bit()) != 0 ? vex256 : vex128);
        }
    }

    private void add(OpcodeMap where, int opcode, Operation operation, String operands, long marks, CpuFeature feature) {
        rows.add(new Row(rows.size(), where, opcode, operation, operands, marks, feature));
    }

    private static String withoutVvvv(String operands) {
        String[] parts = operands.split(",");
        List<String> kept = new ArrayList<>();
        for (String part : parts) {
            if (part.charAt(0) != 'H') {
                kept.add(part);
            }
        }
        return String.join(",", kept);
    }

    static long digit(int reg) {
        return Mark.R0.bit() << reg;
    }

    static long bits(Mark... marks) {
        long set = 0;
        for (Mark mark : marks) {
            set |= mark.bit();
        }
        return set;
    }
}
