package trefoil.softcpu.x87;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.X87;
import trefoil.softcpu.fp.Arithmetic.Order;
import trefoil.softcpu.fp.FloatStatus;
import trefoil.softcpu.fp.Format;
import trefoil.softcpu.fp.Real;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.FloatingPointControl;
import trefoil.x86.register.Rflags;

/** Addition, subtraction, multiplication, division, and comparisons, in all forms of operands (Intel SDM Vol. 1, 8.3.5 and 8.3.6). */
final class Calculations implements Family {
    private static final Set<Operation> OPERATIONS = EnumSet.of(
            Operation.FADD, Operation.FMUL, Operation.FSUB, Operation.FSUBR, Operation.FDIV, Operation.FDIVR,
            Operation.FIADD, Operation.FIMUL, Operation.FISUB, Operation.FISUBR, Operation.FIDIV, Operation.FIDIVR,
            Operation.FADDP, Operation.FMULP, Operation.FSUBP, Operation.FSUBRP, Operation.FDIVP, Operation.FDIVRP,
            Operation.FCOM, Operation.FCOMP, Operation.FCOMPP, Operation.FUCOM, Operation.FUCOMP, Operation.FUCOMPP, Operation.FICOM, Operation.FICOMP,
            Operation.FCOMI, Operation.FCOMIP, Operation.FUCOMI, Operation.FUCOMIP, Operation.FTST, Operation.FXAM);

    private final Unit unit;

    Calculations(Unit unit) {
        this.unit = unit;
    }

    @Override
    public Set<Operation> operations() {
        return OPERATIONS;
    }

    @Override
    public void execute(Instruction i) {
        unit.begin();
        switch (i.operation()) {
            case FCOM, FICOM -> compare(i, false, 0);
            case FCOMP, FICOMP -> compare(i, false, 1);
            case FCOMPP -> compare(i, false, 2);
            case FUCOM -> compare(i, true, 0);
            case FUCOMP -> compare(i, true, 1);
            case FUCOMPP -> compare(i, true, 2);
            case FCOMI -> compareFlags(i, false, false);
            case FCOMIP -> compareFlags(i, false, true);
            case FUCOMI -> compareFlags(i, true, false);
            case FUCOMIP -> compareFlags(i, true, true);
            case FTST -> test(i);
            case FXAM -> examine(i);
            default -> arithmetic(i);
        }
    }

    // ---- operands ----

    /** The operand in memory: a real of D8 and DC, an integer of DA and DE. */
    private void fromMemory(Instruction i) {
        int size = switch (i.opcode()) {
            case 0xD8, 0xDA -> 4;
            case 0xDC -> 8;
            default -> 2;
        };
        long bits = unit.mmu.load(unit.read(i, size), size);
        switch (i.opcode()) {
            case 0xD8 -> unit.b.unpack(Format.BINARY32, bits);
            case 0xDC -> unit.b.unpack(Format.BINARY64, bits);
            case 0xDA -> unit.b.set((int) bits);
            default -> unit.b.set((short) bits);
        }
    }

    /** Fetches the second operand and notes the instruction; whether a register is empty. */
    private boolean fetch(Instruction i, int n) {
        boolean memory = Operands.isMemory(i);
        if (memory) {
            fromMemory(i);
        }
        unit.commit(i);
        if (unit.isEmpty(0) || !memory && unit.isEmpty(n)) {
            return true;
        }
        if (!memory) {
            unit.take(n, unit.b);
        }
        unit.take(0, unit.a);
        return false;
    }

    // ---- arithmetic ----

    private void arithmetic(Instruction i) {
        int n = i.modrm() & 7;
        boolean toOther = !Operands.isMemory(i) && i.opcode() != 0xD8;
        boolean pops = !Operands.isMemory(i) && i.opcode() == 0xDE;
        int destination = toOther ? n : 0;
        if (fetch(i, n)) {
            if (!unit.stackFault(false)) {
                return;
            }
            unit.putIndefinite(destination);
        } else {
            Real first = toOther ? unit.b : unit.a;
            Real second = toOther ? unit.a : unit.b;
            compute(i.operation(), first, second);
            if (unit.status.unmasked() != 0 && unit.stopped()) {
                return;
            }
            unit.packing.extended(unit.result);
            unit.note();
            unit.putPacked(destination);
        }
        if (pops) {
            unit.pop();
        }
    }

    private void compute(Operation operation, Real first, Real second) {
        switch (operation) {
            case FADD, FIADD, FADDP -> unit.arithmetic.add(first, second, unit.result);
            case FMUL, FIMUL, FMULP -> unit.arithmetic.multiply(first, second, unit.result);
            case FSUB, FISUB, FSUBP -> unit.arithmetic.subtract(first, second, unit.result);
            case FSUBR, FISUBR, FSUBRP -> unit.arithmetic.subtract(second, first, unit.result);
            case FDIV, FIDIV, FDIVP -> unit.arithmetic.divide(first, second, unit.result);
            case FDIVR, FIDIVR, FDIVRP -> unit.arithmetic.divide(second, first, unit.result);
            default -> throw new IllegalStateException(operation.name());
        }
    }

    // ---- comparisons ----

    private static int conditions(Order order) {
        return switch (order) {
            case GREATER -> 0;
            case LESS -> FloatingPointControl.FSW_C0;
            case EQUAL -> FloatingPointControl.FSW_C3;
            case UNORDERED -> Unit.CONDITIONS;
        };
    }

    private void compare(Instruction i, boolean quiet, int pops) {
        int n = pops == 2 ? 1 : i.modrm() & 7;
        if (fetch(i, n)) {
            boolean masked = unit.stackFault(false);
            unit.conditions(Unit.CONDITIONS);
            if (!masked) {
                return;
            }
        } else {
            Order order = unit.arithmetic.compare(unit.a, unit.b, quiet);
            unit.conditions(conditions(order));
            if (unit.stopped()) {
                return;
            }
        }
        for (int k = 0; k < pops; k++) {
            unit.pop();
        }
    }

    /** C1 stays, but for a stack fault. An invalid operation that is not masked leaves the flags (Vol. 2, FCOMI); a denormal operand that is not masked only the stack. */
    private void compareFlags(Instruction i, boolean quiet, boolean pops) {
        int n = i.modrm() & 7;
        int c1 = unit.x.status & FloatingPointControl.FSW_C1;
        if (fetch(i, n)) {
            boolean masked = unit.stackFault(false);
            if (!masked) {
                return;
            }
            unit.cpu.status(Rflags.ZF | Rflags.PF | Rflags.CF);
        } else {
            unit.x.status |= c1;
            Order order = unit.arithmetic.compare(unit.a, unit.b, quiet);
            boolean stopped = unit.stopped();
            if ((unit.status.unmasked() & FloatStatus.INVALID) == 0) {
                unit.cpu.status(flags(order));
            }
            if (stopped) {
                return;
            }
        }
        if (pops) {
            unit.pop();
        }
    }

    private static int flags(Order order) {
        return switch (order) {
            case GREATER -> 0;
            case LESS -> Rflags.CF;
            case EQUAL -> Rflags.ZF;
            case UNORDERED -> Rflags.ZF | Rflags.PF | Rflags.CF;
        };
    }

    private void test(Instruction i) {
        unit.commit(i);
        if (unit.isEmpty(0)) {
            unit.stackFault(false);
            unit.conditions(Unit.CONDITIONS);
            return;
        }
        Order order = unit.arithmetic.compare(unit.take(0, unit.a), unit.b.set(0), false);
        unit.conditions(conditions(order));
        unit.note();
    }

    /** FXAM: its classes (Vol. 2, FXAM, table 3-42), and the sign in C1 whether or not the register is empty. */
    private void examine(Instruction i) {
        unit.commit(i);
        X87 x = unit.x;
        int top = x.signExponent[x.top];
        unit.conditions(unit.isEmpty(0) ? FloatingPointControl.FSW_C3 | FloatingPointControl.FSW_C0 : classOf(top & 0x7FFF, x.significand[x.top]));
        if ((top & 0x8000) != 0) {
            x.status |= FloatingPointControl.FSW_C1;
        }
    }

    private static int classOf(int exponent, long significand) {
        if (exponent == 0) {
            return significand == 0 ? FloatingPointControl.FSW_C3 : FloatingPointControl.FSW_C3 | FloatingPointControl.FSW_C2;
        }
        if (significand >= 0) {
            return 0; // unsupported
        }
        if (exponent == 0x7FFF) {
            return significand == Long.MIN_VALUE ? FloatingPointControl.FSW_C2 | FloatingPointControl.FSW_C0 : FloatingPointControl.FSW_C0;
        }
        return FloatingPointControl.FSW_C2;
    }
}
