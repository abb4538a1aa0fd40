package trefoil.x86.cpuid;

import static trefoil.x86.cpuid.CpuFeature.*;

import java.util.EnumSet;
import java.util.Set;

/**
 * Named sets of features. Both are an Intel processor of family 6, with fast REP MOVSB/STOSB, a timer and a time stamp counter that never stop, TSC deadline, x2APIC, and
 * neither MWAIT nor, until it is complete, AVX.
 */
public enum CpuProfile {
    /** Tells the guest of the hypervisor and its services. */
    PARA(true),
    /** A processor like any other: no hypervisor bit, no leaves at 0x40000000. */
    PC(false);

    private static final Set<CpuFeature> FEATURES = EnumSet.of(
            FPU, VME, DE, PSE, TSC, MSR, PAE, MCE, CX8, APIC, SEP, MTRR, PGE, MCA, CMOV, PAT, PSE36, CLFSH, MMX, FXSR, SSE, SSE2, SS,
            SSE3, PCLMULQDQ, SSSE3, CX16, PCID, SSE4_1, SSE4_2, X2APIC, MOVBE, POPCNT, TSC_DEADLINE, AES, XSAVE, RDRAND, ARAT,
            FSGSBASE, TSC_ADJUST, SMEP, ERMS, INVPCID, RDSEED, ADX, SMAP, CLFLUSHOPT, CLWB, SHA, UMIP, RDPID, FSRM, ARCH_CAPABILITIES,
            XSAVEOPT, XSAVEC, XGETBV1, XSAVES, LAHF64, LZCNT, PREFETCHW, SYSCALL, NX, PAGE1GB, RDTSCP, LM, INVARIANT_TSC, BMI1, BMI2);

    /** What a processor has together with AVX. */
    private static final Set<CpuFeature> WITH_AVX = EnumSet.of(AVX, AVX2, FMA, F16C);

    private static final Set<KvmFeature> KVM = EnumSet.of(KvmFeature.NOP_IO_DELAY, KvmFeature.CLOCKSOURCE2, KvmFeature.CLOCKSOURCE_STABLE, KvmFeature.STEAL_TIME, KvmFeature.PV_EOI);

    private final boolean aware;

    CpuProfile(boolean aware) {
        this.aware = aware;
    }

    /** Its features. BMI1 and BMI2 use VEX, but no vector register and no XCR0 (Vol. 2, 2.8): they do not wait for AVX. */
    public Set<CpuFeature> features() {
        Set<CpuFeature> features = EnumSet.copyOf(FEATURES);
        if (aware) {
            features.add(HYPERVISOR);
        }
        return features;
    }

    /** What is added when AVX is complete. */
    public static Set<CpuFeature> avx() {
        return EnumSet.copyOf(WITH_AVX);
    }

    /** Services of the hypervisor: kvmclock, steal time, PV EOI; those for several vCPUs are added with them. */
    public Set<KvmFeature> kvmFeatures() {
        return aware ? EnumSet.copyOf(KVM) : EnumSet.noneOf(KvmFeature.class);
    }

    /** A policy to be completed with topology and rates. */
    public CpuidPolicy.Builder policy() {
        return new CpuidPolicy.Builder(features(), kvmFeatures());
    }
}
