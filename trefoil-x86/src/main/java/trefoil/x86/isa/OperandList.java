package trefoil.x86.isa;

import java.util.ArrayList;
import java.util.List;

/** Operands of a row, with what is read and written of each. */
final class OperandList {
    private OperandList() {}

    static List<Operand> of(String notation, Operation operation, long marks, boolean vex) {
        if (notation.isEmpty()) {
            return List.of();
        }
        String[] parts = notation.split(",");
        boolean threeOperands = vex && parts.length > 2 && (parts[1].charAt(0) == 'H' || parts[0].charAt(0) == 'H');
        List<Operand> operands = new ArrayList<>(parts.length);
        for (int i = 0; i < parts.length; i++) {
            operands.add(Operand.of(parts[i]).withAccess(reads(operation, marks, i, threeOperands), writes(operation, marks, i)));
        }
        return List.copyOf(operands);
    }

    private static boolean reads(Operation operation, long marks, int i, boolean threeOperands) {
        if (i > 0) {
            return !(i == 1 && operation.has(Trait.W2));
        }
        if ((marks & (Mark.RW.bit() | Mark.RO.bit())) != 0 || operation.has(Trait.ACCUMULATES) || operation.has(Trait.GATHER)) {
            return true;
        }
        return !(operation.has(Trait.W) || operation.has(Trait.W2) || threeOperands || (marks & Mark.WO.bit()) != 0);
    }

    private static boolean writes(Operation operation, long marks, int i) {
        return switch (i) {
            case 0 -> !operation.has(Trait.R) && (marks & Mark.RO.bit()) == 0;
            case 1 -> operation.has(Trait.RW2) || operation.has(Trait.W2);
            case 2 -> operation.has(Trait.GATHER);
            default -> false;
        };
    }
}
