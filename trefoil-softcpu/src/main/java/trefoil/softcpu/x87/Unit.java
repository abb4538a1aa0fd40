package trefoil.softcpu.x87;

import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.X87;
import trefoil.softcpu.fp.Arithmetic;
import trefoil.softcpu.fp.Conversions;
import trefoil.softcpu.fp.FloatStatus;
import trefoil.softcpu.fp.Packing;
import trefoil.softcpu.fp.Real;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.FloatingPointControl;

/**
 * One processor's x87 at work: what all instructions share. An instruction {@link #begin}s, takes operands, computes by {@link #status}, and then either is {@link #stopped} by an exception that is not masked or commits.
 * Faults come before the first change: {@link #begin} and loads from memory; probes before stores.
 */
final class Unit {
    /** Exceptions found before a computation: unmasked, they leave operands and stack alone (Intel SDM Vol. 1, 8.5). */
    static final int BEFORE = FloatStatus.INVALID | FloatStatus.DENORMAL | FloatStatus.DIVIDE;
    /** Real indefinite: sign, exponent and significand (table 4-3). */
    static final int INDEFINITE_TOP = 0xFFFF;
    static final long INDEFINITE = 0xC000_0000_0000_0000L;

    static final int CONDITIONS = FloatingPointControl.FSW_C0 | FloatingPointControl.FSW_C2 | FloatingPointControl.FSW_C3;
    private static final int CONTROL_DEFINED = 0x1F3F;
    private static final int SUMMARY = FloatingPointControl.FSW_ES | FloatingPointControl.FSW_B;

    final Cpu cpu;
    final Mmu mmu;
    final Operands operands;
    final X87 x;
    final FloatStatus status = new FloatStatus();
    final Arithmetic arithmetic = new Arithmetic(status);
    final Packing packing = new Packing(status);
    final Conversions conversions = new Conversions(status);
    final Real a = new Real();
    final Real b = new Real();
    final Real result = new Real();
    /** Told of an unmasked exception while CR0.NE is 0. */
    Runnable ferr = () -> {};

    Unit(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.x = cpu.x87;
    }

    /** What a control word reads as once it is loaded: bit 6 is always 1, other reserved bits 0 (8.1.5). */
    static int controlWord(int word) {
        return word & CONTROL_DEFINED | FloatingPointControl.FCW_RESET;
    }

    /** ES and B say whether an exception is noted that is not masked (8.1.3.3). */
    static void summarize(X87 x) {
        boolean pending = (x.status & ~x.control & FloatingPointControl.EXCEPTIONS) != 0;
        x.status = pending ? x.status | SUMMARY : x.status & ~SUMMARY;
    }

    // ---- begin ----

    /** #NM, as all x87 instructions but FWAIT. */
    void checkAvailable() {
        if ((cpu.cr0 & (ControlRegisters.CR0_EM | ControlRegisters.CR0_TS)) != 0) {
            throw cpu.fault(Vector.NM, 0);
        }
    }

    /** A waiting instruction: an exception that is pending comes now. With CR0.NE = 0 the board is told, and the instruction goes on as if IGNNE# were asserted (8.7.2). */
    void checkPending() {
        if ((x.status & FloatingPointControl.FSW_ES) != 0) {
            if ((cpu.cr0 & ControlRegisters.CR0_NE) != 0) {
                throw cpu.fault(Vector.MF, 0);
            }
            ferr.run();
        }
    }

    /** Checks, and sets the rules of the computation. */
    void begin() {
        checkAvailable();
        checkPending();
        status.x87(x.control);
    }

    /** Address of the operand in memory. */
    long read(Instruction i, int size) {
        return operands.linear(i, size, Access.READ);
    }

    /** Address of a destination in memory to which a store will go through. */
    long write(Instruction i, int size) {
        long at = operands.linear(i, size, Access.WRITE);
        mmu.probeWrite(at, size);
        return at;
    }

    /** Notes the instruction (8.1.8, 8.1.9); nothing faults any more. C1 is cleared. */
    void commit(Instruction i) {
        x.lastOpcode = (i.opcode() & 7) << 8 | i.modrm();
        x.lastInstruction = cpu.rip;
        x.lastInstructionSelector = cpu.selector[Cpu.CS];
        if (Operands.isMemory(i)) {
            x.lastOperand = operands.offset(i);
            x.lastOperandSelector = cpu.selector[operands.segment(i)];
        }
        x.status &= ~FloatingPointControl.FSW_C1;
    }

    // ---- exceptions ----

    /** Notes the exceptions of the computation; whether one found beforehand is not masked: then nothing else is to happen. */
    boolean stopped() {
        note();
        return (status.unmasked() & BEFORE) != 0;
    }

    /** Notes exceptions, and C1 of a result that is inexact. */
    void note() {
        int flags = status.flags();
        x.status |= flags;
        if ((status.unmasked()) != 0) {
            x.status |= SUMMARY;
        }
        if ((flags & FloatStatus.INEXACT) != 0 && status.roundedUp()) {
            x.status |= FloatingPointControl.FSW_C1;
        }
    }

    /** A stack fault; whether it is masked: then the indefinite value stands in. */
    boolean stackFault(boolean overflow) {
        x.status |= FloatingPointControl.IE | FloatingPointControl.FSW_SF | (overflow ? FloatingPointControl.FSW_C1 : 0);
        boolean masked = (x.control & FloatingPointControl.IE) != 0;
        if (!masked) {
            x.status |= SUMMARY;
        }
        return masked;
    }

    // ---- the stack ----

    int physical(int n) {
        return x.top + n & 7;
    }

    boolean isEmpty(int n) {
        return (x.valid >> physical(n) & 1) == 0;
    }

    Real take(int n, Real to) {
        int p = physical(n);
        return to.unpack(x.signExponent[p], x.significand[p]);
    }

    void put(int n, int top, long bottom) {
        int p = physical(n);
        x.signExponent[p] = top;
        x.significand[p] = bottom;
        x.valid |= 1 << p;
    }

    void putPacked(int n) {
        put(n, packing.signAndExponent(), packing.significand());
    }

    void putIndefinite(int n) {
        put(n, INDEFINITE_TOP, INDEFINITE);
    }

    void pop() {
        x.valid &= ~(1 << x.top);
        x.top = x.top + 1 & 7;
    }

    void push(int top, long bottom) {
        x.top = x.top - 1 & 7;
        put(0, top, bottom);
    }

    /** Pushes, if there is room; else an overflow. */
    void pushChecked(int top, long bottom) {
        if (!isEmpty(7)) {
            if (stackFault(true)) {
                push(INDEFINITE_TOP, INDEFINITE);
            }
            return;
        }
        push(top, bottom);
    }

    void conditions(int bits) {
        x.status = x.status & ~CONDITIONS | bits;
    }
}
