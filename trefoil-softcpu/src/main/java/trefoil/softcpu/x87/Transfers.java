package trefoil.softcpu.x87;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.fp.Decimal;
import trefoil.softcpu.fp.FloatStatus;
import trefoil.softcpu.fp.Format;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.FloatingPointControl;
import trefoil.x86.register.Rflags;

/** Loads, stores, exchanges, moves by condition, and constants (Intel SDM Vol. 1, 8.3.3 and 8.3.4). */
final class Transfers implements Family {
    private static final Set<Operation> OPERATIONS = EnumSet.of(
            Operation.FLD, Operation.FST, Operation.FSTP, Operation.FILD, Operation.FIST, Operation.FISTP, Operation.FISTTP, Operation.FBLD, Operation.FBSTP, Operation.FXCH,
            Operation.FCMOVB, Operation.FCMOVE, Operation.FCMOVBE, Operation.FCMOVU, Operation.FCMOVNB, Operation.FCMOVNE, Operation.FCMOVNBE, Operation.FCMOVNU,
            Operation.FLD1, Operation.FLDL2T, Operation.FLDL2E, Operation.FLDPI, Operation.FLDLG2, Operation.FLDLN2, Operation.FLDZ);

    private final Unit unit;
    private final Decimal decimal;

    Transfers(Unit unit) {
        this.unit = unit;
        this.decimal = new Decimal(unit.status);
    }

    @Override
    public Set<Operation> operations() {
        return OPERATIONS;
    }

    @Override
    public void execute(Instruction i) {
        unit.begin();
        switch (i.operation()) {
            case FLD -> load(i);
            case FST -> store(i, false);
            case FSTP -> store(i, true);
            case FILD -> loadInteger(i);
            case FIST -> storeInteger(i, false, false);
            case FISTP -> storeInteger(i, true, false);
            case FISTTP -> storeInteger(i, true, true);
            case FBLD -> loadDecimal(i);
            case FBSTP -> storeDecimal(i);
            case FXCH -> exchange(i);
            case FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ -> constant(i);
            default -> moveIf(i, condition(i.operation()));
        }
    }

    // ---- loads ----

    private void load(Instruction i) {
        if (!Operands.isMemory(i)) {
            loadRegister(i);
        } else if (i.opcode() == 0xDB) {
            long at = unit.read(i, 10);
            long bottom = unit.mmu.load64(at);
            int top = (int) unit.mmu.load16(at + 8);
            unit.commit(i);
            unit.pushChecked(top, bottom);
        } else {
            loadReal(i, i.opcode() == 0xD9 ? Format.BINARY32 : Format.BINARY64);
        }
    }

    private void loadRegister(Instruction i) {
        unit.commit(i);
        int n = i.modrm() & 7;
        if (unit.isEmpty(n)) {
            if (unit.stackFault(false)) {
                unit.push(Unit.INDEFINITE_TOP, Unit.INDEFINITE);
            }
            return;
        }
        int p = unit.physical(n);
        unit.pushChecked(unit.x.signExponent[p], unit.x.significand[p]);
    }

    private void loadReal(Instruction i, Format format) {
        int size = format == Format.BINARY32 ? 4 : 8;
        long bits = unit.mmu.load(unit.read(i, size), size);
        unit.commit(i);
        if (!unit.isEmpty(7)) {
            unit.pushChecked(0, 0);
            return;
        }
        unit.conversions.convert(unit.a.unpack(format, bits), unit.result);
        if (!unit.stopped()) {
            unit.packing.wholeExtended(unit.result);
            unit.push(unit.packing.signAndExponent(), unit.packing.significand());
        }
    }

    private void loadInteger(Instruction i) {
        int size = integerSize(i);
        long value = unit.mmu.load(unit.read(i, size), size);
        unit.commit(i);
        int unused = 64 - 8 * size;
        unit.packing.wholeExtended(unit.a.set(value << unused >> unused));
        unit.pushChecked(unit.packing.signAndExponent(), unit.packing.significand());
    }

    private void loadDecimal(Instruction i) {
        long at = unit.read(i, 10);
        long bottom = unit.mmu.load64(at);
        int top = (int) unit.mmu.load16(at + 8);
        unit.commit(i);
        unit.packing.wholeExtended(Decimal.unpack(top, bottom, unit.a));
        unit.pushChecked(unit.packing.signAndExponent(), unit.packing.significand());
    }

    /** Of FILD, FIST, FISTP, FISTTP by opcode and digit. */
    private static int integerSize(Instruction i) {
        return switch (i.opcode()) {
            case 0xDB -> 4;
            case 0xDD -> 8;
            default -> (i.modrm() >> 3 & 7) >= 4 ? 8 : 2;
        };
    }

    // ---- stores ----

    private void store(Instruction i, boolean pops) {
        if (!Operands.isMemory(i)) {
            storeRegister(i, pops);
        } else if (i.opcode() == 0xDB) {
            storeExtended(i);
        } else {
            storeReal(i, i.opcode() == 0xD9 ? Format.BINARY32 : Format.BINARY64, pops);
        }
    }

    private void storeRegister(Instruction i, boolean pops) {
        unit.commit(i);
        int n = i.modrm() & 7;
        if (!unit.isEmpty(0)) {
            unit.put(n, unit.x.signExponent[unit.x.top], unit.x.significand[unit.x.top]);
        } else if (unit.stackFault(false)) {
            unit.putIndefinite(n);
        } else {
            return;
        }
        popIf(pops);
    }

    private void popIf(boolean pops) {
        if (pops) {
            unit.pop();
        }
    }

    private void storeExtended(Instruction i) {
        long at = unit.write(i, 10);
        unit.commit(i);
        int top = unit.x.signExponent[unit.x.top];
        long bottom = unit.x.significand[unit.x.top];
        if (unit.isEmpty(0)) {
            if (!unit.stackFault(false)) {
                return;
            }
            top = Unit.INDEFINITE_TOP;
            bottom = Unit.INDEFINITE;
        }
        store10(at, top, bottom);
        unit.pop();
    }

    private void store10(long at, int top, long bottom) {
        unit.mmu.store64(at, bottom);
        unit.mmu.store16(at + 8, top);
    }

    private void storeReal(Instruction i, Format format, boolean pops) {
        int size = format == Format.BINARY32 ? 4 : 8;
        long at = unit.write(i, size);
        unit.commit(i);
        long bits = format == Format.BINARY32 ? 0xFFC0_0000L : 0xFFF8_0000_0000_0000L;
        if (unit.isEmpty(0)) {
            if (!unit.stackFault(false)) {
                return;
            }
        } else {
            bits = narrowed(format);
            unit.note();
            if ((unit.status.unmasked() & ~FloatStatus.INEXACT) != 0) {
                return;
            }
        }
        unit.mmu.store(at, size, bits);
        popIf(pops);
    }

    /** ST(0) in a narrower format. A number that is denormal in 80 bits is no denormal operand here. */
    private long narrowed(Format format) {
        unit.take(0, unit.a);
        boolean denormal = unit.a.isDenormal();
        int rules = unit.x.control;
        if (denormal) {
            unit.status.x87(rules | FloatingPointControl.DE);
        }
        unit.conversions.convert(unit.a, unit.result);
        if (denormal) {
            unit.status.x87(rules); // forgets that one
        }
        boolean invalid = (unit.status.unmasked() & FloatStatus.INVALID) != 0;
        return invalid ? 0 : unit.packing.pack(unit.result, format);
    }

    private void storeInteger(Instruction i, boolean pops, boolean truncate) {
        int size = integerSize(i);
        long at = unit.write(i, size);
        unit.commit(i);
        long value = -1L << 8 * size - 1;
        if (unit.isEmpty(0)) {
            if (!unit.stackFault(false)) {
                return;
            }
        } else {
            value = unit.conversions.toInteger(unit.take(0, unit.a), 8 * size, truncate);
            if (unit.stopped()) {
                return;
            }
        }
        unit.mmu.store(at, size, value);
        popIf(pops);
    }

    private void storeDecimal(Instruction i) {
        long at = unit.write(i, 10);
        unit.commit(i);
        if (unit.isEmpty(0)) {
            if (!unit.stackFault(false)) {
                return;
            }
            store10(at, Unit.INDEFINITE_TOP, Unit.INDEFINITE);
        } else {
            decimal.pack(unit.take(0, unit.a));
            if (unit.stopped()) {
                return;
            }
            store10(at, decimal.top(), decimal.bottom());
        }
        unit.pop();
    }

    // ---- between registers ----

    private void exchange(Instruction i) {
        unit.commit(i);
        int n = i.modrm() & 7;
        if (unit.isEmpty(0) || unit.isEmpty(n)) {
            if (!unit.stackFault(false)) {
                return;
            }
            fillEmpty(0);
            fillEmpty(n);
        }
        int p = unit.physical(n);
        int top = unit.x.signExponent[p];
        long bottom = unit.x.significand[p];
        unit.put(n, unit.x.signExponent[unit.x.top], unit.x.significand[unit.x.top]);
        unit.put(0, top, bottom);
    }

    private void fillEmpty(int n) {
        if (unit.isEmpty(n)) {
            unit.putIndefinite(n);
        }
    }

    /** C1 stays, but for a stack fault. */
    private void moveIf(Instruction i, boolean moves) {
        int c1 = unit.x.status & FloatingPointControl.FSW_C1;
        unit.commit(i);
        int n = i.modrm() & 7;
        if (unit.isEmpty(0) || unit.isEmpty(n)) {
            if (unit.stackFault(false)) {
                unit.putIndefinite(0);
            }
            return;
        }
        unit.x.status |= c1;
        if (moves) {
            int p = unit.physical(n);
            unit.put(0, unit.x.signExponent[p], unit.x.significand[p]);
        }
    }

    private boolean condition(Operation operation) {
        return switch (operation) {
            case FCMOVB -> has(Rflags.CF);
            case FCMOVE -> has(Rflags.ZF);
            case FCMOVBE -> has(Rflags.CF | Rflags.ZF);
            case FCMOVU -> has(Rflags.PF);
            case FCMOVNB -> !has(Rflags.CF);
            case FCMOVNE -> !has(Rflags.ZF);
            case FCMOVNBE -> !has(Rflags.CF | Rflags.ZF);
            case FCMOVNU -> !has(Rflags.PF);
            default -> throw new IllegalStateException(operation.name());
        };
    }

    private boolean has(int flags) {
        return (unit.cpu.status() & flags) != 0;
    }

    // ---- constants: the 64 bits that precede the exact value, rounded as the control word says (8.3.4) ----

    private void constant(Instruction i) {
        unit.commit(i);
        switch (i.operation()) {
            case FLD1 -> unit.pushChecked(0x3FFF, 1L << 63);
            case FLDL2T -> irrational(0x4000, 0xD49A_784B_CD1B_8AFEL, false);
            case FLDL2E -> irrational(0x3FFF, 0xB8AA_3B29_5C17_F0BBL, true);
            case FLDPI -> irrational(0x4000, 0xC90F_DAA2_2168_C234L, true);
            case FLDLG2 -> irrational(0x3FFD, 0x9A20_9A84_FBCF_F798L, true);
            case FLDLN2 -> irrational(0x3FFE, 0xB172_17F7_D1CF_79ABL, true);
            case FLDZ -> unit.pushChecked(0, 0);
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    /** @param nearestIsAbove whether what is cut off is more than half a unit */
    private void irrational(int exponent, long below, boolean nearestIsAbove) {
        int rounding = unit.status.rounding();
        boolean up = rounding == FloatStatus.UP || rounding == FloatStatus.NEAREST && nearestIsAbove;
        unit.pushChecked(exponent, below + (up ? 1 : 0));
    }
}
