package trefoil.softcpu.system;

import java.util.EnumSet;
import java.util.Set;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;

/** Instructions that change no register: NOP and its kind, prefetches (which never fault, Vol. 2, PREFETCHh), flushes of cache lines (checked as loads of an octet), fences, caches as a whole. */
public final class Hints implements Family {
    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;

    public Hints(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
    }

    @Override
    public Set<Operation> operations() {
        Set<Operation> all = EnumSet.of(Operation.NOP, Operation.ENDBR32, Operation.ENDBR64, Operation.LFENCE, Operation.MFENCE, Operation.SFENCE, Operation.INVD, Operation.WBINVD);
        all.addAll(EnumSet.of(Operation.PREFETCH, Operation.PREFETCHW, Operation.PREFETCHWT1, Operation.PREFETCHNTA, Operation.PREFETCHT0, Operation.PREFETCHT1, Operation.PREFETCHT2));
        all.addAll(EnumSet.of(Operation.CLFLUSH, Operation.CLFLUSHOPT, Operation.CLWB));
        return all;
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case NOP, ENDBR32, ENDBR64, PREFETCH, PREFETCHW, PREFETCHWT1, PREFETCHNTA, PREFETCHT0, PREFETCHT1, PREFETCHT2 -> {}
            case CLFLUSH, CLFLUSHOPT, CLWB -> mmu.probeRead(operands.linear(i, 1, Access.FETCH), 1); // code that may only be executed may be flushed
            case LFENCE, MFENCE, SFENCE -> RawMemory.fullFence();
            case INVD, WBINVD -> caches();
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    /** The host keeps caches coherent: only the order of accesses is left to see to. */
    private void caches() {
        if (cpu.cpl != 0) {
            throw cpu.gp();
        }
        RawMemory.fullFence();
    }
}
