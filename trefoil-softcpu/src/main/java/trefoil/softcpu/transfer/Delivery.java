package trefoil.softcpu.transfer;

import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Mmu;
import trefoil.x86.exception.SelectorErrorCode;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.DebugRegisters;
import trefoil.x86.register.Rflags;
import trefoil.x86.segment.Descriptor;
import trefoil.x86.segment.Selector;
import trefoil.x86.segment.SystemType;
import trefoil.x86.segment.TaskState;

/**
 * Carries exceptions and interrupts to their handlers (Intel SDM Vol. 3, chapter 6; Vol. 2, INT n).
 *
 * <p>{@link #deliver} and {@link #interrupt} are called between instructions: they push {@code cpu.rip} and leave {@code rip} and {@code nextRip} at the handler. {@link #software} is an instruction: it pushes {@code nextRip}
 * and sets it.
 */
public final class Delivery {
    private static final int NMI = 2;
    /** A handler of level 3 whose stack is not aligned may raise #AC in delivering #AC, for ever. After so many, the instruction is begun again, and the run loop is heard in between. */
    private static final int ROUNDS = 16;
    private static final int REAL_CLEARED = Rflags.IF | Rflags.TF | Rflags.AC | Rflags.RF;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Segments segments;
    private final Tasks tasks;
    private final Frame frame;
    private final InnerStack inner;

    private int vector;
    private Cause cause;
    private boolean hasCode;
    private int code;
    /** RFLAGS as they are pushed. */
    private long image;
    /** Offset that is pushed. */
    private long back;

    public Delivery(Cpu cpu, Mmu mmu, Segments segments, Tasks tasks) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.segments = segments;
        this.tasks = tasks;
        this.frame = new Frame(cpu, mmu);
        this.inner = new InnerStack(cpu, mmu, segments);
    }

    // ---- events ----

    /**
     * Delivers an exception, or the double fault that it makes with another (table 6-5).
     *
     * @throws Shutdown a triple fault
     */
    public void deliver(Vector raised, int errorCode) {
        Vector now = raised;
        int nowCode = errorCode;
        String trail = "";
        for (int round = 0; round < ROUNDS; round++) {
            try {
                exception(now, nowCode);
                return;
            } catch (Fault second) {
                Vector.Together together = now.with(second.vector());
                trail += name(now, nowCode) + ", ";
                if (together == Vector.Together.SHUTDOWN) {
                    throw new Shutdown(trail + name(second.vector(), codeOnTheWay(second)));
                }
                boolean serial = together == Vector.Together.SERIAL;
                nowCode = serial ? codeOnTheWay(second) : 0;
                now = serial ? second.vector() : Vector.DF;
            }
        }
    }

    private static String name(Vector raised, int errorCode) {
        return "#" + raised + (raised.hasErrorCode() ? "(" + Integer.toHexString(errorCode) + ")" : "");
    }

    /** Delivers an external interrupt, or an NMI as vector 2. */
    public void interrupt(int number) {
        try {
            begin(number, Cause.EXTERNAL, cpu.rip, cpu.rflags());
            enter();
            cpu.nmiBlocked |= number == NMI;
            cpu.rip = cpu.nextRip;
        } catch (Fault fault) {
            deliver(fault.vector(), codeOnTheWay(fault));
        }
    }

    /** INT n, INT3, INTO and INT1. */
    void software(int number, Cause why) {
        begin(number, why, cpu.nextRip, cpu.rflags() & ~Rflags.RF);
        if (why.isExternal()) {
            enterWithExt();
        } else {
            enter();
        }
    }

    private void enterWithExt() {
        try {
            enter();
        } catch (Fault fault) {
            throw cpu.fault(fault.vector(), codeOnTheWay(fault));
        }
    }

    /** The error code of a fault that arose while an event from outside of the program was delivered (6.13). */
    private static int codeOnTheWay(Fault fault) {
        return switch (fault.vector()) {
            case TS, NP, SS, GP -> fault.errorCode() | SelectorErrorCode.EXT;
            default -> fault.errorCode();
        };
    }

    private void exception(Vector raised, int errorCode) {
        boolean restart = raised.kind() == Vector.Kind.FAULT;
        if (raised == Vector.DB) {
            restart = (cpu.pendingDebug & DebugRegisters.DR6_BD) != 0;
            debugRegisters();
        }
        begin(raised.number(), Cause.EXTERNAL, cpu.rip, restart ? cpu.rflags() | Rflags.RF : cpu.rflags());
        hasCode = raised.hasErrorCode();
        code = errorCode;
        enter();
        cpu.rip = cpu.nextRip;
    }

    /** What #DB says of its cause (18.2.3, 18.2.4). */
    private void debugRegisters() {
        cpu.dr[6] |= cpu.pendingDebug;
        cpu.pendingDebug = 0;
        cpu.dr[7] &= ~(long) DebugRegisters.DR7_GD;
    }

    private void begin(int number, Cause why, long returnTo, long flags) {
        vector = number;
        cause = why;
        back = returnTo;
        image = flags;
        hasCode = false;
        code = 0;
    }

    // ---- the way in, by mode ----

    private void enter() {
        switch (cpu.mode) {
            case REAL -> throughVectorTable();
            case VIRTUAL_8086 -> fromV86();
            case PROTECTED -> throughGate();
            case COMPATIBILITY, LONG_64 -> throughGate64();
        }
        cpu.interruptShadow = false;
    }

    private Fault refuse(Vector with) {
        return cpu.fault(with, SelectorErrorCode.ofGate(vector, false));
    }

    private void throughVectorTable() {
        if (4L * vector + 3 > cpu.idtLimit) {
            throw refuse(Vector.GP);
        }
        long entry = mmu.systemLoad(cpu.idtBase + 4L * vector, 4);
        intoReal(entry, image, cpu.systemFlags & ~REAL_CLEARED);
    }

    /** Pushes three words and goes to a far pointer of the 8086 (20.1.4). */
    private void intoReal(long entry, long pushed, long flags) {
        frame.here(2).push(pushed).push(cpu.selector[Cpu.CS]).push(back);
        frame.probe();
        frame.pointer(frame.store());
        cpu.systemFlags = flags;
        segments.loadReal(Cpu.CS, (int) (entry >>> 16));
        cpu.nextRip = entry & 0xFFFF;
        segments.changed(cpu.cpl);
    }

    /** INT n is the monitor's or the 8086 program's own (20.3.3, table 20-2). */
    private void fromV86() {
        if (cause != Cause.INT_N) {
            throughGate();
        } else if (isRedirected()) {
            intoV86Handler();
        } else if (cpu.iopl() == 3) {
            throughGate();
        } else {
            throw cpu.gp();
        }
    }

    /** With CR4.VME, a clear bit in the map of 32 octets below the I/O map sends INT n to the program's handler. */
    private boolean isRedirected() {
        if ((cpu.cr4 & ControlRegisters.CR4_VME) == 0) {
            return false;
        }
        long tss = cpu.base[Cpu.TR];
        if (cpu.limit[Cpu.TR] < TaskState.MINIMUM_LIMIT) {
            throw cpu.gp();
        }
        long at = mmu.systemLoad(tss + TaskState.IO_MAP, 2) - 32 + vector / 8;
        if (at < 0 || at > cpu.limit[Cpu.TR]) {
            throw cpu.gp();
        }
        return (mmu.systemLoad(tss + at, 1) >> (vector & 7) & 1) == 0;
    }

    private void intoV86Handler() {
        boolean own = cpu.iopl() == 3;
        boolean enabled = cpu.isSet(Rflags.VIF);
        long pushed = own ? image : image & ~Rflags.IF | Rflags.IOPL | (enabled ? Rflags.IF : 0);
        long cleared = Rflags.TF | Rflags.RF | (own ? Rflags.IF : Rflags.VIF);
        long entry = mmu.load32(4L * vector);
        intoReal(entry, pushed, cpu.systemFlags & ~cleared);
    }

    // ---- gates of 8 octets (6.11, 6.12) ----

    private void throughGate() {
        long gate = gate(8);
        SystemType type = SystemType.of(Descriptor.type(gate), false);
        switch (type) {
            case TASK_GATE -> throughTask(gate);
            case INTERRUPT_GATE16, TRAP_GATE16 -> into(gate, 2, Descriptor.gateOffset(gate) & 0xFFFF, type == SystemType.INTERRUPT_GATE16);
            case INTERRUPT_GATE, TRAP_GATE -> into(gate, 4, Descriptor.gateOffset(gate), type == SystemType.INTERRUPT_GATE);
            default -> throw refuse(Vector.GP);
        }
    }

    /** The gate, checked for being there and for the level of who asks. */
    private long gate(int octets) {
        long at = (long) octets * vector;
        if (at + octets - 1 > cpu.idtLimit) {
            throw refuse(Vector.GP);
        }
        long gate = mmu.systemLoad(cpu.idtBase + at, 8);
        SystemType type = SystemType.of(Descriptor.type(gate), octets == 16);
        if (Descriptor.isCodeOrData(gate) || !isEventGate(type) || cause.isChecked() && Descriptor.dpl(gate) < cpu.cpl) {
            throw refuse(Vector.GP);
        }
        if (!Descriptor.isPresent(gate)) {
            throw refuse(Vector.NP);
        }
        return gate;
    }

    private static boolean isEventGate(SystemType type) {
        return switch (type) {
            case TASK_GATE, INTERRUPT_GATE16, TRAP_GATE16, INTERRUPT_GATE, TRAP_GATE -> true;
            default -> false;
        };
    }

    private void throughTask(long gate) {
        boolean withCode = hasCode;
        int errorCode = code;
        int selector = Descriptor.gateSelector(gate);
        long descriptor = tasks.available(selector, Vector.GP);
        tasks.enter(selector, descriptor, Tasks.Way.CALL, back, image);
        if (withCode) {
            pushCode(Descriptor.type(descriptor) < 8 ? 2 : 4, errorCode);
        }
    }

    private void pushCode(int size, int errorCode) {
        frame.here(size).push(errorCode);
        frame.probe();
        frame.pointer(frame.store());
    }

    private void into(long gate, int size, long offset, boolean clearsIf) {
        int selector = Descriptor.gateSelector(gate);
        long descriptor = handlerSegment(selector);
        int level = level(descriptor);
        if (offset > Descriptor.limit(descriptor)) {
            throw cpu.gp();
        }
        boolean v86 = cpu.mode == Mode.VIRTUAL_8086;
        if (level < cpu.cpl) {
            inner.load(level);
            frame.at(inner.selector, inner.descriptor, inner.pointer, size, level);
            pushOuter(v86);
        } else {
            frame.here(size);
        }
        pushReturn();
        segments.markAccessed(selector, descriptor);
        long top = frame.store();
        if (level < cpu.cpl) {
            inner.commit(top);
        } else {
            frame.pointer(top);
        }
        if (v86) {
            dropV86Data();
        }
        arrive(selector, descriptor, level, offset, clearsIf);
    }

    private void pushOuter(boolean v86) {
        if (v86) {
            frame.push(cpu.selector[Cpu.GS]).push(cpu.selector[Cpu.FS]).push(cpu.selector[Cpu.DS]).push(cpu.selector[Cpu.ES]);
        }
        frame.push(cpu.selector[Cpu.SS]).push(cpu.general(4));
    }

    private void pushReturn() {
        frame.push(image).push(cpu.selector[Cpu.CS]).push(back);
        if (hasCode) {
            frame.push(code);
        }
        frame.probe();
    }

    private void dropV86Data() {
        segments.loadNull(Cpu.GS, 0);
        segments.loadNull(Cpu.FS, 0);
        segments.loadNull(Cpu.DS, 0);
        segments.loadNull(Cpu.ES, 0);
    }

    /** Descriptor of a handler's code segment. */
    private long handlerSegment(int selector) {
        if (Selector.isNull(selector)) {
            throw cpu.gp();
        }
        long descriptor = segments.descriptor(selector, Vector.GP);
        boolean wrongSize = cpu.mode.isIa32e() && (!Descriptor.isLong(descriptor) || Descriptor.isBig(descriptor));
        int level = level(descriptor);
        boolean inner = Descriptor.isCode(descriptor) && Descriptor.dpl(descriptor) <= cpu.cpl;
        if (!inner || wrongSize || cpu.mode == Mode.VIRTUAL_8086 && level != 0) {
            throw segments.fault(Vector.GP, selector);
        }
        if (!Descriptor.isPresent(descriptor)) {
            throw segments.fault(Vector.NP, selector);
        }
        return descriptor;
    }

    private int level(long descriptor) {
        return Descriptor.isConforming(descriptor) ? cpu.cpl : Descriptor.dpl(descriptor);
    }

    private void arrive(int selector, long descriptor, int level, long offset, boolean clearsIf) {
        cpu.systemFlags &= ~(long) (Rflags.CLEARED_BY_GATE | (clearsIf ? Rflags.IF : 0));
        segments.commitCode(selector, descriptor, level);
        cpu.nextRip = offset;
        segments.changed(level);
    }

    // ---- gates of 16 octets (6.14) ----

    private void throughGate64() {
        long gate = gate(16);
        long offset = Descriptor.gateOffset(gate, mmu.systemLoad(cpu.idtBase + 16L * vector + 8, 8));
        int selector = Descriptor.gateSelector(gate);
        long descriptor = handlerSegment(selector);
        int level = level(descriptor);
        if (!mmu.isCanonical(offset)) {
            throw cpu.gp();
        }
        long pointer = stack64(Descriptor.gateStack(gate), level);
        frame.at(pointer & -16, level).push(cpu.selector[Cpu.SS]).push(cpu.general(4));
        pushReturn();
        segments.markAccessed(selector, descriptor);
        long top = frame.store();
        if (level < cpu.cpl) {
            inner.commit64(level, top);
        } else {
            cpu.general(4, top);
        }
        arrive(selector, descriptor, level, offset, SystemType.of(Descriptor.type(gate), true) == SystemType.INTERRUPT_GATE);
    }

    private long stack64(int ist, int level) {
        long pointer;
        if (ist != 0) {
            pointer = inner.interruptStack(ist);
        } else if (level < cpu.cpl) {
            pointer = inner.pointer64(level);
        } else {
            pointer = cpu.mode == Mode.LONG_64 ? cpu.general(4) : cpu.general(4) & cpu.stackMask;
        }
        if (!mmu.isCanonical(pointer)) {
            throw cpu.fault(Vector.SS, 0);
        }
        return pointer;
    }
}
