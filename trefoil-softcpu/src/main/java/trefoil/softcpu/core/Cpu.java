package trefoil.softcpu.core;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import trefoil.machine.RawMemory;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Efer;
import trefoil.x86.register.FloatingPointControl;
import trefoil.x86.register.Rflags;

/** One processor's registers, and what follows from them. See the package for who may touch it. */
public final class Cpu {
    public static final int ES = 0;
    public static final int CS = 1;
    public static final int SS = 2;
    public static final int DS = 3;
    public static final int FS = 4;
    public static final int GS = 5;
    public static final int LDTR = 6;
    public static final int TR = 7;

    /** Bits of segment attributes ({@link trefoil.x86.state.SegmentState}): type, S, DPL, P, and L, D/B, G. */
    public static final int ATTRIBUTE_P = 1 << 7;
    public static final int ATTRIBUTE_L = 1 << 13;
    public static final int ATTRIBUTE_DB = 1 << 14;

    /** Bits of {@link #attention}: why the processor must leave its loop between two instructions. */
    public static final int INTERRUPT = 1;
    public static final int NMI = 1 << 1;
    public static final int INIT = 1 << 2;
    public static final int STARTUP = 1 << 3;
    /** The machine wants the thread. */
    public static final int STOP = 1 << 4;
    /** Another thread has changed code. */
    public static final int CODE = 1 << 5;
    /** Another processor wants to be alone. */
    public static final int EXCLUSIVE = 1 << 6;
    /** This processor itself: a trap is due, or the mode or the interrupt flag has changed. */
    public static final int SELF = 1 << 7;
    /** HLT is to end without an interrupt. */
    public static final int WAKE = 1 << 8;

    /** Host address of the {@link Block}. */
    public final long block;

    /** {@link Flags}. */
    public long flagResult = 1;

    public long flagAux;
    /** RFLAGS without the status flags, bit 1 set. After a change of VM {@link #modeChanged} is due, of AC {@code Mmu.privilegeChanged}, of TF, IF or RF {@link #attend} with {@link #SELF}. */
    public long systemFlags = Rflags.ALWAYS;

    /** Offset in CS of the instruction that is executed, or of the next one between instructions. */
    public long rip;
    /** Where execution goes on; a branch sets it. */
    public long nextRip;
    /** Interrupts and single steps are held off until the next instruction is over (STI, MOV SS, POP SS). */
    public boolean interruptShadow;

    public final int[] selector = new int[8];
    public final long[] base = new long[8];
    /** Last valid offset, 0 to 2^32 - 1. */
    public final long[] limit = new long[8];
    public final int[] attributes = new int[8];

    public long gdtBase;
    public int gdtLimit = 0xFFFF;
    public long idtBase;
    public int idtLimit = 0xFFFF;

    public long cr0 = ControlRegisters.CR0_RESET;
    public long cr2;
    public long cr3;
    public long cr4;
    public long efer;
    public long xcr0 = ControlRegisters.XCR0_X87;
    /** MSRs of SYSCALL and SYSENTER, of SWAPGS and RDTSCP (Vol. 4, table 2-2). */
    public long star;

    public long lstar;
    public long cstar;
    public long fmask;
    public long sysenterCs;
    public long sysenterEsp;
    public long sysenterEip;
    public long kernelGsBase;
    public long tscAux;
    /** PDPTE registers of PAE paging (Vol. 3, 4.4.1). */
    public final long[] pdpte = new long[4];
    /** DR0 to DR7; 4 and 5 are not used. */
    public final long[] dr = new long[8];
    /** Conditions met for DR6 by the instruction that is executed: a debug trap is due after it. */
    public long pendingDebug;

    public int mxcsr = FloatingPointControl.MXCSR_RESET;
    public final X87 x87 = new X87();

    /** Current privilege level. */
    public int cpl;
    /** HLT: no instruction until an interrupt. */
    public boolean halted;
    public Mode mode = Mode.REAL;
    public CodeSize codeSize = CodeSize.BITS16;
    /** What offsets into the stack are cut to: 16, 32 or 64 bits. */
    public long stackMask = 0xFFFF;
    /** Protected or compatibility mode with all of ES CS SS DS from 0 to 4 GiB, readable and writable as they are usually: accesses need no look at them. Always in 64-bit mode. */
    public boolean flat;
    /** Whether an NMI was delivered and no IRET has followed. */
    public boolean nmiBlocked;

    /** Retired instructions. */
    public long instructions;
    /** What it asked of devices. */
    public final DeviceAccesses devices = new DeviceAccesses();

    /** Reasons to leave the loop between two instructions; any thread adds some. */
    public final AtomicInteger attention = new AtomicInteger();

    private final Fault fault = new Fault();

    /** @param arena where the block lives, as long as the processor */
    public Cpu(Arena arena) {
        block = arena.allocate(Block.SIZE, 64).address();
        reset();
    }

    /** As after INIT or power-up (Vol. 3, table 9-1), beginning at the reset vector. Vector registers, MXCSR, x87, and (beside {@code CR0.CD, NW}) what INIT leaves alone are left to {@link #powerUp}. */
    public void reset() {
        for (int i = 0; i < 16; i++) {
            general(i, 0);
        }
        status(0);
        systemFlags = Rflags.ALWAYS;
        rip = 0xFFF0;
        for (int i = 0; i < 8; i++) {
            segment(i, 0, 0, 0xFFFF, i == LDTR ? 0x82 : i == TR ? 0x8B : i == CS ? 0x9B : 0x93);
        }
        segment(CS, 0xF000, 0xFFFF_0000L, 0xFFFF, 0x9B);
        gdtBase = 0;
        idtBase = 0;
        gdtLimit = 0xFFFF;
        idtLimit = 0xFFFF;
        cr0 = cr0 & (ControlRegisters.CR0_CD | ControlRegisters.CR0_NW) | ControlRegisters.CR0_ET;
        cr2 = 0;
        cr3 = 0;
        cr4 = 0;
        efer = 0;
        java.util.Arrays.fill(dr, 0);
        dr[6] = trefoil.x86.register.DebugRegisters.DR6_ONES;
        dr[7] = trefoil.x86.register.DebugRegisters.DR7_ONES;
        pendingDebug = 0;
        interruptShadow = false;
        nmiBlocked = false;
        halted = false;
        cpl = 0;
        modeChanged();
    }

    /** {@link #reset}, and what only power-up sets. */
    public void powerUp() {
        cr0 = ControlRegisters.CR0_RESET;
        xcr0 = ControlRegisters.XCR0_X87;
        mxcsr = FloatingPointControl.MXCSR_RESET;
        x87.powerUp();
        star = 0;
        lstar = 0;
        cstar = 0;
        fmask = 0;
        sysenterCs = 0;
        sysenterEsp = 0;
        sysenterEip = 0;
        kernelGsBase = 0;
        tscAux = 0;
        RawMemory.fill(block, Block.SIZE, (byte) 0);
        reset();
    }

    // ---- exceptions ----

    /** An exception without an error code, or with 0. */
    public Fault fault(Vector vector) {
        return fault.of(vector, 0);
    }

    public Fault fault(Vector vector, int errorCode) {
        return fault.of(vector, errorCode);
    }

    /** #GP(0). */
    public Fault gp() {
        return fault.of(Vector.GP, 0);
    }

    /** #UD. */
    public Fault ud() {
        return fault.of(Vector.UD, 0);
    }

    // ---- general registers, by number ----

    public long general(int n) {
        return RawMemory.getLong(block + 8L * n);
    }

    public void general(int n, long value) {
        RawMemory.putLong(block + 8L * n, value);
    }

    /**
     * A register's value, zero-extended.
     *
     * @param offset in the block; of an octet register its own
     */
    public long read(int offset, int size) {
        return switch (size) {
            case 1 -> RawMemory.getByte(block + offset) & 0xFFL;
            case 2 -> RawMemory.getShort(block + offset) & 0xFFFFL;
            case 4 -> RawMemory.getInt(block + offset) & 0xFFFF_FFFFL;
            default -> RawMemory.getLong(block + offset);
        };
    }

    /** Writes a register: 32 bits clear the upper half, 8 and 16 bits leave the rest alone (Vol. 1, 3.4.1.1). */
    public void write(int offset, int size, long value) {
        switch (size) {
            case 1 -> RawMemory.putByte(block + offset, (byte) value);
            case 2 -> RawMemory.putShort(block + offset, (short) value);
            case 4 -> RawMemory.putLong(block + offset, value & 0xFFFF_FFFFL);
            default -> RawMemory.putLong(block + offset, value);
        }
    }

    /** Offset of general register {@code n} as an operand of {@code size} octets: without REX, 4 to 7 are AH CH DH BH. */
    public static int offset(int n, int size, boolean rex) {
        return size == 1 && !rex && n >= 4 && n < 8 ? 8 * (n - 4) + 1 : 8 * n;
    }

    public long xmmLow(int n) {
        return RawMemory.getLong(block + Block.XMM + 16L * n);
    }

    public long xmmHigh(int n) {
        return RawMemory.getLong(block + Block.XMM + 16L * n + 8);
    }

    public void xmm(int n, long low, long high) {
        RawMemory.putLong(block + Block.XMM + 16L * n, low);
        RawMemory.putLong(block + Block.XMM + 16L * n + 8, high);
    }

    // ---- flags ----

    public long rflags() {
        return systemFlags | Flags.status(flagResult, flagAux);
    }

    /** The status flags, in their places. */
    public int status() {
        return Flags.status(flagResult, flagAux);
    }

    /** Sets the status flags; other bits are not looked at. */
    public void status(int flags) {
        flagResult = Flags.result(flags);
        flagAux = Flags.aux(flags);
    }

    public boolean carry() {
        return flagAux < 0;
    }

    public void carry(boolean set) {
        flagAux = Flags.withCarry(flagAux, set);
    }

    public boolean isSet(int flag) {
        return (systemFlags & flag) != 0;
    }

    /** 1 or -1 by RFLAGS.DF. */
    public int direction() {
        return (systemFlags & Rflags.DF) == 0 ? 1 : -1;
    }

    public int iopl() {
        return (int) systemFlags >> Rflags.IOPL_SHIFT & 3;
    }

    // ---- segments and mode ----

    /** Loads a segment register with its hidden part; {@link #modeChanged} is due when it is CS or SS, or anything in real mode. */
    public void segment(int n, int newSelector, long newBase, long newLimit, int newAttributes) {
        selector[n] = newSelector;
        base[n] = newBase;
        limit[n] = newLimit;
        attributes[n] = newAttributes;
        if (n < 6) {
            RawMemory.putLong(block + Block.EFFECTIVE_BASE + 8L * n, n < FS && mode == Mode.LONG_64 ? 0 : newBase);
        }
        if (n < 4) {
            flat = mode == Mode.LONG_64 || isFlat();
        }
    }

    /** Sets the base of FS or GS alone. */
    public void base(int n, long newBase) {
        base[n] = newBase;
        RawMemory.putLong(block + Block.EFFECTIVE_BASE + 8L * n, newBase);
    }

    /** What the segment register adds to an offset now. */
    public long effectiveBase(int n) {
        return RawMemory.getLong(block + Block.EFFECTIVE_BASE + 8L * n);
    }

    private boolean isFlat() {
        boolean all = mode.hasDescriptors();
        for (int n = ES; n <= DS; n++) {
            int type = attributes[n] & 0x1F;
            boolean usual = n == CS ? (type & 0x1A) == 0x1A : (type & 0x1E) == 0x12;
            all &= base[n] == 0 && limit[n] == 0xFFFF_FFFFL && usual && (attributes[n] & ATTRIBUTE_P) != 0;
        }
        return all;
    }

    /** Recomputes mode, sizes and effective bases: after CR0.PE, RFLAGS.VM, EFER.LMA, CS or SS have changed. The privilege level is the caller's to set. */
    public void modeChanged() {
        if ((cr0 & ControlRegisters.CR0_PE) == 0) {
            mode = Mode.REAL;
        } else if ((systemFlags & Rflags.VM) != 0) {
            mode = Mode.VIRTUAL_8086;
        } else if ((efer & Efer.LMA) == 0) {
            mode = Mode.PROTECTED;
        } else {
            mode = (attributes[CS] & ATTRIBUTE_L) == 0 ? Mode.COMPATIBILITY : Mode.LONG_64;
        }
        codeSize = mode == Mode.LONG_64 ? CodeSize.BITS64 : (attributes[CS] & ATTRIBUTE_DB) != 0 ? CodeSize.BITS32 : CodeSize.BITS16;
        stackMask = mode == Mode.LONG_64 ? -1L : (attributes[SS] & ATTRIBUTE_DB) != 0 ? 0xFFFF_FFFFL : 0xFFFF;
        for (int n = 0; n < 6; n++) {
            RawMemory.putLong(block + Block.EFFECTIVE_BASE + 8L * n, n < FS && mode == Mode.LONG_64 ? 0 : base[n]);
        }
        flat = mode == Mode.LONG_64 || isFlat();
        attend(SELF);
    }

    /** What offsets of code are cut to. */
    public long ripMask() {
        return switch (codeSize) {
            case BITS16 -> 0xFFFF;
            case BITS32 -> 0xFFFF_FFFFL;
            case BITS64 -> -1L;
        };
    }

    /** Adds reasons to leave the loop. From any thread. */
    public void attend(int reasons) {
        attention.getAndUpdate(now -> now | reasons);
    }
}
