package trefoil.softcpu.integer;

import java.util.function.LongUnaryOperator;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operand;

/** Explicit operands of general-purpose instructions, by their number and notation. */
final class Values {
    final Cpu cpu;
    final Mmu mmu;
    final Operands operands;

    Values(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
    }

    static Operand operand(Instruction i, int n) {
        return i.row().operands().get(n);
    }

    /** Octets of an operand. */
    static int size(Instruction i, int n) {
        Operand operand = operand(i, n);
        return (i.registerForm() ? operand.registerType() : operand.memoryType()).size(i.operandSize(), 16);
    }

    static long mask(int size) {
        return -1L >>> 64 - 8 * size;
    }

    static long signed(long value, int size) {
        int unused = 64 - 8 * size;
        return value << unused >> unused;
    }

    /** Whether an operand lies in memory. */
    static boolean isMemory(Instruction i, int n) {
        return switch (operand(i, n).addressing()) {
            case E, M -> !i.registerForm();
            case O -> true;
            default -> false;
        };
    }

    /** Linear address of an operand in memory, of {@code size} octets. */
    long address(Instruction i, int n, int size, Access access) {
        if (operand(i, n).addressing() == trefoil.x86.isa.Addressing.O) {
            int segment = i.segment() == Instruction.NONE ? Cpu.DS : i.segment();
            return operands.linear(segment, i.immediate(), size, access);
        }
        return operands.linear(i, size, access);
    }

    /** Zero-extended, but immediates, which are extended as the table says and then cut. */
    long read(Instruction i, int n) {
        Operand operand = operand(i, n);
        int size = size(i, n);
        return switch (operand.addressing()) {
            case I -> i.immediate() & mask(operand.signed() || operand.registerType() == trefoil.x86.isa.OperandType.Z ? i.operandSize() : size);
            case CONSTANT -> operand.number();
            default -> isMemory(i, n) ? mmu.load(address(i, n, size, Access.READ), size) : cpu.read(register(i, n, size), size);
        };
    }

    private static int register(Instruction i, int n, int size) {
        Operand operand = operand(i, n);
        return switch (operand.addressing()) {
            case E, R, Z -> Operands.rmRegister(i, size);
            case G -> Operands.regRegister(i, size);
            case B -> Cpu.offset(i.vvvv(), size, true);
            case GPR -> Cpu.offset(operand.number(), size, false);
            default -> throw new IllegalStateException(i.row().toString());
        };
    }

    void write(Instruction i, int n, long value) {
        int size = size(i, n);
        if (isMemory(i, n)) {
            mmu.store(address(i, n, size, Access.WRITE), size, value);
        } else {
            cpu.write(register(i, n, size), size, value);
        }
    }

    /** Reads an operand, changes it, writes it back: in one step for other processors if the instruction is locked (Intel SDM Vol. 3, 9.1.2). {@code change} may be asked more than once. */
    void update(Instruction i, int n, LongUnaryOperator change) {
        int size = size(i, n);
        if (isMemory(i, n)) {
            update(address(i, n, size, Access.WRITE), size, i.lock(), change);
        } else {
            int register = register(i, n, size);
            cpu.write(register, size, change.applyAsLong(cpu.read(register, size)));
        }
    }

    /** As {@link #update(Instruction, int, LongUnaryOperator)}, at a linear address. */
    void update(long at, int size, boolean locked, LongUnaryOperator change) {
        if (locked) {
            mmu.update(at, size, change);
        } else {
            mmu.probeWrite(at, size);
            mmu.store(at, size, change.applyAsLong(mmu.load(at, size)));
        }
    }
}
