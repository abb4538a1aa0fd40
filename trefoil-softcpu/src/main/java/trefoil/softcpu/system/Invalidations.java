package trefoil.softcpu.system;

import java.util.EnumSet;
import java.util.Set;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.ControlRegisters;

/** INVLPG and INVPCID: translations that must be forgotten (Intel SDM Vol. 3, 4.10.4.1). */
public final class Invalidations implements Family {
    private static final int ADDRESS = 0;
    private static final int CONTEXT = 1;
    private static final int ALL = 2;
    private static final int ALL_BUT_GLOBAL = 3;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;

    public Invalidations(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(Operation.INVLPG, Operation.INVPCID);
    }

    @Override
    public void execute(Instruction i) {
        if (cpu.cpl != 0) {
            throw cpu.gp();
        }
        switch (i.operation()) {
            case INVLPG -> page(i);
            case INVPCID -> contexts(i);
            default -> throw new IllegalStateException(i.operation().name());
        }
        RawMemory.fullFence();
    }

    /** The address is not checked against the segment; one that is not canonical does nothing. */
    private void page(Instruction i) {
        long linear = operands.offset(i) + cpu.effectiveBase(operands.segment(i));
        if (cpu.mode != Mode.LONG_64) {
            mmu.invalidate(linear & 0xFFFF_FFFFL);
        } else if (mmu.isCanonical(linear)) {
            mmu.invalidate(linear);
        }
    }

    private void contexts(Instruction i) {
        long type = operands.readG(i, cpu.mode == Mode.LONG_64 ? 8 : 4);
        long descriptor = operands.linear(i, 16, Access.READ);
        mmu.probeRead(descriptor, 16);
        long pcid = mmu.load64(descriptor);
        long address = mmu.load64(descriptor + 8);
        if (type < ADDRESS || type > ALL_BUT_GLOBAL || pcid >>> 12 != 0) {
            throw cpu.gp();
        }
        switch ((int) type) {
            case ADDRESS -> {
                checkPcid(pcid);
                checkCanonical(address);
                mmu.invalidate((int) pcid, address);
            }
            case CONTEXT -> {
                checkPcid(pcid);
                mmu.invalidatePcid((int) pcid);
            }
            case ALL, ALL_BUT_GLOBAL -> mmu.invalidateAll(); // more than asked for may be forgotten (4.10.4.1)
            default -> throw new IllegalStateException();
        }
    }

    private void checkPcid(long pcid) {
        if (pcid != 0 && (cpu.cr4 & ControlRegisters.CR4_PCIDE) == 0) {
            throw cpu.gp();
        }
    }

    private void checkCanonical(long address) {
        if (!mmu.isCanonical(address)) {
            throw cpu.gp();
        }
    }
}
