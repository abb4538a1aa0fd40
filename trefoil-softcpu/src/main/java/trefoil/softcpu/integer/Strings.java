package trefoil.softcpu.integer;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.machine.GuestMemory;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Flags;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.Rflags;

/**
 * Strings (Intel SDM Vol. 1, 5.1.8; Vol. 2, REP). Registers are up to date after each element, so that a fault or an interrupt between two leaves an instruction that goes on where it was: then {@code nextRip} is the
 * instruction itself. MOVS and STOS forward go by runs that stay within a page.
 */
public final class Strings implements Family {
    private static final int LONGEST_RUN = (int) GuestMemory.PAGE_SIZE;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;

    public Strings(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(MOVS, CMPS, STOS, LODS, SCAS);
    }

    @Override
    public void execute(Instruction i) {
        int size = (i.opcode() & 1) == 0 ? 1 : i.operandSize();
        if (i.repeat() == 0) {
            element(i, size);
            return;
        }
        while (true) {
            long count = cpu.read(Block.RCX, i.addressSize());
            if (count == 0) {
                return;
            }
            long done = run(i, size, count);
            if (done == 0) {
                element(i, size);
                done = 1;
            }
            cpu.write(Block.RCX, i.addressSize(), count - done);
            if (count == done || isEnded(i)) {
                return;
            }
            if (cpu.attention.getOpaque() != 0 || cpu.isSet(Rflags.TF)) {
                cpu.nextRip = cpu.rip;
                return;
            }
        }
    }

    /** CMPS and SCAS end by ZF: REPE when it is clear, REPNE when it is set. */
    private boolean isEnded(Instruction i) {
        boolean compares = i.operation() == CMPS || i.operation() == SCAS;
        return compares && Flags.isZero(cpu.flagResult) == (i.repeat() == 0xF2);
    }

    private int source(Instruction i) {
        return i.segment() == Instruction.NONE ? Cpu.DS : i.segment();
    }

    private long offset(int register, Instruction i) {
        return cpu.read(register, i.addressSize());
    }

    private void advance(int register, Instruction i, long by) {
        cpu.write(register, i.addressSize(), cpu.read(register, i.addressSize()) + by);
    }

    private long loadSource(Instruction i, int size) {
        return mmu.load(operands.linear(source(i), offset(Block.RSI, i), size, Access.READ), size);
    }

    private long destination(Instruction i, int size, Access access) {
        return operands.linear(Cpu.ES, offset(Block.RDI, i), size, access);
    }

    private void element(Instruction i, int size) {
        long step = (long) cpu.direction() * size;
        switch (i.operation()) {
            case MOVS -> {
                long value = loadSource(i, size);
                mmu.store(destination(i, size, Access.WRITE), size, value);
                advance(Block.RSI, i, step);
                advance(Block.RDI, i, step);
            }
            case STOS -> {
                mmu.store(destination(i, size, Access.WRITE), size, cpu.read(Block.RAX, size));
                advance(Block.RDI, i, step);
            }
            case LODS -> {
                cpu.write(Block.RAX, size, loadSource(i, size));
                advance(Block.RSI, i, step);
            }
            case CMPS -> {
                long a = loadSource(i, size);
                compare(a, mmu.load(destination(i, size, Access.READ), size), size);
                advance(Block.RSI, i, step);
                advance(Block.RDI, i, step);
            }
            default -> {
                compare(cpu.read(Block.RAX, size), mmu.load(destination(i, size, Access.READ), size), size);
                advance(Block.RDI, i, step);
            }
        }
    }

    private void compare(long a, long b, int size) {
        cpu.flagAux = Flags.ofSubtraction(a, b, a - b, 8 * size);
        cpu.flagResult = Values.signed(a - b, size);
    }

    /** Moves or stores as many elements at once as lie in one page at either end; 0 if it must go by elements. */
    private long run(Instruction i, int size, long count) {
        boolean moves = i.operation() == MOVS;
        if (!moves && i.operation() != STOS || cpu.direction() < 0 || cpu.isSet(Rflags.TF) || i.addressSize() == 2 || !cpu.flat) {
            return 0;
        }
        long to = linear(Cpu.ES, Block.RDI, i);
        long octets = Math.min(Long.compareUnsigned(count, LONGEST_RUN) > 0 ? LONGEST_RUN : count * size, leftInPage(to));
        long from = 0;
        if (moves) {
            from = linear(source(i), Block.RSI, i);
            octets = Math.min(octets, leftInPage(from));
        }
        octets -= octets % size;
        if (octets <= size || cpu.mode != Mode.LONG_64 && source(i) > Cpu.DS) {
            return 0;
        }
        if (cpu.mode == Mode.LONG_64 && (!mmu.isCanonical(to) || moves && !mmu.isCanonical(from))) {
            return 0;
        }
        long fromHost = moves ? mmu.readable(from, (int) octets) : 0;
        long toHost = mmu.writable(to, (int) octets);
        if (toHost == 0 || moves && (fromHost == 0 || toHost > fromHost && toHost < fromHost + octets)) {
            return 0;
        }
        if (moves) {
            RawMemory.copy(fromHost, toHost, octets);
            advance(Block.RSI, i, octets);
        } else {
            fill(toHost, octets, size);
        }
        advance(Block.RDI, i, octets);
        return octets / size;
    }

    private long linear(int segment, int register, Instruction i) {
        long linear = offset(register, i) + cpu.effectiveBase(segment);
        return cpu.mode == Mode.LONG_64 ? linear : linear & 0xFFFF_FFFFL;
    }

    private static long leftInPage(long address) {
        return GuestMemory.PAGE_SIZE - (address & GuestMemory.PAGE_SIZE - 1);
    }

    private void fill(long host, long octets, int size) {
        long value = cpu.read(Block.RAX, size);
        if (value == 0 || size == 1) {
            RawMemory.fill(host, octets, (byte) value);
            return;
        }
        for (long at = 0; at < octets; at += size) {
            switch (size) {
                case 2 -> RawMemory.putShortRelease(host + at, (short) value);
                case 4 -> RawMemory.putIntRelease(host + at, (int) value);
                default -> RawMemory.putLongRelease(host + at, value);
            }
        }
    }
}
