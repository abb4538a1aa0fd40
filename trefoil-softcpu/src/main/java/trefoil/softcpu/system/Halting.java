package trefoil.softcpu.system;

import java.util.EnumSet;
import java.util.Set;
import trefoil.engine.Hypercalls;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;

/** What lets a processor rest, and what leaves it for the hypervisor or for system management: HLT, MONITOR, MWAIT, PAUSE, VMCALL, VMMCALL, RSM. */
public final class Halting implements Family {
    /** What a hypercall from outside of level 0 gives: the operation is not permitted (Linux, virt/kvm/x86/hypercalls: EPERM). */
    public static final long NOT_PERMITTED = -1;

    private static final int PAUSES_BEFORE_YIELD = 64;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final CpuidPolicy cpuid;
    private final Hypercalls hypercalls;
    private int pauses;

    public Halting(Cpu cpu, Mmu mmu, Operands operands, CpuidPolicy cpuid, Hypercalls hypercalls) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.cpuid = cpuid;
        this.hypercalls = hypercalls;
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(Operation.HLT, Operation.MONITOR, Operation.MWAIT, Operation.PAUSE, Operation.VMCALL, Operation.VMMCALL, Operation.RSM);
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case HLT -> halt();
            case MONITOR -> monitor(i);
            case MWAIT -> monitorWait();
            case PAUSE -> pause();
            case VMCALL, VMMCALL -> hypercall();
            case RSM -> throw cpu.ud(); // never in system-management mode (Vol. 2, RSM)
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    /** The guest spins: what it waits for may be up to a processor whose thread waits for this one's place on the host. */
    private void pause() {
        Thread.onSpinWait();
        if ((++pauses & PAUSES_BEFORE_YIELD - 1) == 0) {
            Thread.yield();
        }
    }

    private void halt() {
        if (cpu.cpl != 0) {
            throw cpu.gp();
        }
        cpu.halted = true;
        cpu.attend(Cpu.SELF);
    }

    private void checkMonitor() {
        if (!cpuid.has(CpuFeature.MONITOR) || cpu.cpl != 0) {
            throw cpu.ud();
        }
        if ((int) cpu.general(1) != 0) {
            throw cpu.gp();
        }
    }

    /** Checks the address as a load of an octet does. Nothing is armed: {@link #monitorWait} ends at once. */
    private void monitor(Instruction i) {
        checkMonitor();
        int segment = i.segment() == Instruction.NONE ? Cpu.DS : i.segment();
        mmu.probeRead(operands.linear(segment, Operands.cut(cpu.general(0), i.addressSize()), 1, Access.READ), 1);
    }

    /** A processor may leave the wait for reasons of its own at any time (Vol. 2, MWAIT); software must look again. */
    private void monitorWait() {
        checkMonitor();
        Thread.onSpinWait();
    }

    private void hypercall() {
        if (!cpuid.has(CpuFeature.HYPERVISOR)) {
            throw cpu.ud();
        }
        int size = cpu.mode == Mode.LONG_64 ? 8 : 4;
        long result = NOT_PERMITTED;
        if (cpu.cpl == 0) {
            result = hypercalls.call(cpu.read(Block.RAX, size), cpu.read(Block.RBX, size), cpu.read(Block.RCX, size), cpu.read(Block.RDX, size), cpu.read(Block.RSI, size));
        }
        cpu.write(Block.RAX, size, result);
    }
}
