package trefoil.softcpu.transfer;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.LongPredicate;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Rflags;
import trefoil.x86.segment.Descriptor;
import trefoil.x86.segment.Selector;
import trefoil.x86.segment.SystemType;

/** Instructions that load, store and ask about selectors, descriptor tables and the bases of FS and GS (Intel SDM Vol. 2, each; Vol. 3, 5.10). */
public final class SegmentInstructions implements Family {
    private static final Set<Operation> OPERATIONS = EnumSet.of(
            Operation.MOVSR, Operation.PUSHSR, Operation.POPSR, Operation.LES, Operation.LDS, Operation.LSS, Operation.LFS, Operation.LGS,
            Operation.ARPL, Operation.LAR, Operation.LSL, Operation.VERR, Operation.VERW, Operation.SLDT, Operation.STR, Operation.LLDT, Operation.LTR,
            Operation.SGDT, Operation.SIDT, Operation.LGDT, Operation.LIDT, Operation.SWAPGS, Operation.RDFSBASE, Operation.RDGSBASE, Operation.WRFSBASE, Operation.WRGSBASE);
    private static final int LOADS = 0x8E;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final Segments segments;

    public SegmentInstructions(Cpu cpu, Mmu mmu, Operands operands, Segments segments) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.segments = segments;
    }

    @Override
    public Set<Operation> operations() {
        return OPERATIONS;
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case MOVSR -> move(i);
            case PUSHSR -> operands.push(cpu.selector[i.opcode() >> 3 & 7], i.operandSize());
            case POPSR -> pop(i);
            case LES -> loadFar(i, Cpu.ES);
            case LDS -> loadFar(i, Cpu.DS);
            case LSS -> loadFar(i, Cpu.SS);
            case LFS -> loadFar(i, Cpu.FS);
            case LGS -> loadFar(i, Cpu.GS);
            case RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE, SWAPGS -> base(i);
            case SGDT, SIDT, LGDT, LIDT -> table(i);
            default -> withDescriptors(i);
        }
    }

    // ---- segment registers ----

    private void move(Instruction i) {
        if (i.opcode() == LOADS) {
            load(i.reg(), (int) operands.readE(i, 2));
        } else {
            store(i, cpu.selector[i.reg()]);
        }
    }

    private void load(int n, int selector) {
        segments.load(n, selector);
        cpu.interruptShadow |= n == Cpu.SS;
    }

    /** A register of the operand size gets the selector zero-extended, memory 16 bits. */
    private void store(Instruction i, int selector) {
        operands.writeE(i, Operands.isMemory(i) ? 2 : i.operandSize(), selector);
    }

    private void pop(Instruction i) {
        int size = i.operandSize();
        long mask = cpu.stackMask;
        int selector = (int) operands.peek(0, size) & 0xFFFF;
        load(i.opcode() >> 3 & 7, selector);
        Frame.pointer(cpu, mask, cpu.general(4) + size & mask);
    }

    private void loadFar(Instruction i, int n) {
        int size = i.operandSize();
        long at = operands.linear(i, size + 2, Access.READ);
        long offset = mmu.load(at, size);
        segments.load(n, (int) mmu.load16(at + size));
        operands.writeG(i, size, offset);
    }

    // ---- bases of FS and GS ----

    private void base(Instruction i) {
        if (i.operation() == Operation.SWAPGS) {
            swapGs();
            return;
        }
        if ((cpu.cr4 & ControlRegisters.CR4_FSGSBASE) == 0) {
            throw cpu.ud();
        }
        int size = Math.max(i.operandSize(), 4);
        switch (i.operation()) {
            case RDFSBASE -> operands.writeE(i, size, cpu.base[Cpu.FS]);
            case RDGSBASE -> operands.writeE(i, size, cpu.base[Cpu.GS]);
            case WRFSBASE -> writeBase(Cpu.FS, operands.readE(i, size));
            default -> writeBase(Cpu.GS, operands.readE(i, size));
        }
    }

    private void writeBase(int n, long base) {
        if (!mmu.isCanonical(base)) {
            throw cpu.gp();
        }
        cpu.base(n, base);
    }

    private void swapGs() {
        checkLevel0();
        long user = cpu.base[Cpu.GS];
        cpu.base(Cpu.GS, cpu.kernelGsBase);
        cpu.kernelGsBase = user;
    }

    private void checkLevel0() {
        if (cpu.cpl != 0) {
            throw cpu.gp();
        }
    }

    private void checkUmip() {
        if (cpu.cpl != 0 && (cpu.cr4 & ControlRegisters.CR4_UMIP) != 0) {
            throw cpu.gp();
        }
    }

    // ---- GDTR and IDTR ----

    private void table(Instruction i) {
        switch (i.operation()) {
            case SGDT -> storeTable(i, cpu.gdtLimit, cpu.gdtBase);
            case SIDT -> storeTable(i, cpu.idtLimit, cpu.idtBase);
            default -> loadTable(i);
        }
    }

    private int octets() {
        return cpu.mode == Mode.LONG_64 ? 8 : 4;
    }

    private void storeTable(Instruction i, int limit, long base) {
        checkUmip();
        long at = operands.linear(i, 2 + octets(), Access.WRITE);
        mmu.probeWrite(at, 2);
        mmu.store(at + 2, octets(), base);
        mmu.store16(at, limit);
    }

    private void loadTable(Instruction i) {
        checkLevel0();
        long at = operands.linear(i, 2 + octets(), Access.READ);
        int limit = (int) mmu.load16(at);
        long base = mmu.load(at + 2, octets());
        if (!mmu.isCanonical(base) && octets() == 8) {
            throw cpu.gp();
        }
        base = i.operandSize() == 2 ? base & 0xFF_FFFF : base;
        if (i.operation() == Operation.LGDT) {
            cpu.gdtLimit = limit;
            cpu.gdtBase = base;
        } else {
            cpu.idtLimit = limit;
            cpu.idtBase = base;
        }
        RawMemory.fullFence();
    }

    // ---- what real and virtual-8086 mode do not have ----

    private void withDescriptors(Instruction i) {
        if (!cpu.mode.hasDescriptors()) {
            throw cpu.ud();
        }
        switch (i.operation()) {
            case SLDT -> storeSystem(i, Cpu.LDTR);
            case STR -> storeSystem(i, Cpu.TR);
            case LLDT -> {
                checkLevel0();
                segments.loadLocalTable((int) operands.readE(i, 2));
                RawMemory.fullFence();
            }
            case LTR -> {
                checkLevel0();
                segments.loadTask((int) operands.readE(i, 2));
                RawMemory.fullFence();
            }
            case ARPL -> adjustLevel(i);
            case LAR -> accessRights(i);
            case LSL -> limit(i);
            case VERR -> zero(isUsable(selector(i), Descriptor::isReadable));
            case VERW -> zero(isUsable(selector(i), Descriptor::isWritable));
            default -> throw new IllegalStateException(i.operation().toString());
        }
    }

    private void storeSystem(Instruction i, int n) {
        checkUmip();
        store(i, cpu.selector[n]);
    }

    private int selector(Instruction i) {
        return (int) operands.readE(i, 2);
    }

    private void zero(boolean set) {
        cpu.status(set ? cpu.status() | Rflags.ZF : cpu.status() & ~Rflags.ZF);
    }

    private void adjustLevel(Instruction i) {
        long at = Operands.isMemory(i) ? operands.linear(i, 2, Access.WRITE) : 0;
        long destination = Operands.isMemory(i) ? mmu.load16(at) : operands.readE(i, 2);
        long rpl = operands.readG(i, 2) & Selector.RPL;
        boolean adjust = (destination & Selector.RPL) < rpl;
        if (adjust && Operands.isMemory(i)) {
            mmu.store16(at, destination & ~Selector.RPL | rpl);
        } else if (adjust) {
            operands.writeE(i, 2, destination & ~Selector.RPL | rpl);
        }
        zero(adjust);
    }

    /** The descriptor that LAR, LSL, VERR and VERW may see; 0, which is none of theirs, if there is none or its level forbids. */
    private long visible(int selector) {
        if (Selector.isNull(selector) || !segments.isInside(selector)) {
            return 0;
        }
        long descriptor = segments.descriptor(selector, Vector.GP);
        boolean allowed = Descriptor.isConforming(descriptor) || Descriptor.dpl(descriptor) >= Math.max(cpu.cpl, Selector.rpl(selector));
        return allowed ? descriptor : 0;
    }

    private boolean isUsable(int selector, LongPredicate right) {
        return right.test(visible(selector));
    }

    private void accessRights(Instruction i) {
        long descriptor = visible(selector(i));
        boolean valid = Descriptor.isCodeOrData(descriptor) || switch (system(descriptor)) {
            case TSS16_AVAILABLE, TSS16_BUSY, LDT, CALL_GATE16, CALL_GATE, TASK_GATE, TSS_AVAILABLE, TSS_BUSY -> true;
            default -> false;
        };
        answer(i, valid, Descriptor.accessRights(descriptor));
    }

    private void limit(Instruction i) {
        long descriptor = visible(selector(i));
        boolean valid = Descriptor.isCodeOrData(descriptor) || switch (system(descriptor)) {
            case TSS16_AVAILABLE, TSS16_BUSY, LDT, TSS_AVAILABLE, TSS_BUSY -> true;
            default -> false;
        };
        answer(i, valid, Descriptor.limit(descriptor));
    }

    private SystemType system(long descriptor) {
        return SystemType.of(Descriptor.type(descriptor), cpu.mode.isIa32e());
    }

    private void answer(Instruction i, boolean valid, long value) {
        if (valid) {
            operands.writeG(i, i.operandSize(), value & 0xFFFF_FFFFL);
        }
        zero(valid);
    }
}
