package trefoil.softcpu.integer;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Flags;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.Operation;

/** Control transfer within a code segment, and BOUND (Intel SDM Vol. 1, 5.1.7). */
public final class Branches implements Family {
    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final Values values;

    public Branches(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.values = new Values(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(JMP, JCC, JCXZ, LOOP, LOOPE, LOOPNE, CALL, RET, BOUND);
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case JMP -> cpu.nextRip = checked(target(i));
            case JCC -> jumpIf(i, Flags.holds(i.opcode() & 15, cpu.flagResult, cpu.flagAux));
            case JCXZ -> jumpIf(i, cpu.read(Block.RCX, i.addressSize()) == 0);
            case LOOP -> loop(i, true);
            case LOOPE -> loop(i, Flags.isZero(cpu.flagResult));
            case LOOPNE -> loop(i, !Flags.isZero(cpu.flagResult));
            case CALL -> call(i);
            case RET -> ret(i);
            case BOUND -> bound(i);
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    private long target(Instruction i) {
        return Values.operand(i, 0).addressing() == Addressing.J ? i.target(cpu.rip) : values.read(i, 0);
    }

    /** A target beyond the limit of CS, or not canonical, is the branch's own fault. */
    private long checked(long target) {
        if (cpu.mode == Mode.LONG_64 ? !mmu.isCanonical(target) : target > cpu.limit[Cpu.CS]) {
            throw cpu.gp();
        }
        return target;
    }

    private void jumpIf(Instruction i, boolean taken) {
        if (taken) {
            cpu.nextRip = checked(i.target(cpu.rip));
        }
    }

    private void loop(Instruction i, boolean also) {
        int size = i.addressSize();
        long count = Operands.cut(cpu.read(Block.RCX, size) - 1, size);
        jumpIf(i, count != 0 && also);
        cpu.write(Block.RCX, size, count);
    }

    private void call(Instruction i) {
        long target = checked(target(i));
        operands.push(cpu.nextRip, i.operandSize());
        cpu.nextRip = target;
    }

    private void ret(Instruction i) {
        long target = checked(operands.peek(0, i.operandSize()));
        operands.release(i.operandSize() + (i.row().operands().isEmpty() ? 0 : (int) i.immediate()));
        cpu.nextRip = target;
    }

    private void bound(Instruction i) {
        int size = i.operandSize();
        long at = operands.linear(i, 2 * size, Access.READ);
        long index = Values.signed(values.read(i, 0), size);
        if (index < Values.signed(mmu.load(at, size), size) || index > Values.signed(mmu.load(at + size, size), size)) {
            throw cpu.fault(Vector.BR);
        }
    }
}
