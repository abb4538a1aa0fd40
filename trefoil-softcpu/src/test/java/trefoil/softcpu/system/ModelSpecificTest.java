package trefoil.softcpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.fixture.Lab;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuProfile;
import trefoil.x86.exception.Vector;
import trefoil.x86.msr.Msr;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Efer;

/** Model-specific registers: each by its rule, and the instructions that show one. */
class ModelSpecificTest {
    private final Bench bench = new Bench(CpuProfile.PC.policy().with(CpuFeature.IBRS_IBPB).with(CpuFeature.L1D_FLUSH).build());
    private final Cpu cpu = bench.cpu;

    @AfterEach
    void close() {
        bench.close();
    }

    /** A value that each rule refuses. */
    private static long bad(Msr msr) {
        return switch (msr.rule()) {
            case READ_ONLY -> msr.reset();
            case CANONICAL -> 0x0000_8000_0000_0000L;
            case MEMORY_TYPES -> 0x0606_0606_0606_0602L;
            case PAT_TYPES -> 0x0306_0606_0606_0606L;
            case VALUE, COMMAND, LIVE, PARAVIRTUAL -> ~(msr.writable() | msr.reset());
        };
    }

    /** A value other than that after reset which is taken. */
    private static long good(Msr msr) {
        return switch (msr) {
            case IA32_STAR -> 0x0023_0010_0000_0000L;
            case IA32_TIME_STAMP_COUNTER, IA32_TSC_ADJUST -> 0x77;
            case IA32_EFER -> Efer.LME | Efer.LMA | Efer.SCE;
            default -> switch (msr.rule()) {
                case CANONICAL -> 0xFFFF_8000_0000_1000L;
                case MEMORY_TYPES -> 0x0605_0401_0006_0504L;
                case PAT_TYPES -> 0x0706_0504_0100_0701L;
                case READ_ONLY, VALUE, COMMAND, LIVE, PARAVIRTUAL -> msr.number() >= 0x200 && msr.number() < 0x210 && (msr.number() & 1) == 0 ? 0x1234_5006L : msr == Msr.IA32_MTRR_DEF_TYPE ? 0xC06
                        : msr.writable() & 0x3FFF_FFFF_FFFFL;
            };
        };
    }

    private static boolean isElsewhere(Msr msr) {
        return msr == Msr.IA32_APIC_BASE || msr == Msr.IA32_TSC_DEADLINE || msr.rule() == Msr.Rule.PARAVIRTUAL;
    }

    @ParameterizedTest
    @EnumSource(Msr.class)
    void eachByItsRule(Msr msr) {
        bench.long64();
        if (isElsewhere(msr)) {
            bench.rcx(msr.number()).faults("0f32", Vector.GP);
            bench.refusesMsr(msr.number(), msr.reset());
            bench.device.held.put(msr.number(), 0x10L);
            bench.writeMsr(msr.number(), 0x20);
            assertThat(bench.readMsr(msr.number())).isEqualTo(0x20);
            return;
        }
        if (msr.rule() == Msr.Rule.COMMAND) {
            bench.rcx(msr.number()).faults("0f32", Vector.GP);
            bench.writeMsr(msr.number(), 1);
        } else if (msr.rule() == Msr.Rule.READ_ONLY) {
            assertThat(bench.readMsr(msr.number())).isEqualTo(msr.reset());
            bench.refusesMsr(msr.number(), msr.reset());
        } else {
            bench.writeMsr(msr.number(), good(msr));
            assertThat(bench.readMsr(msr.number())).isEqualTo(good(msr));
        }
        if (msr.rule() == Msr.Rule.READ_ONLY || bad(msr) != 0) {
            long before = msr.rule() == Msr.Rule.COMMAND ? 0 : bench.readMsr(msr.number());
            bench.refusesMsr(msr.number(), bad(msr));
            assertThat(msr.rule() == Msr.Rule.COMMAND ? 0 : bench.readMsr(msr.number())).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource(Msr.class)
    void valuesAfterReset(Msr msr) {
        if (msr.rule() == Msr.Rule.VALUE || msr.rule() == Msr.Rule.CANONICAL || msr.rule() == Msr.Rule.PAT_TYPES || msr.rule() == Msr.Rule.MEMORY_TYPES) {
            assertThat(bench.readMsr(msr.number())).isEqualTo(msr.reset());
        }
    }

    @Test
    void unknownNumbersAndOtherLevels() {
        bench.long64();
        for (int number : new int[] {0x2, 0x9, 0x17A + 0x1000, 0x800, 0xC000_0085, 0xC000_0104, 0xC001_0015, -1}) {
            bench.rcx(number).faults("0f32", Vector.GP);
            bench.refusesMsr(number, 0);
        }
        bench.level(3, 3).rcx(0xC000_0082).faults("0f32", Vector.GP);
        bench.refusesMsr(0xC000_0082, 0);
        bench.virtual8086(3).rcx(0x10).faults("0f32", Vector.GP);
    }

    @Test
    void registersOfFeaturesThatAreNotThere() {
        try (Bench plain = new Bench(CpuProfile.PC.policy().without(CpuFeature.TSC_ADJUST).without(CpuFeature.MTRR).without(CpuFeature.ARCH_CAPABILITIES).build())) {
            for (Msr msr : Set.of(Msr.IA32_TSC_ADJUST, Msr.IA32_MTRR_FIX4K_C0000, Msr.IA32_MTRRCAP, Msr.IA32_ARCH_CAPABILITIES, Msr.IA32_SPEC_CTRL, Msr.IA32_PRED_CMD, Msr.IA32_FLUSH_CMD)) {
                plain.rcx(msr.number()).faults("0f32", Vector.GP);
                plain.refusesMsr(msr.number(), 0);
            }
        }
    }

    @Test
    void rangesEndWhereMemoryDoes() {
        bench.refusesMsr(0x200, 1L << 46 | 6);
        bench.refusesMsr(0x201, 1L << 46 | 1 << 11);
        bench.refusesMsr(0x202, 2);
        bench.refusesMsr(0x2FF, 0xC07);
        bench.writeMsr(0x201, 0x3FFF_8000_0800L);
        assertThat(bench.readMsr(0x201)).isEqualTo(0x3FFF_8000_0800L);
    }

    @Test
    void devicesComeFirstAndMayRefuse() {
        bench.writeMsr(Bench.DEVICE_MSR, 0x1_0000_0002L);
        assertThat(bench.readMsr(Bench.DEVICE_MSR)).isEqualTo(0x1_0000_0002L);
        bench.refusesMsr(Bench.DEVICE_MSR, 3);
        bench.device.held.put(Bench.DEVICE_MSR, -1L);
        bench.rcx(Bench.DEVICE_MSR).faults("0f32", Vector.GP);
    }

    @Test
    void registersThatLiveInTheCore() {
        bench.long64();
        bench.writeMsr(0xC000_0100, 0x7000_1234_5678L);
        assertThat(cpu.effectiveBase(Cpu.FS)).isEqualTo(0x7000_1234_5678L);
        bench.writeMsr(0xC000_0101, -0x1000);
        assertThat(cpu.effectiveBase(Cpu.GS)).isEqualTo(-0x1000);
        bench.writeMsr(0xC000_0102, 0x55);
        bench.writeMsr(0xC000_0081, 0x66);
        bench.writeMsr(0xC000_0082, 0x77);
        bench.writeMsr(0xC000_0083, 0x88);
        bench.writeMsr(0xC000_0084, 0x99);
        bench.writeMsr(0xC000_0103, 0xAA);
        bench.writeMsr(0x174, 0xBB);
        bench.writeMsr(0x175, 0xCC);
        bench.writeMsr(0x176, 0xDD);
        assertThat(new long[] {cpu.kernelGsBase, cpu.star, cpu.lstar, cpu.cstar, cpu.fmask, cpu.tscAux, cpu.sysenterCs, cpu.sysenterEsp, cpu.sysenterEip})
                .containsExactly(0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD);
    }

    @Test
    void upperHalvesOfTheOperandsDoNotCount() {
        bench.long64();
        bench.rax(0xFFFF_FFFF_0000_0001L).rcx(0xABCD_0000_C000_0102L);
        cpu.general(2, 0xFFFF_FFFF_0000_0002L);
        bench.execute("0f30");
        assertThat(cpu.kernelGsBase).isEqualTo(0x2_0000_0001L);
        bench.execute("0f32", -1);
        assertThat(bench.rax()).isEqualTo(1);
        assertThat(cpu.general(2)).isEqualTo(2);
    }

    @Test
    void efer() {
        bench.long64();
        int efer = 0xC000_0080;
        bench.refusesMsr(efer, Efer.NXE | Efer.SCE); // LME while paging
        bench.refusesMsr(efer, Efer.LME | 1 << 1);
        bench.refusesMsr(efer, Efer.LME | 1 << 12);
        bench.writeMsr(efer, Efer.LME);
        assertThat(cpu.efer).isEqualTo(Efer.LME | Efer.LMA); // LMA is not the program's
        bench.protected32();
        bench.writeMsr(efer, Efer.LMA | Efer.NXE);
        assertThat(cpu.efer).isEqualTo(Efer.NXE);
        try (Bench plain = new Bench(CpuProfile.PC.policy().without(CpuFeature.NX).build())) {
            plain.refusesMsr(efer, Efer.NXE);
        }
    }

    @Test
    void executeDisableCountsAtOnce() throws Exception {
        bench.long64();
        bench.lab.memory.putLong(Lab.TABLES + 0x2008, 0x8000_0000_0020_0087L);
        bench.lab.mmu.load64(0x20_0000);
        bench.writeMsr(0xC000_0080, Efer.LME | Efer.SCE);
        Fault fault = null;
        try {
            bench.lab.mmu.load64(0x20_0000);
        } catch (Fault thrown) {
            fault = thrown;
        }
        assertThat(fault).isNotNull();
        assertThat(fault.errorCode() & 8).isEqualTo(8); // bit 63 is reserved now
    }

    @Test
    void timeStampCounterAndItsAdjustment() {
        bench.writeMsr(0x10, 1000);
        assertThat(bench.tsc.now).isEqualTo(1000);
        long adjust = bench.readMsr(0x3B);
        bench.writeMsr(0x3B, adjust + 5);
        assertThat(bench.readMsr(0x10)).isEqualTo(1005);
    }

    @Test
    void timeStampInstructions() {
        bench.long64();
        cpu.tscAux = 0x8000_0003L;
        bench.execute("0f31", -1);
        assertThat(bench.rax()).isEqualTo(0x9ABC_DEF0L);
        assertThat(cpu.general(2)).isEqualTo(0x1234_5678L);
        bench.level(3, 0).rcx(-1).execute("0f01f9");
        assertThat(cpu.general(1)).isEqualTo(0x8000_0003L);
        bench.execute("f30fc7f8", -1); // rdpid rax
        assertThat(bench.rax()).isEqualTo(0x8000_0003L);
        bench.cr4(ControlRegisters.CR4_TSD);
        bench.faults("0f31", Vector.GP);
        bench.faults("0f01f9", Vector.GP);
        bench.execute("f30fc7f8");
        bench.level(0, 0).execute("0f31");
        bench.faults("0f33", Vector.GP);
        bench.cr4(ControlRegisters.CR4_PCE);
        bench.level(3, 0).faults("0f33", Vector.GP);
    }

    @Test
    void stateHasWhatIsNowhereElse() {
        bench.writeMsr(0xC000_0082, 0xFFFF_8000_0000_1234L);
        bench.writeMsr(0x277, 0x0007_0406_0007_0406L & ~0xFF);
        bench.writeMsr(0xC000_0080, Efer.SCE);
        Map<Integer, Long> state = bench.msrs.state();
        assertThat(state).containsEntry(0xC000_0082, 0xFFFF_8000_0000_1234L).containsEntry(0x277, 0x0007_0406_0007_0400L).containsKey(0x10);
        assertThat(state).doesNotContainKeys(0xC000_0080, 0xC000_0100, 0xC000_0101, 0x1B, 0x6E0, Bench.DEVICE_MSR);
        try (Bench other = new Bench()) {
            other.msrs.restore(state);
            assertThat(other.cpu.lstar).isEqualTo(0xFFFF_8000_0000_1234L);
            assertThat(other.msrs.value(Msr.IA32_PAT)).isEqualTo(0x0007_0406_0007_0400L);
            assertThat(other.tsc.adjust).isZero();
            other.msrs.powerUp();
            assertThat(other.msrs.value(Msr.IA32_PAT)).isEqualTo(Msr.IA32_PAT.reset());
        }
    }

    @Test
    void identificationLoadsTheRevisionOfTheMicrocode() {
        bench.writeMsr(0x8B, 0);
        bench.rcx(0).execute("0fa2", 0);
        assertThat(bench.readMsr(0x8B)).isZero();
        bench.rcx(0).execute("0fa2", 1);
        assertThat(bench.readMsr(0x8B)).isEqualTo(0xFFFF_FFFF_0000_0000L);
    }

    @Test
    void identificationShowsTheState() {
        bench.long64();
        cpu.general(3, -1);
        bench.rcx(0).execute("0fa2", 0xFFFF_FFFF_0000_0000L);
        assertThat(bench.rax()).isEqualTo(0x16);
        assertThat(cpu.general(3)).isEqualTo(0x756E_6547); // "Genu"
        assertThat(cpu.general(1)).isEqualTo(0x6C65_746E);
        assertThat(cpu.general(2)).isEqualTo(0x4965_6E69);
        bench.execute("0fa2", 1);
        assertThat(cpu.read(Block.RCX, 4) & CpuFeature.OSXSAVE.mask()).isZero();
        assertThat(cpu.read(Block.RDX, 4) & CpuFeature.APIC.mask()).isNotZero();
        bench.cr4(ControlRegisters.CR4_OSXSAVE);
        bench.device.held.put(0x1B, 0xFEE0_0000L);
        bench.level(3, 0).execute("0fa2", 1);
        assertThat(cpu.read(Block.RCX, 4) & CpuFeature.OSXSAVE.mask()).isNotZero();
        assertThat(cpu.read(Block.RDX, 4) & CpuFeature.APIC.mask()).isZero();
        cpu.xcr0 = 3;
        bench.rcx(0).execute("0fa2", 0xD);
        assertThat(cpu.general(3)).isEqualTo(576);
        bench.rcx(1).execute("0fa2", 4);
        assertThat(bench.rax() & 0x1F).isEqualTo(2); // the second cache: of instructions
    }
}
