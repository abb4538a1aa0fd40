package trefoil.softcpu.oracle;

import java.util.EnumSet;
import java.util.Set;
import trefoil.x86.isa.Mark;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;

/** Rows that have no family yet, and may have none. When a family comes, its line here goes: then a row that it forgets is a failure. */
final class Waiting {
    /** Not vector by their rows' marks. PAUSE comes with the families that talk to the machine. */
    private static final Set<Operation> OTHERS = EnumSet.of(Operation.UD0, Operation.UD1, Operation.UD2, Operation.PAUSE, Operation.LDMXCSR, Operation.STMXCSR, Operation.EMMS);

    private Waiting() {}

    static boolean promised(Row row) {
        return OTHERS.contains(row.operation()) || isVector(row);
    }

    private static boolean isVector(Row row) {
        return row.exceptionClass() != null && row.exceptionClass() != Mark.X13;
    }
}
