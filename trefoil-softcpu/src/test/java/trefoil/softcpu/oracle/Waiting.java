package trefoil.softcpu.oracle;

import java.util.EnumSet;
import java.util.Set;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;

/** Rows whose families are not among those that are compared. Any other row without a family has been forgotten. */
final class Waiting {
    /** The first three are the far transfers' family's, PAUSE that of HLT: they belong to the machine. */
    private static final Set<Operation> OTHERS = EnumSet.of(Operation.UD0, Operation.UD1, Operation.UD2, Operation.PAUSE);

    private Waiting() {}

    static boolean promised(Row row) {
        return OTHERS.contains(row.operation());
    }
}
