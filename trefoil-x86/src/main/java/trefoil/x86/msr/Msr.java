package trefoil.x86.msr;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Model-specific registers that Linux, SeaBIOS, OVMF and GRUB touch. WRMSR that sets a bit outside of {@link #writable()} raises #GP(0); so does RDMSR or WRMSR of a number that is not here (Vol. 2,
 * RDMSR), unless the machine forgives it.
 */
public enum Msr {
    IA32_P5_MC_ADDR(0x0, 0, 0, Rule.READ_ONLY), IA32_P5_MC_TYPE(0x1, 0, 0, Rule.READ_ONLY),
    IA32_TIME_STAMP_COUNTER(0x10, -1, 0, Rule.LIVE), IA32_PLATFORM_ID(0x17, 0, 0, Rule.READ_ONLY),
    /** BSP (bit 8, fixed), x2APIC (10), enable (11), base from bit 12 on. Reset value without BSP. */
    IA32_APIC_BASE(0x1B, 0x000F_FFFF_FFFF_FD00L, 0xFEE0_0800L, Rule.LIVE),
    /** Locked, nothing enabled. */
    IA32_FEATURE_CONTROL(0x3A, 0, 1, Rule.READ_ONLY),
    IA32_TSC_ADJUST(0x3B, -1, 0, Rule.LIVE), IA32_SPEC_CTRL(0x48, 7, 0, Rule.VALUE), IA32_PRED_CMD(0x49, 1, 0, Rule.COMMAND),
    /** Microcode update: writes load nothing. */
    IA32_BIOS_UPDT_TRIG(0x79, -1, 0, Rule.COMMAND),
    IA32_BIOS_SIGN_ID(0x8B, -1, 0xFFFF_FFFF_0000_0000L, Rule.VALUE), MSR_PLATFORM_INFO(0xCE, 0, 0, Rule.READ_ONLY),
    /** Write combining, fixed ranges, eight variable ranges. */
    IA32_MTRRCAP(0xFE, 0, 0x508, Rule.READ_ONLY),
    IA32_ARCH_CAPABILITIES(0x10A, 0, Msr.IMMUNE, Rule.READ_ONLY), IA32_FLUSH_CMD(0x10B, 1, 0, Rule.COMMAND), MSR_MISC_FEATURES_ENABLES(0x140, 0, 0, Rule.VALUE),
    IA32_SYSENTER_CS(0x174, -1, 0, Rule.VALUE), IA32_SYSENTER_ESP(0x175, -1, 0, Rule.CANONICAL), IA32_SYSENTER_EIP(0x176, -1, 0, Rule.CANONICAL),
    /** No banks: machine checks are never reported. */
    IA32_MCG_CAP(0x179, 0, 0, Rule.READ_ONLY),
    IA32_MCG_STATUS(0x17A, 7, 0, Rule.VALUE), IA32_PERF_STATUS(0x198, 0, 0, Rule.READ_ONLY), IA32_PERF_CTL(0x199, 0xFFFF, 0, Rule.VALUE),
    IA32_CLOCK_MODULATION(0x19A, 0x1F, 0, Rule.VALUE), IA32_THERM_INTERRUPT(0x19B, 0x01FF_FFFFL, 0, Rule.VALUE), IA32_THERM_STATUS(0x19C, 0, 0, Rule.READ_ONLY),
    /** Fast strings; no performance monitoring: branch trace and PEBS unavailable. */
    IA32_MISC_ENABLE(0x1A0, 1 | 1 << 16 | 1 << 18 | 1 << 22 | 1 << 23 | 1L << 34, 1 | 1 << 11 | 1 << 12, Rule.VALUE),
    IA32_ENERGY_PERF_BIAS(0x1B0, 15, 6, Rule.VALUE), IA32_DEBUGCTL(0x1D9, 3, 0, Rule.VALUE),
    IA32_MTRR_PHYSBASE0(0x200, 0x000F_FFFF_FFFF_F0FFL, 0, Rule.VALUE), IA32_MTRR_PHYSMASK0(0x201, 0x000F_FFFF_FFFF_F800L, 0, Rule.VALUE),
    IA32_MTRR_PHYSBASE1(0x202, 0x000F_FFFF_FFFF_F0FFL, 0, Rule.VALUE), IA32_MTRR_PHYSMASK1(0x203, 0x000F_FFFF_FFFF_F800L, 0, Rule.VALUE),
    IA32_MTRR_PHYSBASE2(0x204, 0x000F_FFFF_FFFF_F0FFL, 0, Rule.VALUE), IA32_MTRR_PHYSMASK2(0x205, 0x000F_FFFF_FFFF_F800L, 0, Rule.VALUE),
    IA32_MTRR_PHYSBASE3(0x206, 0x000F_FFFF_FFFF_F0FFL, 0, Rule.VALUE), IA32_MTRR_PHYSMASK3(0x207, 0x000F_FFFF_FFFF_F800L, 0, Rule.VALUE),
    IA32_MTRR_PHYSBASE4(0x208, 0x000F_FFFF_FFFF_F0FFL, 0, Rule.VALUE), IA32_MTRR_PHYSMASK4(0x209, 0x000F_FFFF_FFFF_F800L, 0, Rule.VALUE),
    IA32_MTRR_PHYSBASE5(0x20A, 0x000F_FFFF_FFFF_F0FFL, 0, Rule.VALUE), IA32_MTRR_PHYSMASK5(0x20B, 0x000F_FFFF_FFFF_F800L, 0, Rule.VALUE),
    IA32_MTRR_PHYSBASE6(0x20C, 0x000F_FFFF_FFFF_F0FFL, 0, Rule.VALUE), IA32_MTRR_PHYSMASK6(0x20D, 0x000F_FFFF_FFFF_F800L, 0, Rule.VALUE),
    IA32_MTRR_PHYSBASE7(0x20E, 0x000F_FFFF_FFFF_F0FFL, 0, Rule.VALUE), IA32_MTRR_PHYSMASK7(0x20F, 0x000F_FFFF_FFFF_F800L, 0, Rule.VALUE),
    IA32_MTRR_FIX64K_00000(0x250, -1, 0, Rule.MEMORY_TYPES), IA32_MTRR_FIX16K_80000(0x258, -1, 0, Rule.MEMORY_TYPES), IA32_MTRR_FIX16K_A0000(0x259, -1, 0, Rule.MEMORY_TYPES),
    IA32_MTRR_FIX4K_C0000(0x268, -1, 0, Rule.MEMORY_TYPES), IA32_MTRR_FIX4K_C8000(0x269, -1, 0, Rule.MEMORY_TYPES), IA32_MTRR_FIX4K_D0000(0x26A, -1, 0, Rule.MEMORY_TYPES),
    IA32_MTRR_FIX4K_D8000(0x26B, -1, 0, Rule.MEMORY_TYPES), IA32_MTRR_FIX4K_E0000(0x26C, -1, 0, Rule.MEMORY_TYPES), IA32_MTRR_FIX4K_E8000(0x26D, -1, 0, Rule.MEMORY_TYPES),
    IA32_MTRR_FIX4K_F0000(0x26E, -1, 0, Rule.MEMORY_TYPES), IA32_MTRR_FIX4K_F8000(0x26F, -1, 0, Rule.MEMORY_TYPES),
    IA32_PAT(0x277, 0x0707_0707_0707_0707L, 0x0007_0406_0007_0406L, Rule.PAT_TYPES),
    /** Default type, fixed ranges (bit 10), all (bit 11). */
    IA32_MTRR_DEF_TYPE(0x2FF, 0xCFF, 0, Rule.VALUE),
    IA32_TSC_DEADLINE(0x6E0, -1, 0, Rule.LIVE), IA32_PM_ENABLE(0x770, 0, 0, Rule.READ_ONLY), IA32_XSS(0xDA0, 0, 0, Rule.VALUE),
    IA32_EFER(0xC000_0080, 0xD01, 0, Rule.LIVE), IA32_STAR(0xC000_0081, -1, 0, Rule.VALUE), IA32_LSTAR(0xC000_0082, -1, 0, Rule.CANONICAL), IA32_CSTAR(0xC000_0083, -1, 0, Rule.CANONICAL),
    IA32_FMASK(0xC000_0084, 0xFFFF_FFFFL, 0, Rule.VALUE), IA32_FS_BASE(0xC000_0100, -1, 0, Rule.CANONICAL), IA32_GS_BASE(0xC000_0101, -1, 0, Rule.CANONICAL),
    IA32_KERNEL_GS_BASE(0xC000_0102, -1, 0, Rule.CANONICAL), IA32_TSC_AUX(0xC000_0103, 0xFFFF_FFFFL, 0, Rule.VALUE),
    /** The old numbers of kvmclock. */
    MSR_KVM_WALL_CLOCK(0x11, -1, 0, Rule.PARAVIRTUAL), MSR_KVM_SYSTEM_TIME(0x12, -1, 0, Rule.PARAVIRTUAL),
    MSR_KVM_WALL_CLOCK_NEW(0x4b56_4d00, -1, 0, Rule.PARAVIRTUAL), MSR_KVM_SYSTEM_TIME_NEW(0x4b56_4d01, -1, 0, Rule.PARAVIRTUAL), MSR_KVM_ASYNC_PF_EN(0x4b56_4d02, -1, 0, Rule.PARAVIRTUAL),
    /** Address in units of 64 octets from bit 6 on; bit 0 enables. */
    MSR_KVM_STEAL_TIME(0x4b56_4d03, ~0x3EL, 0, Rule.PARAVIRTUAL),
    /** Address in units of 4 octets from bit 2 on; bit 0 enables. */
    MSR_KVM_PV_EOI_EN(0x4b56_4d04, ~2L, 0, Rule.PARAVIRTUAL),
    MSR_KVM_POLL_CONTROL(0x4b56_4d05, 1, 1, Rule.PARAVIRTUAL), MSR_KVM_ASYNC_PF_INT(0x4b56_4d06, 0xFF, 0, Rule.PARAVIRTUAL), MSR_KVM_ASYNC_PF_ACK(0x4b56_4d07, 1, 0, Rule.PARAVIRTUAL),
    MSR_KVM_MIGRATION_CONTROL(0x4b56_4d08, 1, 0, Rule.PARAVIRTUAL);

    /**
     * IA32_ARCH_CAPABILITIES of a processor that does not speculate: RDCL_NO, RSBA not, SKIP_L1DFL_VMENTRY, SSB_NO, MDS_NO, IF_PSCHANGE_MC_NO, TAA_NO, SBDR_SSDP_NO, FBSDP_NO, PSDP_NO, BHI_NO,
     * PBRSB_NO, GDS_NO, RFDS_NO, ITS_NO.
     */
    static final long IMMUNE = 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 20 | 1 << 24 | 1 << 26 | 1 << 27 | 1L << 62;

    /** First MSR of the x2APIC (Vol. 3, table 11-6): 0x800 and the offset in the memory-mapped page divided by 16. */
    public static final int X2APIC_FIRST = 0x800;
    /** Last MSR of the range reserved for the x2APIC. */
    public static final int X2APIC_LAST = 0x8FF;

    private static final Map<Integer, Msr> BY_NUMBER = new HashMap<>();

    static {
        for (Msr each : values()) {
            BY_NUMBER.put(each.number, each);
        }
    }

    private final int number;
    private final long writable;
    private final long reset;
    private final Rule rule;

    Msr(int number, long writable, long reset, Rule rule) {
        this.number = number;
        this.writable = writable;
        this.reset = reset;
        this.rule = rule;
    }

    /** The register of a number, as ECX has it. */
    public static Optional<Msr> of(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }

    /** The number, as ECX has it. */
    public int number() {
        return number;
    }

    /** Bits that may be changed by WRMSR; addresses in them end at MAXPHYADDR too. */
    public long writable() {
        return writable;
    }

    /** Value after reset. */
    public long reset() {
        return reset;
    }

    /** How it behaves. */
    public Rule rule() {
        return rule;
    }

    /** Whether WRMSR of {@code value} raises #GP(0), with {@code linearBits} of canonical addresses. */
    public boolean refuses(long value, int linearBits) {
        return switch (rule) {
            case READ_ONLY -> true;
            case CANONICAL -> value << 64 - linearBits >> 64 - linearBits != value;
            case MEMORY_TYPES -> !areTypes(value, 0b0111_0011);
            case PAT_TYPES -> !areTypes(value, 0b1111_0011);
            case VALUE, COMMAND, LIVE, PARAVIRTUAL -> (value & ~(writable | reset)) != 0; // bits that are fixed may be written back
        };
    }

    /** Whether each octet is a memory type (Vol. 3, table 12-2): UC 0, WC 1, WT 4, WP 5, WB 6, and UC- 7 in the PAT. */
    private static boolean areTypes(long value, int allowed) {
        for (long rest = value; rest != 0; rest >>>= 8) {
            int type = (int) rest & 0xFF;
            if (type > 7 || (allowed >> type & 1) == 0) {
                return false;
            }
        }
        return true;
    }

    /** How a register behaves. */
    public enum Rule {
        /** Keeps what is written. */
        VALUE,
        /** WRMSR raises #GP(0). */
        READ_ONLY,
        /** Keeps a canonical address, refuses others. */
        CANONICAL,
        /** Keeps eight memory types of the MTRRs. */
        MEMORY_TYPES,
        /** Keeps eight memory types of the PAT. */
        PAT_TYPES,
        /** Acts when written; keeps nothing. */
        COMMAND,
        /** Belongs to a part of the processor that has more rules: time stamp counter, APIC, EFER. */
        LIVE,
        /** A service of the hypervisor; there only when CPUID says so. */
        PARAVIRTUAL
    }
}
