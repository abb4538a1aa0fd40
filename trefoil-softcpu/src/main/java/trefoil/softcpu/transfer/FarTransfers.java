package trefoil.softcpu.transfer;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.Rflags;
import trefoil.x86.segment.Descriptor;
import trefoil.x86.segment.Selector;
import trefoil.x86.segment.SystemType;

/** Far jumps, calls and returns, IRET, software interrupts, fast system calls (Intel SDM Vol. 2, each; Vol. 3, 5.8). */
public final class FarTransfers implements Family {
    private static final Set<Operation> OPERATIONS = EnumSet.of(
            Operation.JMPF, Operation.CALLF, Operation.RETF, Operation.IRET, Operation.INT, Operation.INT3, Operation.INT1, Operation.INTO,
            Operation.SYSCALL, Operation.SYSRET, Operation.SYSENTER, Operation.SYSEXIT, Operation.UD0, Operation.UD1, Operation.UD2);
    private static final int BREAKPOINT = 3;
    private static final int OVERFLOW = 4;
    private static final int DEBUG = 1;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final Segments segments;
    private final Tasks tasks;
    private final Delivery delivery;
    private final Returns returns;
    private final SystemCalls calls;
    private final Frame frame;
    private final InnerStack inner;
    private final long[] parameters = new long[32];

    public FarTransfers(Cpu cpu, Mmu mmu, Operands operands, Segments segments, Tasks tasks, Delivery delivery) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.segments = segments;
        this.tasks = tasks;
        this.delivery = delivery;
        this.returns = new Returns(cpu, mmu, operands, segments, tasks);
        this.calls = new SystemCalls(cpu, mmu, segments);
        this.frame = new Frame(cpu, mmu);
        this.inner = new InnerStack(cpu, mmu, segments);
    }

    @Override
    public Set<Operation> operations() {
        return OPERATIONS;
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case JMPF -> far(i, false);
            case CALLF -> far(i, true);
            case RETF -> returns.far(i);
            case IRET -> returns.fromHandler(i);
            case INT -> delivery.software((int) i.immediate() & 0xFF, Cause.INT_N);
            case INT3 -> delivery.software(BREAKPOINT, Cause.INT3);
            case INT1 -> delivery.software(DEBUG, Cause.INT1);
            case INTO -> overflow();
            case SYSCALL -> calls.syscall();
            case SYSRET -> calls.sysret(i.operandSize() == 8);
            case SYSENTER -> calls.sysenter();
            case SYSEXIT -> calls.sysexit(i.operandSize() == 8);
            case UD0, UD1, UD2 -> throw cpu.ud();
            default -> throw new IllegalStateException(i.operation().toString());
        }
    }

    private void overflow() {
        if ((cpu.status() & Rflags.OF) != 0) {
            delivery.software(OVERFLOW, Cause.INT3);
        }
    }

    // ---- JMP and CALL to another segment ----

    private void far(Instruction i, boolean call) {
        int size = i.operandSize();
        if (i.opcode() != 0xFF) {
            to(i.secondImmediate(), Operands.cut(i.immediate(), size), size, call);
        } else {
            long at = operands.linear(i, size + 2, Access.READ);
            long offset = mmu.load(at, size);
            to((int) mmu.load16(at + size), offset, size, call);
        }
    }

    private void to(int selector, long offset, int size, boolean call) {
        if (!cpu.mode.hasDescriptors()) {
            toReal(selector, offset, size, call);
            return;
        }
        if (Selector.isNull(selector)) {
            throw cpu.gp();
        }
        long descriptor = segments.descriptor(selector, Vector.GP);
        if (Descriptor.isCodeOrData(descriptor)) {
            toSegment(selector, descriptor, offset, size, call);
        } else {
            toSystem(selector, descriptor, call);
        }
    }

    private void toReal(int selector, long offset, int size, boolean call) {
        if (offset > 0xFFFF) {
            throw cpu.gp();
        }
        if (call) {
            frame.here(size).push(cpu.selector[Cpu.CS]).push(cpu.nextRip);
            frame.probe();
            frame.pointer(frame.store());
        }
        segments.loadReal(Cpu.CS, selector);
        cpu.nextRip = offset;
        segments.changed(cpu.cpl);
    }

    private void toSegment(int selector, long descriptor, long offset, int size, boolean call) {
        int dpl = Descriptor.dpl(descriptor);
        boolean allowed = Descriptor.isConforming(descriptor) ? dpl <= cpu.cpl : dpl == cpu.cpl && Selector.rpl(selector) <= cpu.cpl;
        if (!Descriptor.isCode(descriptor) || !allowed || isImpossible(descriptor)) {
            throw segments.fault(Vector.GP, selector);
        }
        if (!Descriptor.isPresent(descriptor)) {
            throw segments.fault(Vector.NP, selector);
        }
        sameLevel(selector, descriptor, offset, size, call);
    }

    /** L and D together. */
    private boolean isImpossible(long descriptor) {
        return cpu.mode.isIa32e() && Descriptor.isLong(descriptor) && Descriptor.isBig(descriptor);
    }

    private void sameLevel(int selector, long descriptor, long offset, int size, boolean call) {
        checkOffset(descriptor, offset);
        if (call) {
            frame.here(size).push(cpu.selector[Cpu.CS]).push(cpu.nextRip);
            frame.probe();
        }
        segments.markAccessed(selector, descriptor);
        if (call) {
            frame.pointer(frame.store());
        }
        segments.commitCode(selector, descriptor, cpu.cpl);
        cpu.nextRip = offset;
        segments.changed(cpu.cpl);
    }

    private void checkOffset(long descriptor, long offset) {
        boolean wide = cpu.mode.isIa32e() && Descriptor.isLong(descriptor);
        if (wide ? !mmu.isCanonical(offset) : Long.compareUnsigned(offset, Descriptor.limit(descriptor)) > 0) {
            throw cpu.gp();
        }
    }

    // ---- gates and task states ----

    private void toSystem(int selector, long descriptor, boolean call) {
        SystemType type = SystemType.of(Descriptor.type(descriptor), cpu.mode.isIa32e());
        switch (type) {
            case CALL_GATE16 -> toGate(selector, descriptor, 2, call);
            case CALL_GATE -> toGate(selector, descriptor, cpu.mode.isIa32e() ? 8 : 4, call);
            case TASK_GATE -> {
                checkLevel(selector, descriptor);
                int task = Descriptor.gateSelector(descriptor);
                toTask(task, tasks.available(task, Vector.GP), call);
            }
            case TSS_AVAILABLE, TSS16_AVAILABLE -> {
                long task = tasks.available(selector, Vector.GP);
                checkLevel(selector, task);
                toTask(selector, task, call);
            }
            default -> throw segments.fault(Vector.GP, selector);
        }
    }

    private void checkLevel(int selector, long descriptor) {
        if (Descriptor.dpl(descriptor) < Math.max(cpu.cpl, Selector.rpl(selector))) {
            throw segments.fault(Vector.GP, selector);
        }
        if (!Descriptor.isPresent(descriptor)) {
            throw segments.fault(Vector.NP, selector);
        }
    }

    private void toTask(int selector, long descriptor, boolean call) {
        tasks.enter(selector, descriptor, call ? Tasks.Way.CALL : Tasks.Way.JUMP, cpu.nextRip, cpu.rflags());
    }

    private void toGate(int selector, long gate, int size, boolean call) {
        checkGateLevel(selector, gate);
        long upper = size == 8 ? segments.upperHalf(selector, Vector.GP) : 0;
        if (!Descriptor.isPresent(gate)) {
            throw segments.fault(Vector.NP, selector);
        }
        long offset = size == 8 ? Descriptor.gateOffset(gate, upper) : size == 2 ? Descriptor.gateOffset(gate) & 0xFFFF : Descriptor.gateOffset(gate);
        int target = Descriptor.gateSelector(gate);
        long descriptor = gateSegment(target, call);
        if (call && !Descriptor.isConforming(descriptor) && Descriptor.dpl(descriptor) < cpu.cpl) {
            inward(target, descriptor, offset, size, Descriptor.gateParameters(gate));
        } else {
            sameLevel(target, descriptor, offset, size, call);
        }
    }

    private void checkGateLevel(int selector, long gate) {
        if (Descriptor.dpl(gate) < Math.max(cpu.cpl, Selector.rpl(selector))) {
            throw segments.fault(Vector.GP, selector);
        }
    }

    private long gateSegment(int selector, boolean call) {
        if (Selector.isNull(selector)) {
            throw cpu.gp();
        }
        long descriptor = segments.descriptor(selector, Vector.GP);
        int dpl = Descriptor.dpl(descriptor);
        boolean allowed = call || Descriptor.isConforming(descriptor) ? dpl <= cpu.cpl : dpl == cpu.cpl;
        boolean wrongSize = cpu.mode.isIa32e() && (!Descriptor.isLong(descriptor) || Descriptor.isBig(descriptor));
        if (!Descriptor.isCode(descriptor) || !allowed || wrongSize) {
            throw segments.fault(Vector.GP, selector);
        }
        if (!Descriptor.isPresent(descriptor)) {
            throw segments.fault(Vector.NP, selector);
        }
        return descriptor;
    }

    /** A call to an inner level, on that level's stack (Vol. 3, 5.8.5). */
    private void inward(int selector, long descriptor, long offset, int size, int count) {
        int level = Descriptor.dpl(descriptor);
        checkOffset(descriptor, offset);
        if (size == 8) {
            frame.at(inner.pointer64(level), level).push(cpu.selector[Cpu.SS]).push(cpu.general(4));
        } else {
            inner.load(level);
            frame.at(inner.selector, inner.descriptor, inner.pointer, size, level).push(cpu.selector[Cpu.SS]).push(cpu.general(4));
            copyParameters(size, count);
        }
        frame.push(cpu.selector[Cpu.CS]).push(cpu.nextRip);
        frame.probe();
        segments.markAccessed(selector, descriptor);
        long top = frame.store();
        if (size == 8) {
            inner.commit64(level, top);
        } else {
            inner.commit(top);
        }
        segments.commitCode(selector, descriptor, level);
        cpu.nextRip = offset;
        segments.changed(level);
    }

    private void copyParameters(int size, int count) {
        for (int n = 0; n < count; n++) {
            parameters[n] = operands.peek(n * size, size);
        }
        for (int n = count - 1; n >= 0; n--) {
            frame.push(parameters[n]);
        }
    }
}
