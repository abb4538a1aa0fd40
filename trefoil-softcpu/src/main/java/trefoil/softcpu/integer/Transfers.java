package trefoil.softcpu.integer;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.core.Flags;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;

/** Data transfer and the stack (Intel SDM Vol. 1, 5.1.1; chapter 6 for the stack). */
public final class Transfers implements Family {
    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final Values values;

    public Transfers(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.values = new Values(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(MOV, MOVZX, MOVSX, MOVSXD, MOVBE, MOVNTI, LEA, XCHG, BSWAP, XLAT, CMOVCC, SETCC, CBW, CWD, PUSH, POP, PUSHA, POPA, ENTER, LEAVE);
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case MOV, MOVZX, MOVNTI -> values.write(i, 0, values.read(i, 1));
            case MOVSX, MOVSXD -> values.write(i, 0, Values.signed(values.read(i, 1), Values.size(i, 1)));
            case MOVBE -> values.write(i, 0, reversed(values.read(i, 1), Values.size(i, 0)));
            case LEA -> values.write(i, 0, operands.offset(i));
            case XCHG -> exchange(i);
            case BSWAP -> values.write(i, 0, i.operandSize() == 2 ? 0 : reversed(values.read(i, 0), i.operandSize()));
            case XLAT -> xlat(i);
            case CMOVCC -> conditionalMove(i);
            case SETCC -> values.write(i, 0, holds(i) ? 1 : 0);
            case CBW -> cpu.write(Block.RAX, i.operandSize(), Values.signed(cpu.read(Block.RAX, i.operandSize() / 2), i.operandSize() / 2));
            case CWD -> cpu.write(Block.RDX, i.operandSize(), Values.signed(cpu.read(Block.RAX, i.operandSize()), i.operandSize()) >> 63);
            default -> stack(i);
        }
    }

    private void stack(Instruction i) {
        switch (i.operation()) {
            case PUSH -> operands.push(values.read(i, 0), i.operandSize());
            case POP -> pop(i);
            case PUSHA -> pushAll(i.operandSize());
            case POPA -> popAll(i.operandSize());
            case ENTER -> enter(i);
            case LEAVE -> leave(i.operandSize());
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    private boolean holds(Instruction i) {
        return Flags.holds(i.opcode() & 15, cpu.flagResult, cpu.flagAux);
    }

    private static long reversed(long value, int size) {
        return Long.reverseBytes(value) >>> 64 - 8 * size;
    }

    /** Always locked with memory (Vol. 3, 9.1.2.1). */
    private void exchange(Instruction i) {
        long b = values.read(i, 1);
        if (Values.isMemory(i, 0)) {
            int size = Values.size(i, 0);
            long[] found = new long[1];
            values.update(values.address(i, 0, size, Access.WRITE), size, true, a -> {
                found[0] = a;
                return b;
            });
            values.write(i, 1, found[0]);
        } else {
            long a = values.read(i, 0);
            values.write(i, 0, b);
            values.write(i, 1, a);
        }
    }

    private void xlat(Instruction i) {
        long offset = Operands.cut(cpu.general(3) + cpu.read(Block.RAX, 1), i.addressSize());
        int segment = i.segment() == Instruction.NONE ? Cpu.DS : i.segment();
        cpu.write(Block.RAX, 1, mmu.load8(operands.linear(segment, offset, 1, Access.READ)));
    }

    /** The source is read in any case; 32 bits clear the upper half in any case. */
    private void conditionalMove(Instruction i) {
        long source = values.read(i, 1);
        values.write(i, 0, holds(i) ? source : values.read(i, 0));
    }

    /** The address of an operand in memory is computed with the stack pointer already moved (Vol. 2, POP). */
    private void pop(Instruction i) {
        int size = i.operandSize();
        long value = operands.peek(0, size);
        long before = cpu.general(4);
        operands.release(size);
        try {
            values.write(i, 0, value);
        } catch (Fault fault) {
            cpu.general(4, before);
            throw fault;
        }
    }

    private void pushAll(int size) {
        long top = cpu.general(4);
        long[] at = new long[8];
        for (int n = 0; n < 8; n++) {
            at[n] = operands.linear(Cpu.SS, top - (n + 1) * size & cpu.stackMask, size, Access.WRITE);
            mmu.probeWrite(at[n], size);
        }
        for (int n = 0; n < 8; n++) {
            mmu.store(at[n], size, n == 4 ? top : cpu.general(n));
        }
        operands.stackPointer(top - 8 * size & cpu.stackMask);
    }

    private void popAll(int size) {
        long[] popped = new long[8];
        for (int n = 0; n < 8; n++) {
            popped[n] = operands.peek((7 - n) * size, size);
        }
        for (int n = 0; n < 8; n++) {
            if (n != 4) {
                cpu.write(8 * n, size, popped[n]);
            }
        }
        operands.release(8 * size);
    }

    private void enter(Instruction i) {
        int size = i.operandSize();
        int level = i.secondImmediate() & 31;
        long before = cpu.general(4);
        long frame = before - size & cpu.stackMask;
        try {
            operands.push(cpu.general(5), size);
            for (int n = 1; n < level; n++) {
                long from = cpu.general(5) - n * size & cpu.stackMask;
                operands.push(mmu.load(operands.linear(Cpu.SS, from, size, Access.READ), size), size);
            }
            if (level > 0) {
                operands.push(frame, size);
            }
            long top = cpu.general(4) - i.immediate() & cpu.stackMask;
            mmu.probeWrite(operands.linear(Cpu.SS, top, size, Access.WRITE), size);
            operands.stackPointer(top);
        } catch (Fault fault) {
            cpu.general(4, before);
            throw fault;
        }
        cpu.write(Block.RBP, cpu.stackMask == -1 ? size : Math.max(size, 2), frame);
    }

    private void leave(int size) {
        long frame = cpu.general(5) & cpu.stackMask;
        long value = mmu.load(operands.linear(Cpu.SS, frame, size, Access.READ), size);
        operands.stackPointer(frame + size & cpu.stackMask);
        cpu.write(Block.RBP, size, value);
    }
}
