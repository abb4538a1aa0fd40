package trefoil.softcpu.system;

import java.util.EnumSet;
import java.util.Set;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.operand.Family;
import trefoil.x86.cpuid.CpuidAnswer;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.cpuid.CpuidState;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.ControlRegisters;

/** CPUID (Intel SDM Vol. 2): in every mode and at every level; the upper halves of the four registers are cleared. */
public final class Identification implements Family {
    private final Cpu cpu;
    private final CpuidPolicy cpuid;
    private final ModelSpecific msrs;

    public Identification(Cpu cpu, CpuidPolicy cpuid, ModelSpecific msrs) {
        this.cpu = cpu;
        this.cpuid = cpuid;
        this.msrs = msrs;
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(Operation.CPUID);
    }

    @Override
    public void execute(Instruction i) {
        boolean osxsave = (cpu.cr4 & ControlRegisters.CR4_OSXSAVE) != 0;
        CpuidState state = new CpuidState(osxsave, msrs.isApicEnabled(), cpu.xcr0, msrs.xss());
        int leaf = (int) cpu.general(0);
        CpuidAnswer answer = cpuid.answer(leaf, (int) cpu.general(1), state);
        if (leaf == 1) {
            msrs.signMicrocode();
        }
        cpu.write(Block.RAX, 4, answer.eax());
        cpu.write(Block.RBX, 4, answer.ebx());
        cpu.write(Block.RCX, 4, answer.ecx());
        cpu.write(Block.RDX, 4, answer.edx());
        RawMemory.fullFence(); // it serialises (Vol. 3, 9.3)
    }
}
