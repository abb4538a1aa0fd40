package trefoil.softcpu.transfer;

import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Mmu;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Efer;
import trefoil.x86.register.Rflags;

/** SYSCALL, SYSRET, SYSENTER, SYSEXIT: changes of level without descriptors (Intel SDM Vol. 2, each; Vol. 3, 5.8.7, 5.8.8). */
final class SystemCalls {
    private static final long LIMIT = 0xFFFF_FFFFL;
    private static final int CODE64 = 0xA09B;
    private static final int CODE32 = 0xC09B;
    private static final int DATA = 0xC093;
    private static final int USER = 0x60;
    private static final int RETURNED_FLAGS = 0x3C7FD7;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Segments segments;

    SystemCalls(Cpu cpu, Mmu mmu, Segments segments) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.segments = segments;
    }

    void syscall() {
        checkEnabled();
        cpu.write(Block.RCX, 8, cpu.nextRip);
        cpu.write(Block.R11, 8, cpu.rflags() & ~(long) Rflags.RF);
        flags(cpu.rflags() & ~(long) Rflags.RF & ~cpu.fmask);
        int selector = (int) (cpu.star >>> 32) & 0xFFFC;
        enter(selector, CODE64, selector + 8 & 0xFFFF, 0);
        cpu.nextRip = cpu.lstar;
    }

    private void checkEnabled() {
        if ((cpu.efer & Efer.SCE) == 0) {
            throw cpu.ud();
        }
    }

    void sysret(boolean wide) {
        checkEnabled();
        long target = cpu.general(1);
        if (cpu.cpl != 0 || wide && !mmu.isCanonical(target)) {
            throw cpu.gp();
        }
        flags(cpu.read(Block.R11, 8) & RETURNED_FLAGS);
        int selector = (int) (cpu.star >>> 48);
        enter((selector + (wide ? 16 : 0) | 3) & 0xFFFF, (wide ? CODE64 : CODE32) | USER, (selector + 8 | 3) & 0xFFFF, 3);
        cpu.nextRip = wide ? target : target & 0xFFFF_FFFFL;
    }

    void sysenter() {
        checkSysenter();
        cpu.systemFlags &= ~(long) (Rflags.VM | Rflags.IF | Rflags.RF);
        boolean wide = (cpu.efer & Efer.LMA) != 0;
        int selector = (int) cpu.sysenterCs & 0xFFFC;
        enter(selector, wide ? CODE64 : CODE32, selector + 8 & 0xFFFF, 0);
        cpu.write(Block.RSP, wide ? 8 : 4, cpu.sysenterEsp);
        cpu.nextRip = wide ? cpu.sysenterEip : cpu.sysenterEip & 0xFFFF_FFFFL;
    }

    void sysexit(boolean wide) {
        checkSysenter();
        long target = cpu.general(2);
        long stack = cpu.general(1);
        if (cpu.cpl != 0 || wide && (!mmu.isCanonical(target) || !mmu.isCanonical(stack))) {
            throw cpu.gp();
        }
        int selector = ((int) cpu.sysenterCs & 0xFFFC) + (wide ? 32 : 16);
        enter((selector | 3) & 0xFFFF, (wide ? CODE64 : CODE32) | USER, (selector + 8 | 3) & 0xFFFF, 3);
        cpu.write(Block.RSP, wide ? 8 : 4, stack);
        cpu.nextRip = wide ? target : target & 0xFFFF_FFFFL;
    }

    private void checkSysenter() {
        if ((cpu.cr0 & ControlRegisters.CR0_PE) == 0 || (cpu.sysenterCs & 0xFFFC) == 0) {
            throw cpu.gp();
        }
    }

    private void flags(long value) {
        cpu.status((int) value);
        cpu.systemFlags = value & (Rflags.DEFINED & ~Rflags.STATUS) | Rflags.ALWAYS;
    }

    /** Flat segments, whatever the tables hold. */
    private void enter(int code, int codeAttributes, int stack, int level) {
        cpu.segment(Cpu.CS, code, 0, LIMIT, codeAttributes);
        cpu.segment(Cpu.SS, stack, 0, LIMIT, level == 3 ? DATA | USER : DATA);
        segments.changed(level);
    }
}
