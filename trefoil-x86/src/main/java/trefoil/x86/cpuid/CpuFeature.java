package trefoil.x86.cpuid;

import static trefoil.x86.cpuid.CpuidRegister.*;

/**
 * Features that CPUID tells by one bit (Intel SDM Vol. 2, CPUID, tables 3-8 to 3-20): leaf, subleaf, register, bit. {@link #BASELINE} stands for what every
 * processor here has: the instructions of the Pentium, which no bit tells.
 */
public enum CpuFeature {
    /** No bit: always there. */
    BASELINE(0, 0, EAX, 0),
    // Leaf 1, EDX.
    FPU(1, 0, EDX, 0), VME(1, 0, EDX, 1), DE(1, 0, EDX, 2), PSE(1, 0, EDX, 3), TSC(1, 0, EDX, 4), MSR(1, 0, EDX, 5), PAE(1, 0, EDX, 6), MCE(1, 0, EDX, 7), CX8(1, 0, EDX, 8), APIC(1, 0, EDX, 9),
    SEP(1, 0, EDX, 11), MTRR(1, 0, EDX, 12), PGE(1, 0, EDX, 13), MCA(1, 0, EDX, 14), CMOV(1, 0, EDX, 15), PAT(1, 0, EDX, 16), PSE36(1, 0, EDX, 17), PSN(1, 0, EDX, 18), CLFSH(1, 0, EDX, 19),
    DS(1, 0, EDX, 21), ACPI(1, 0, EDX, 22), MMX(1, 0, EDX, 23), FXSR(1, 0, EDX, 24), SSE(1, 0, EDX, 25), SSE2(1, 0, EDX, 26), SS(1, 0, EDX, 27), HTT(1, 0, EDX, 28), TM(1, 0, EDX, 29), PBE(1, 0, EDX, 31),
    // Leaf 1, ECX.
    SSE3(1, 0, ECX, 0), PCLMULQDQ(1, 0, ECX, 1), DTES64(1, 0, ECX, 2), MONITOR(1, 0, ECX, 3), DS_CPL(1, 0, ECX, 4), VMX(1, 0, ECX, 5), SMX(1, 0, ECX, 6), EIST(1, 0, ECX, 7), TM2(1, 0, ECX, 8), SSSE3(1, 0, ECX, 9),
    FMA(1, 0, ECX, 12), CX16(1, 0, ECX, 13), PDCM(1, 0, ECX, 15), PCID(1, 0, ECX, 17), DCA(1, 0, ECX, 18), SSE4_1(1, 0, ECX, 19), SSE4_2(1, 0, ECX, 20), X2APIC(1, 0, ECX, 21), MOVBE(1, 0, ECX, 22), POPCNT(1, 0, ECX, 23),
    TSC_DEADLINE(1, 0, ECX, 24), AES(1, 0, ECX, 25), XSAVE(1, 0, ECX, 26), OSXSAVE(1, 0, ECX, 27), AVX(1, 0, ECX, 28), F16C(1, 0, ECX, 29), RDRAND(1, 0, ECX, 30), HYPERVISOR(1, 0, ECX, 31),
    // Leaf 6, EAX.
    ARAT(6, 0, EAX, 2),
    // Leaf 7, subleaf 0, EBX.
    FSGSBASE(7, 0, EBX, 0), TSC_ADJUST(7, 0, EBX, 1), BMI1(7, 0, EBX, 3), HLE(7, 0, EBX, 4), AVX2(7, 0, EBX, 5), SMEP(7, 0, EBX, 7), BMI2(7, 0, EBX, 8), ERMS(7, 0, EBX, 9), INVPCID(7, 0, EBX, 10), RTM(7, 0, EBX, 11),
    ZERO_FCS_FDS(7, 0, EBX, 13), MPX(7, 0, EBX, 14), AVX512F(7, 0, EBX, 16), RDSEED(7, 0, EBX, 18), ADX(7, 0, EBX, 19), SMAP(7, 0, EBX, 20), CLFLUSHOPT(7, 0, EBX, 23), CLWB(7, 0, EBX, 24), SHA(7, 0, EBX, 29),
    // Leaf 7, subleaf 0, ECX and EDX.
    PREFETCHWT1(7, 0, ECX, 0), UMIP(7, 0, ECX, 2), PKU(7, 0, ECX, 3), WAITPKG(7, 0, ECX, 5), CET_SS(7, 0, ECX, 7), VAES(7, 0, ECX, 9), VPCLMULQDQ(7, 0, ECX, 10), LA57(7, 0, ECX, 16), RDPID(7, 0, ECX, 22), CLDEMOTE(7, 0, ECX, 25),
    FSRM(7, 0, EDX, 4), MD_CLEAR(7, 0, EDX, 10), SERIALIZE(7, 0, EDX, 14), CET_IBT(7, 0, EDX, 20), IBRS_IBPB(7, 0, EDX, 26), STIBP(7, 0, EDX, 27), L1D_FLUSH(7, 0, EDX, 28), ARCH_CAPABILITIES(7, 0, EDX, 29), SSBD(7, 0, EDX, 31),
    // Leaf 7, subleaf 1, EAX.
    FZRM(7, 1, EAX, 10), FSRS(7, 1, EAX, 11), FSRC(7, 1, EAX, 12),
    // Leaf 0xD, subleaf 1, EAX.
    XSAVEOPT(0xD, 1, EAX, 0), XSAVEC(0xD, 1, EAX, 1), XGETBV1(0xD, 1, EAX, 2), XSAVES(0xD, 1, EAX, 3),
    // Leaf 0x80000001.
    LAHF64(0x80000001, 0, ECX, 0), LZCNT(0x80000001, 0, ECX, 5), PREFETCHW(0x80000001, 0, ECX, 8), SYSCALL(0x80000001, 0, EDX, 11), NX(0x80000001, 0, EDX, 20), PAGE1GB(0x80000001, 0, EDX, 26), RDTSCP(0x80000001, 0, EDX, 27), LM(0x80000001, 0, EDX, 29),
    // Leaf 0x80000007, EDX.
    INVARIANT_TSC(0x80000007, 0, EDX, 8);

    private final int leaf;
    private final int subleaf;
    private final CpuidRegister register;
    private final int bit;

    CpuFeature(int leaf, int subleaf, CpuidRegister register, int bit) {
        this.leaf = leaf;
        this.subleaf = subleaf;
        this.register = register;
        this.bit = bit;
    }

    /** CPUID's input EAX. */
    public int leaf() {
        return leaf;
    }

    /** CPUID's input ECX. */
    public int subleaf() {
        return subleaf;
    }

    /** The register with the bit. */
    public CpuidRegister register() {
        return register;
    }

    /** Number of the bit. */
    public int bit() {
        return bit;
    }

    /** The bit as a mask; 0 for {@link #BASELINE}. */
    public int mask() {
        return this == BASELINE ? 0 : 1 << bit;
    }
}
