package trefoil.softcpu.x87;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.core.X87;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.FloatingPointControl;

/** Control, and the environment in memory (Intel SDM Vol. 1, 8.1.10, 8.3.11 and figures 8-9 to 8-12). */
final class Controls implements Family {
    private static final Set<Operation> OPERATIONS = EnumSet.of(
            Operation.FLDCW, Operation.FNSTCW, Operation.FNSTSW, Operation.FNSTENV, Operation.FLDENV, Operation.FNSAVE, Operation.FRSTOR, Operation.FNCLEX, Operation.FNINIT, Operation.FWAIT,
            Operation.FINCSTP, Operation.FDECSTP, Operation.FFREE, Operation.FFREEP, Operation.FNOP, Operation.FNENI, Operation.FNDISI, Operation.FNSETPM);
    private static final int CLEARED = 0x80FF;

    private final Unit unit;
    private final X87 x;

    Controls(Unit unit) {
        this.unit = unit;
        this.x = unit.x;
    }

    @Override
    public Set<Operation> operations() {
        return OPERATIONS;
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case FWAIT -> await();
            case FLDCW -> loadControl(i);
            case FLDENV -> loadEnvironment(i);
            case FRSTOR -> restore(i);
            case FINCSTP, FDECSTP, FFREE, FFREEP, FNOP -> stack(i);
            default -> withoutWaiting(i);
        }
    }

    private void withoutWaiting(Instruction i) {
        unit.checkAvailable();
        switch (i.operation()) {
            case FNSTCW -> unit.mmu.store16(unit.write(i, 2), x.control);
            case FNSTSW -> storeStatus(i);
            case FNSTENV -> storeEnvironment(i);
            case FNSAVE -> save(i);
            case FNCLEX -> x.status &= ~CLEARED;
            case FNINIT -> x.initialize();
            case FNENI, FNDISI, FNSETPM -> {}
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    /** The register is AX, whatever REX says: it is implied, no operand of ModR/M (Vol. 2, FSTSW). */
    private void storeStatus(Instruction i) {
        if (Operands.isMemory(i)) {
            unit.mmu.store16(unit.write(i, 2), x.statusWord());
        } else {
            unit.cpu.general(0, unit.cpu.general(0) & ~0xFFFFL | x.statusWord());
        }
    }

    private void await() {
        long both = ControlRegisters.CR0_MP | ControlRegisters.CR0_TS;
        if ((unit.cpu.cr0 & both) == both) {
            throw unit.cpu.fault(Vector.NM, 0);
        }
        unit.checkPending();
    }

    private void loadControl(Instruction i) {
        unit.begin();
        x.control = Unit.controlWord((int) unit.mmu.load16(unit.read(i, 2)));
        Unit.summarize(x);
    }

    private void stack(Instruction i) {
        unit.begin();
        int c1 = x.status & FloatingPointControl.FSW_C1;
        unit.commit(i);
        switch (i.operation()) {
            case FINCSTP -> x.top = x.top + 1 & 7;
            case FDECSTP -> x.top = x.top - 1 & 7;
            case FFREE -> free(i);
            case FFREEP -> {
                free(i);
                unit.pop();
            }
            case FNOP -> x.status |= c1;
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    private void free(Instruction i) {
        x.valid &= ~(1 << unit.physical(i.modrm() & 7));
    }

    // ---- the environment: seven words of 2 or 4 octets ----

    private static int word(Instruction i) {
        return i.operandSize() == 2 ? 2 : 4;
    }

    private boolean hasSelectors() {
        return unit.cpu.mode != Mode.REAL && unit.cpu.mode != Mode.VIRTUAL_8086;
    }

    /** The full tag word (8.1.7): 0 valid, 1 zero, 2 special, 3 empty, of each physical register. */
    private int tagWord() {
        int tags = 0;
        for (int n = 7; n >= 0; n--) {
            tags = tags << 2 | ((x.valid >> n & 1) == 0 ? 3 : tag(x.signExponent[n] & 0x7FFF, x.significand[n]));
        }
        return tags;
    }

    private static int tag(int exponent, long significand) {
        if (exponent == 0) {
            return significand == 0 ? 1 : 2;
        }
        return exponent == 0x7FFF || significand >= 0 ? 2 : 0;
    }

    private void storeEnvironment(Instruction i) {
        int word = word(i);
        storeEnvironment(unit.write(i, 7 * word), word);
        x.control |= FloatingPointControl.EXCEPTIONS;
        Unit.summarize(x);
    }

    private void storeEnvironment(long at, int word) {
        // The upper half of a word of 32 bits that holds 16 is all ones.
        long upper = 0xFFFF_0000L;
        put(at, word, 0, upper | x.control);
        put(at, word, 1, upper | x.statusWord());
        put(at, word, 2, upper | tagWord());
        if (hasSelectors()) {
            put(at, word, 3, x.lastInstruction);
            put(at, word, 4, x.lastInstructionSelector | (long) x.lastOpcode << 16);
            put(at, word, 5, x.lastOperand);
            put(at, word, 6, upper | x.lastOperandSelector);
        } else {
            storeLinear(at, word, 3, x.lastInstruction + 16L * x.lastInstructionSelector, x.lastOpcode);
            storeLinear(at, word, 5, x.lastOperand + 16L * x.lastOperandSelector, 0);
        }
    }

    /** In real and virtual-8086 mode pointers are linear addresses, of 20 or 32 bits; the opcode shares a word with the upper part. */
    private void storeLinear(long at, int word, int index, long linear, int opcode) {
        put(at, word, index, word == 2 ? linear : linear & 0xFFFF);
        put(at, word, index + 1, (linear >>> 16) << 12 & (word == 2 ? 0xF000 : 0xFFF_F000) | opcode);
    }

    private void put(long at, int word, int index, long value) {
        unit.mmu.store(at + (long) index * word, word, value);
    }

    private long get(long at, int word, int index) {
        return unit.mmu.load(at + (long) index * word, word);
    }

    private void loadEnvironment(Instruction i) {
        unit.begin();
        int word = word(i);
        long at = unit.read(i, 7 * word);
        unit.mmu.probeRead(at, 7 * word);
        takeEnvironment(at, word);
    }

    private void takeEnvironment(long at, int word) {
        x.control = Unit.controlWord((int) get(at, word, 0));
        x.statusWord((int) get(at, word, 1));
        Unit.summarize(x);
        takeTags((int) get(at, word, 2));
        long second = get(at, word, 4);
        if (hasSelectors()) {
            x.lastInstruction = get(at, word, 3);
            x.lastInstructionSelector = (int) second & 0xFFFF;
            x.lastOpcode = word == 2 ? 0 : (int) (second >>> 16) & 0x7FF;
            x.lastOperand = get(at, word, 5);
            x.lastOperandSelector = (int) get(at, word, 6) & 0xFFFF;
        } else {
            x.lastInstruction = linear(at, word, 3);
            x.lastInstructionSelector = 0;
            x.lastOpcode = (int) second & 0x7FF;
            x.lastOperand = linear(at, word, 5);
            x.lastOperandSelector = 0;
        }
    }

    private long linear(long at, int word, int index) {
        return get(at, word, index) & 0xFFFF | (get(at, word, index + 1) >>> 12 & 0xFFFF) << 16;
    }

    private void takeTags(int tags) {
        x.valid = 0;
        for (int n = 0; n < 8; n++) {
            x.valid |= (tags >> 2 * n & 3) != 3 ? 1 << n : 0;
        }
    }

    // ---- environment and registers ----

    private void save(Instruction i) {
        int word = word(i);
        long at = unit.write(i, 7 * word + 80);
        storeEnvironment(at, word);
        for (int n = 0; n < 8; n++) {
            long to = at + 7 * word + 10L * n;
            unit.mmu.store64(to, x.significand[unit.physical(n)]);
            unit.mmu.store16(to + 8, x.signExponent[unit.physical(n)]);
        }
        x.initialize();
    }

    private void restore(Instruction i) {
        unit.begin();
        int word = word(i);
        long at = unit.read(i, 7 * word + 80);
        unit.mmu.probeRead(at, 7 * word + 80);
        takeEnvironment(at, word);
        for (int n = 0; n < 8; n++) {
            long from = at + 7 * word + 10L * n;
            x.significand[unit.physical(n)] = unit.mmu.load64(from);
            x.signExponent[unit.physical(n)] = (int) unit.mmu.load16(from + 8);
        }
    }
}
