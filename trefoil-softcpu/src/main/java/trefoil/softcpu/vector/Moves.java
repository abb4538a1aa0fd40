package trefoil.softcpu.vector;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.FloatingPointControl;

/** Moves between vector registers, memory and general registers, and MXCSR (Intel SDM Vol. 1, 5.4.1, 5.5.1, 5.6.1; Vol. 2 for each). */
public final class Moves implements Family {
    private static final long TOP_OF_LANES = 0x8080_8080_8080_8080L;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final Vectors v;

    public Moves(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.v = new Vectors(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(
                MOVAPS, MOVAPD, MOVDQA, MOVUPS, MOVUPD, MOVDQU, LDDQU, MOVNTPS, MOVNTPD, MOVNTDQ, MOVNTDQA, MOVNTQ, MOVD, MOVQ, MOVQ2DQ, MOVDQ2Q, MOVSS, MOVSD, MOVLPS, MOVLPD, MOVHPS, MOVHPD, MOVHLPS, MOVLHPS,
                MOVSLDUP, MOVSHDUP, MOVDDUP, MOVMSKPS, MOVMSKPD, PMOVMSKB, MASKMOVQ, MASKMOVDQU, EMMS, LDMXCSR, STMXCSR);
    }

    @Override
    public void execute(Instruction i) {
        if (i.operation() == EMMS) {
            v.checkMmx();
            v.enterMmx();
            cpu.x87.valid = 0;
            return;
        }
        if (i.operation() == LDMXCSR || i.operation() == STMXCSR) {
            v.checkSse();
            control(i);
            return;
        }
        v.check(i);
        move(i);
        if (Vectors.usesMmx(i)) {
            v.enterMmx();
        }
    }

    private void move(Instruction i) {
        switch (i.operation()) {
            case MOVAPS, MOVAPD, MOVDQA, MOVUPS, MOVUPD, MOVDQU, LDDQU, MOVNTPS, MOVNTPD, MOVNTDQ, MOVNTDQA, MOVNTQ, MOVQ2DQ, MOVDQ2Q -> {
                v.read(i, 1);
                v.write(i, 0, v.low, v.high);
            }
            // MOVD and MOVQ clear what they do not fill.
            case MOVD, MOVQ -> {
                v.read(i, 1);
                v.write(i, 0, v.low, 0);
            }
            case MOVSS, MOVSD -> scalar(i);
            case MOVLPS, MOVLPD -> half(i, false);
            case MOVHPS, MOVHPD -> half(i, true);
            case MOVHLPS -> cpu.xmm(i.reg(), cpu.xmmHigh(i.rm()), cpu.xmmHigh(i.reg()));
            case MOVLHPS -> cpu.xmm(i.reg(), cpu.xmmLow(i.reg()), cpu.xmmLow(i.rm()));
            case MOVSLDUP, MOVSHDUP, MOVDDUP -> duplicate(i);
            case MOVMSKPS, MOVMSKPD, PMOVMSKB -> mask(i);
            case MASKMOVQ -> masked(i, 8);
            case MASKMOVDQU -> masked(i, 16);
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    /** MOVSS and MOVSD: from memory they clear the rest, between registers they leave it. */
    private void scalar(Instruction i) {
        v.read(i, 1);
        boolean single = i.operation() == MOVSS;
        if (!i.registerForm()) {
            v.write(i, 0, v.low, 0);
            return;
        }
        int to = Vectors.operand(i, 0).addressing() == Addressing.V ? i.reg() : i.rm();
        long kept = cpu.xmmLow(to);
        cpu.xmm(to, single ? kept & 0xFFFF_FFFF_0000_0000L | v.low & 0xFFFF_FFFFL : v.low, cpu.xmmHigh(to));
    }

    private void half(Instruction i, boolean upper) {
        if (Vectors.operand(i, 0).addressing() == Addressing.M) {
            v.write(i, 0, upper ? cpu.xmmHigh(i.reg()) : cpu.xmmLow(i.reg()), 0);
            return;
        }
        v.read(i, 1);
        cpu.xmm(i.reg(), upper ? cpu.xmmLow(i.reg()) : v.low, upper ? v.low : cpu.xmmHigh(i.reg()));
    }

    private void duplicate(Instruction i) {
        v.read(i, 1);
        switch (i.operation()) {
            case MOVSLDUP -> cpu.xmm(i.reg(), twice(v.low), twice(v.high));
            case MOVSHDUP -> cpu.xmm(i.reg(), twice(v.low >>> 32), twice(v.high >>> 32));
            default -> cpu.xmm(i.reg(), v.low, v.low);
        }
    }

    private static long twice(long lane) {
        return lane & 0xFFFF_FFFFL | lane << 32;
    }

    private void mask(Instruction i) {
        v.read(i, 1);
        long bits = switch (i.operation()) {
            case MOVMSKPS -> Long.compress(v.low, 0x8000_0000_8000_0000L) | Long.compress(v.high, 0x8000_0000_8000_0000L) << 2;
            case MOVMSKPD -> v.low >>> 63 | v.high >>> 63 << 1;
            default -> Long.compress(v.low, TOP_OF_LANES) | (Vectors.usesMmx(i) ? 0 : Long.compress(v.high, TOP_OF_LANES) << 8);
        };
        cpu.general(i.reg(), bits);
    }

    /** Octets whose mask's highest bit is set go to DS:rDI. */
    private void masked(Instruction i, int octets) {
        v.read(i, 1);
        long maskLow = v.low;
        long maskHigh = v.high;
        v.read(i, 0);
        long offset = Operands.cut(cpu.general(7), i.addressSize());
        long at = operands.linear(i.segment() == Instruction.NONE ? Cpu.DS : i.segment(), offset, octets, Access.WRITE);
        if ((maskLow & TOP_OF_LANES) != 0 || (maskHigh & TOP_OF_LANES) != 0) {
            mmu.probeWrite(at, octets);
        }
        for (int n = 0; n < octets; n++) {
            int shift = n % 8 * 8 + 7;
            if (((n < 8 ? maskLow : maskHigh) >>> shift & 1) != 0) {
                mmu.store8(at + n, (n < 8 ? v.low : v.high) >>> shift - 7);
            }
        }
    }

    private void control(Instruction i) {
        if (i.operation() == STMXCSR) {
            mmu.store32(operands.linear(i, 4, Access.WRITE), cpu.mxcsr);
            return;
        }
        int value = (int) mmu.load32(operands.linear(i, 4, Access.READ));
        if ((value & ~FloatingPointControl.MXCSR_DEFINED) != 0) {
            throw cpu.gp();
        }
        cpu.mxcsr = value;
    }
}
