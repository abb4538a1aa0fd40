package trefoil.softcpu.system;

import static trefoil.x86.register.ControlRegisters.*;

import trefoil.softcpu.core.Cpu;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.register.Efer;

/** Which values MOV to CR3 and CR4 refuses (Intel SDM Vol. 2, MOV control registers; Vol. 3, 2.5). */
final class ControlValues {
    private final long cr4Defined;
    private final long cr3Reserved;

    ControlValues(CpuidPolicy cpuid, int physicalBits) {
        cr4Defined = CR4_PCE
                | (cpuid.has(CpuFeature.VME) ? CR4_VME | CR4_PVI : 0)
                | (cpuid.has(CpuFeature.TSC) ? CR4_TSD : 0)
                | (cpuid.has(CpuFeature.DE) ? CR4_DE : 0)
                | (cpuid.has(CpuFeature.PSE) ? CR4_PSE : 0)
                | (cpuid.has(CpuFeature.PAE) ? CR4_PAE : 0)
                | (cpuid.has(CpuFeature.MCE) ? CR4_MCE : 0)
                | (cpuid.has(CpuFeature.PGE) ? CR4_PGE : 0)
                | (cpuid.has(CpuFeature.FXSR) ? CR4_OSFXSR : 0)
                | (cpuid.has(CpuFeature.SSE) ? CR4_OSXMMEXCPT : 0)
                | (cpuid.has(CpuFeature.UMIP) ? CR4_UMIP : 0)
                | (cpuid.has(CpuFeature.LA57) ? CR4_LA57 : 0)
                | (cpuid.has(CpuFeature.FSGSBASE) ? CR4_FSGSBASE : 0)
                | (cpuid.has(CpuFeature.PCID) ? CR4_PCIDE : 0)
                | (cpuid.has(CpuFeature.XSAVE) ? CR4_OSXSAVE : 0)
                | (cpuid.has(CpuFeature.SMEP) ? CR4_SMEP : 0)
                | (cpuid.has(CpuFeature.SMAP) ? CR4_SMAP : 0);
        cr3Reserved = -(1L << physicalBits) & ~CR3_NO_FLUSH;
    }

    /** Whether CR3 cannot take {@code value}, written with the bit that keeps translations. */
    boolean isInvalidCr3(Cpu cpu, long value) {
        boolean mayKeep = (cpu.cr4 & CR4_PCIDE) != 0;
        return (value & cr3Reserved) != 0 || value < 0 && !mayKeep;
    }

    /** Whether CR4 cannot take {@code value} now: bits without a feature, what IA-32e mode holds fast, and how PCIDE is to be set. */
    boolean isInvalidCr4(Cpu cpu, long value) {
        if ((value & ~cr4Defined) != 0) {
            return true;
        }
        long changed = cpu.cr4 ^ value;
        boolean active = (cpu.efer & Efer.LMA) != 0;
        if (active && ((value & CR4_PAE) == 0 || (changed & CR4_LA57) != 0)) {
            return true;
        }
        boolean identifies = (changed & value & CR4_PCIDE) != 0;
        return identifies && (!active || (cpu.cr3 & CR3_PCID) != 0);
    }
}
