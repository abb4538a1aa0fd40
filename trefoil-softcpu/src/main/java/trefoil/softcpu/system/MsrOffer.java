package trefoil.softcpu.system;

import java.util.EnumSet;
import java.util.Set;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.msr.Msr;

/** Which model-specific registers are there with the features that CPUID tells (Intel SDM Vol. 4, table 2-2, the column of conditions). Others raise #GP(0). */
final class MsrOffer {
    private MsrOffer() {}

    static Set<Msr> of(CpuidPolicy cpuid) {
        Set<Msr> offered = EnumSet.noneOf(Msr.class);
        for (Msr each : Msr.values()) {
            Set<CpuFeature> any = anyOf(each);
            if (any.isEmpty() || any.stream().anyMatch(cpuid::has)) {
                offered.add(each);
            }
        }
        return offered;
    }

    /** Features of which one is enough; none for a register that is always there. */
    private static Set<CpuFeature> anyOf(Msr msr) {
        return switch (msr) {
            case IA32_TIME_STAMP_COUNTER -> Set.of(CpuFeature.TSC);
            case IA32_TSC_ADJUST -> Set.of(CpuFeature.TSC_ADJUST);
            case IA32_SPEC_CTRL -> Set.of(CpuFeature.IBRS_IBPB, CpuFeature.STIBP, CpuFeature.SSBD);
            case IA32_PRED_CMD -> Set.of(CpuFeature.IBRS_IBPB);
            case IA32_FLUSH_CMD -> Set.of(CpuFeature.L1D_FLUSH);
            case IA32_ARCH_CAPABILITIES -> Set.of(CpuFeature.ARCH_CAPABILITIES);
            case IA32_SYSENTER_CS, IA32_SYSENTER_ESP, IA32_SYSENTER_EIP -> Set.of(CpuFeature.SEP);
            case IA32_MCG_CAP, IA32_MCG_STATUS -> Set.of(CpuFeature.MCA);
            case IA32_PAT -> Set.of(CpuFeature.PAT);
            case IA32_XSS -> Set.of(CpuFeature.XSAVES);
            case IA32_EFER -> Set.of(CpuFeature.NX, CpuFeature.LM, CpuFeature.SYSCALL);
            case IA32_STAR, IA32_LSTAR, IA32_CSTAR, IA32_FMASK -> Set.of(CpuFeature.SYSCALL);
            case IA32_FS_BASE, IA32_GS_BASE, IA32_KERNEL_GS_BASE -> Set.of(CpuFeature.LM);
            case IA32_TSC_AUX -> Set.of(CpuFeature.RDTSCP, CpuFeature.RDPID);
            default -> msr.name().contains("MTRR") ? Set.of(CpuFeature.MTRR) : Set.of();
        };
    }
}
