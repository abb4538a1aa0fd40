package trefoil.softcpu.transfer;

import trefoil.softcpu.core.Block;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Rflags;
import trefoil.x86.segment.Descriptor;
import trefoil.x86.segment.Selector;

/** RET to another segment, and IRET (Intel SDM Vol. 2, RET and IRET). */
final class Returns {
    private static final int RET_RELEASES = 0xCA;
    private static final long ALWAYS_POPPED = Rflags.STATUS | Rflags.TF | Rflags.DF | Rflags.NT;
    private static final long POPPED32 = Rflags.RF | Rflags.AC | Rflags.ID;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final Segments segments;
    private final Tasks tasks;

    Returns(Cpu cpu, Mmu mmu, Operands operands, Segments segments, Tasks tasks) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.segments = segments;
        this.tasks = tasks;
    }

    // ---- RET ----

    void far(Instruction i) {
        int size = i.operandSize();
        int released = i.opcode() == RET_RELEASES ? (int) i.immediate() & 0xFFFF : 0;
        long offset = operands.peek(0, size);
        int selector = (int) operands.peek(size, size) & 0xFFFF;
        if (!cpu.mode.hasDescriptors()) {
            toReal(selector, offset, 2 * size + released);
            return;
        }
        long descriptor = target(selector, offset);
        if (Selector.rpl(selector) > cpu.cpl) {
            withStack(selector, descriptor, offset, 2 * size + released, size, released, 0);
        } else {
            sameLevel(selector, descriptor, offset, 2 * size + released);
        }
    }

    private void toReal(int selector, long offset, int popped) {
        if (offset > 0xFFFF) {
            throw cpu.gp();
        }
        operands.release(popped);
        segments.loadReal(Cpu.CS, selector);
        cpu.nextRip = offset;
        segments.changed(cpu.cpl);
    }

    /** The descriptor of the code that is returned to, checked. */
    private long target(int selector, long offset) {
        if (Selector.isNull(selector)) {
            throw cpu.gp();
        }
        long descriptor = segments.descriptor(selector, Vector.GP);
        int rpl = Selector.rpl(selector);
        int dpl = Descriptor.dpl(descriptor);
        boolean fits = Descriptor.isConforming(descriptor) ? dpl <= rpl : dpl == rpl;
        boolean impossible = cpu.mode.isIa32e() && Descriptor.isLong(descriptor) && Descriptor.isBig(descriptor);
        if (!Descriptor.isCode(descriptor) || rpl < cpu.cpl || !fits || impossible) {
            throw segments.fault(Vector.GP, selector);
        }
        if (!Descriptor.isPresent(descriptor)) {
            throw segments.fault(Vector.NP, selector);
        }
        boolean wide = isLong(descriptor);
        if (wide ? !mmu.isCanonical(offset) : Long.compareUnsigned(offset, Descriptor.limit(descriptor)) > 0) {
            throw cpu.gp();
        }
        return descriptor;
    }

    private boolean isLong(long descriptor) {
        return cpu.mode.isIa32e() && Descriptor.isLong(descriptor);
    }

    private void sameLevel(int selector, long descriptor, long offset, int popped) {
        segments.markAccessed(selector, descriptor);
        operands.release(popped);
        arrive(selector, descriptor, offset, cpu.cpl);
    }

    private void arrive(int selector, long descriptor, long offset, int level) {
        segments.commitCode(selector, descriptor, level);
        cpu.nextRip = offset;
        segments.changed(level);
    }

    /**
     * Returns with a stack pointer and SS that are popped too.
     *
     * @param at where they are above the top of the stack
     * @param released octets of parameters on the stack that is returned to
     * @param flags how to set the flags: mask in the upper half, values in the lower; 0 to leave them
     */
    private void withStack(int selector, long descriptor, long offset, int at, int size, int released, long flags) {
        int level = Selector.rpl(selector);
        long pointer = operands.peek(at, size);
        int stack = (int) operands.peek(at + size, size) & 0xFFFF;
        boolean none = Selector.isNull(stack);
        if (none && (!isLong(descriptor) || level == 3)) {
            throw cpu.gp();
        }
        long stackDescriptor = none ? 0 : segments.stack(stack, level, Vector.GP);
        segments.markAccessed(selector, descriptor);
        boolean outward = level > cpu.cpl;
        setFlags(flags, flags >>> 32);
        if (none) {
            segments.loadNull(Cpu.SS, stack);
        } else {
            segments.commit(Cpu.SS, stack, stackDescriptor);
        }
        arrive(selector, descriptor, offset, level);
        Frame.pointer(cpu, cpu.stackMask, pointer + released);
        if (outward) {
            segments.dropInnerData(level);
        }
    }

    // ---- IRET ----

    /** IRET also ends the blocking of NMI, even if it faults (Vol. 3, 6.7.1). */
    void fromHandler(Instruction i) {
        cpu.nmiBlocked = false;
        cpu.attend(Cpu.SELF);
        switch (cpu.mode) {
            case REAL -> real(i.operandSize());
            case VIRTUAL_8086 -> insideV86(i.operandSize());
            case PROTECTED, COMPATIBILITY, LONG_64 -> protectedMode(i.operandSize());
        }
        RawMemory.fullFence(); // it serialises (Vol. 3, 9.3)
    }

    private long image(int size) {
        return operands.peek(2 * size, size);
    }

    private int selector(int size) {
        return (int) operands.peek(size, size) & 0xFFFF;
    }

    private void real(int size) {
        long offset = operands.peek(0, size);
        int selector = selector(size);
        long flags = image(size);
        if (offset > 0xFFFF) {
            throw cpu.gp();
        }
        setFlags(flags, ALWAYS_POPPED | Rflags.IF | Rflags.IOPL | (size > 2 ? POPPED32 : 0));
        toReal(selector, offset, 3 * size);
    }

    private void insideV86(int size) {
        boolean own = cpu.iopl() == 3;
        if (!own && ((cpu.cr4 & ControlRegisters.CR4_VME) == 0 || size > 2)) {
            throw cpu.gp();
        }
        long offset = operands.peek(0, size);
        int selector = selector(size);
        long flags = image(size);
        boolean pending = !own && (flags & Rflags.IF) != 0 && cpu.isSet(Rflags.VIP);
        boolean trap = !own && (flags & Rflags.TF) != 0;
        if (offset > 0xFFFF || pending || trap) {
            throw cpu.gp();
        }
        if (own) {
            setFlags(flags, ALWAYS_POPPED | Rflags.IF | (size > 2 ? POPPED32 : 0));
        } else {
            long virtual = (flags & Rflags.IF) != 0 ? Rflags.VIF : 0;
            setFlags(flags & ~(long) Rflags.VIF | virtual, ALWAYS_POPPED | Rflags.VIF);
        }
        toReal(selector, offset, 3 * size);
    }

    private void protectedMode(int size) {
        if (cpu.isSet(Rflags.NT)) {
            if (cpu.mode.isIa32e()) {
                throw cpu.gp();
            }
            tasks.returnToLink();
            return;
        }
        long offset = operands.peek(0, size);
        int selector = selector(size);
        long flags = image(size);
        if ((flags & Rflags.VM) != 0 && cpu.cpl == 0 && size == 4 && cpu.mode == Mode.PROTECTED) {
            toV86(selector, offset, flags);
            return;
        }
        long descriptor = target(selector, offset);
        long change = popped(size) << 32 | flags & 0xFFFF_FFFFL;
        if (Selector.rpl(selector) > cpu.cpl || cpu.mode == Mode.LONG_64) {
            withStack(selector, descriptor, offset, 3 * size, size, 0, change);
        } else {
            segments.markAccessed(selector, descriptor);
            setFlags(flags, popped(size));
            operands.release(3 * size);
            arrive(selector, descriptor, offset, cpu.cpl);
        }
    }

    /** The flags that IRET may change at this level. */
    private long popped(int size) {
        long mask = ALWAYS_POPPED;
        mask |= size > 2 ? POPPED32 : 0;
        mask |= cpu.cpl <= cpu.iopl() ? Rflags.IF : 0;
        mask |= cpu.cpl == 0 ? Rflags.IOPL : 0;
        return cpu.cpl == 0 && size > 2 ? mask | Rflags.VIF | Rflags.VIP : mask;
    }

    private void setFlags(long value, long mask) {
        if (mask != 0) {
            cpu.status((int) value);
            long own = mask & ~(long) Rflags.STATUS;
            cpu.systemFlags = cpu.systemFlags & ~own | value & own;
        }
    }

    private void toV86(int selector, long offset, long flags) {
        long pointer = operands.peek(12, 4);
        int stack = (int) operands.peek(16, 4) & 0xFFFF;
        int es = (int) operands.peek(20, 4) & 0xFFFF;
        int ds = (int) operands.peek(24, 4) & 0xFFFF;
        int fs = (int) operands.peek(28, 4) & 0xFFFF;
        int gs = (int) operands.peek(32, 4) & 0xFFFF;
        if (offset > 0xFFFF) {
            throw cpu.gp();
        }
        setFlags(flags, Rflags.DEFINED);
        segments.loadReal(Cpu.CS, selector);
        segments.loadReal(Cpu.SS, stack);
        segments.loadReal(Cpu.ES, es);
        segments.loadReal(Cpu.DS, ds);
        segments.loadReal(Cpu.FS, fs);
        segments.loadReal(Cpu.GS, gs);
        cpu.write(Block.RSP, 4, pointer);
        cpu.nextRip = offset;
        segments.changed(3);
    }
}
