package trefoil.softcpu.system;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.x86.register.ControlRegisters.*;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.fixture.Lab;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuProfile;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.DebugRegisters;
import trefoil.x86.register.Efer;
import trefoil.x86.register.Rflags;

/** Control and debug registers, and the modes they lead to. */
class ControlRegistersTest {
    private static final String TO_CR0 = "0f22c0";
    private static final String TO_CR2 = "0f22d0";
    private static final String TO_CR3 = "0f22d8";
    private static final String TO_CR4 = "0f22e0";
    private static final String TO_CR8 = "440f22c0";
    private static final String FROM_CR0 = "0f20c0";
    private static final String FROM_CR3 = "0f20d8";
    private static final String FROM_CR4 = "0f20e0";
    private static final String FROM_CR8 = "440f20c0";
    private static final int EFER = 0xC000_0080;

    private final Bench bench = new Bench();
    private final Cpu cpu = bench.cpu;

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void realToProtectedToLongAndBack() {
        assertThat(cpu.mode).isEqualTo(Mode.REAL);
        bench.execute(TO_CR0, CR0_PE | CR0_ET);
        assertThat(cpu.mode).isEqualTo(Mode.PROTECTED);
        assertThat(cpu.codeSize).isEqualTo(CodeSize.BITS16);
        long cr3 = tables();
        bench.execute(TO_CR4, CR4_PAE);
        bench.execute(TO_CR3, cr3);
        bench.writeMsr(EFER, Efer.LME | Efer.NXE);
        assertThat(cpu.efer).isEqualTo(Efer.LME | Efer.NXE);
        bench.execute(TO_CR0, CR0_PE | CR0_ET | CR0_PG);
        assertThat(cpu.mode).isEqualTo(Mode.COMPATIBILITY);
        assertThat(cpu.efer).isEqualTo(Efer.LME | Efer.NXE | Efer.LMA);
        cpu.segment(Cpu.CS, 8, 0, 0xFFFF_FFFFL, 0xA09B);
        cpu.modeChanged();
        assertThat(cpu.mode).isEqualTo(Mode.LONG_64);
        assertThat(bench.lab.mmu.load64(0x1000)).isZero();
        bench.faults(TO_CR0, CR0_PE | CR0_ET, Vector.GP); // not out of 64-bit code
        cpu.segment(Cpu.CS, 8, 0, 0xFFFF_FFFFL, 0xC09B);
        cpu.modeChanged();
        bench.execute(TO_CR0, CR0_PE | CR0_ET);
        assertThat(cpu.mode).isEqualTo(Mode.PROTECTED);
        assertThat(cpu.efer).isEqualTo(Efer.LME | Efer.NXE);
        bench.writeMsr(EFER, 0);
        bench.execute(TO_CR0, CR0_ET);
        assertThat(cpu.mode).isEqualTo(Mode.REAL);
        assertThat(bench.pages()).isFalse();
    }

    /** Builds the lab's tables and leaves the state as it was. */
    private long tables() {
        try (Lab other = new Lab().long64()) {
            for (int at = 0; at < 0x3000; at += 8) {
                bench.lab.memory.putLong(Lab.TABLES + at, other.memory.getLong(Lab.TABLES + at));
            }
        } catch (trefoil.machine.GuestMemoryFault e) {
            throw new AssertionError(e);
        }
        return Lab.TABLES;
    }

    @Test
    void cr0RefusesPagingWithoutProtectionAndHighBits() {
        bench.long64();
        for (long bad : new long[] {CR0_PG | CR0_ET, CR0_PE | CR0_PG | CR0_NW, 1L << 32 | cpu.cr0, -1L}) {
            bench.faults(TO_CR0, bad, Vector.GP);
        }
        bench.execute(TO_CR0, cpu.cr0 & ~CR0_ET | 0x1FF8_FFC0L & ~CR0_AM); // low reserved bits are ignored, ET stays
        bench.execute(FROM_CR0);
        assertThat(bench.rax()).isEqualTo(CR0_PE | CR0_PG | CR0_ET | CR0_NE | CR0_WP);
    }

    @Test
    void longModeIsEnteredOnlyWithPae32BitTaskAndCompatibilityCode() {
        bench.protected32();
        cpu.efer = Efer.LME;
        cpu.cr3 = tables();
        bench.faults(TO_CR0, cpu.cr0 | CR0_PG, Vector.GP);
        cpu.cr4 |= CR4_PAE;
        cpu.segment(Cpu.CS, 8, 0, 0xFFFF_FFFFL, 0xA09B);
        bench.faults(TO_CR0, cpu.cr0 | CR0_PG, Vector.GP);
        cpu.segment(Cpu.CS, 8, 0, 0xFFFF_FFFFL, 0xC09B);
        for (int type : new int[] {0x81, 0x83}) {
            cpu.segment(Cpu.TR, 0, 0, 0xFFFF, type);
            bench.faults(TO_CR0, cpu.cr0 | CR0_PG, Vector.GP);
        }
        cpu.segment(Cpu.TR, 0, 0, 0xFFFF, 0x8B);
        bench.execute(TO_CR0, cpu.cr0 | CR0_PG);
        assertThat(cpu.mode).isEqualTo(Mode.COMPATIBILITY);
    }

    @Test
    void paeLoadsPointersAndRefusesReservedBits() throws Exception {
        bench.protected32();
        cpu.cr4 |= CR4_PAE;
        cpu.cr3 = 0x2000;
        bench.lab.memory.putLong(0x2000, 0x5000 | 1);
        bench.lab.memory.putLong(0x2008, 0xFFFF_FFFF_FFFF_FFFEL); // not present: whatever
        bench.lab.memory.putLong(0x2010, 0x5000 | 3);
        bench.faults(TO_CR0, cpu.cr0 | CR0_PG, Vector.GP);
        bench.lab.memory.putLong(0x2010, 1L << 46 | 1);
        bench.faults(TO_CR0, cpu.cr0 | CR0_PG, Vector.GP);
        bench.lab.memory.putLong(0x2010, 0x6000 | 0x19);
        bench.execute(TO_CR0, cpu.cr0 | CR0_PG);
        assertThat(cpu.pdpte).containsExactly(0x5001, -2, 0x6019, 0);
        bench.lab.memory.putLong(0x3000, 0x7000 | 2 | 1);
        bench.faults(TO_CR3, 0x3000, Vector.GP);
        assertThat(cpu.pdpte[0]).isEqualTo(0x5001);
        bench.lab.memory.putLong(0x3000, 0x7000 | 1);
        bench.execute(TO_CR3, 0x3000);
        assertThat(cpu.pdpte[0]).isEqualTo(0x7001);
        bench.lab.memory.putLong(0x3000, 0x8000 | 1);
        bench.execute(TO_CR4, cpu.cr4 | CR4_TSD);
        assertThat(cpu.pdpte[0]).isEqualTo(0x7001);
        bench.execute(TO_CR4, cpu.cr4 | CR4_PGE);
        assertThat(cpu.pdpte[0]).isEqualTo(0x8001);
    }

    @Test
    void cr3ChecksReservedBitsOnlyWhereTheyAre() {
        bench.long64();
        for (long bad : new long[] {1L << 46, 1L << 62, 1L << 63, -1L}) {
            bench.faults(TO_CR3, bad | Lab.TABLES, Vector.GP);
        }
        bench.execute(TO_CR3, Lab.TABLES | 0xFFF);
        bench.execute(FROM_CR3);
        assertThat(bench.rax()).isEqualTo(Lab.TABLES | 0xFFF);
        bench.faults(TO_CR4, cpu.cr4 | CR4_PCIDE, Vector.GP); // low bits of CR3 are not 0
        bench.execute(TO_CR3, Lab.TABLES);
        bench.execute(TO_CR4, cpu.cr4 | CR4_PCIDE);
        bench.execute(TO_CR3, CR3_NO_FLUSH | Lab.TABLES | 7);
        assertThat(cpu.cr3).isEqualTo(Lab.TABLES | 7);
        bench.faults(TO_CR3, 1L << 62 | Lab.TABLES, Vector.GP);
        cpu.segment(Cpu.CS, 8, 0, 0xFFFF_FFFFL, 0xC09B);
        cpu.modeChanged();
        bench.faults(TO_CR0, cpu.cr0 & ~CR0_PG, Vector.GP); // paging stays while PCIDE is set
    }

    @Test
    void bit63KeepsTranslationsAndOthersForget() throws Exception {
        bench.long64();
        bench.execute(TO_CR4, cpu.cr4 | CR4_PCIDE);
        long page = 0x20_0000;
        bench.lab.memory.putLong(page, 0x11);
        bench.lab.memory.putLong(0x40_0000, 0x22);
        assertThat(bench.lab.mmu.load64(page)).isEqualTo(0x11);
        bench.lab.memory.putLong(Lab.TABLES + 0x2008, 0x40_0087);
        bench.execute(TO_CR3, CR3_NO_FLUSH | Lab.TABLES);
        assertThat(bench.lab.mmu.load64(page)).isEqualTo(0x11);
        bench.execute(TO_CR3, Lab.TABLES);
        assertThat(bench.lab.mmu.load64(page)).isEqualTo(0x22);
        bench.lab.memory.putLong(Lab.TABLES + 0x2008, 0x20_0087);
        bench.execute("0f013f"); // invlpg [rdi], another page
        assertThat(bench.lab.mmu.load64(page)).isEqualTo(0x22);
        bench.execute(TO_CR4, cpu.cr4 ^ CR4_PGE);
        assertThat(bench.lab.mmu.load64(page)).isEqualTo(0x11);
        bench.lab.memory.putLong(Lab.TABLES + 0x2008, 0x40_0087);
        bench.execute(TO_CR4, cpu.cr4 & ~CR4_PCIDE);
        assertThat(bench.lab.mmu.load64(page)).isEqualTo(0x22);
        bench.lab.memory.putLong(Lab.TABLES + 0x2008, 0x20_0087);
        cpu.general(7, page);
        bench.execute("0f013f");
        assertThat(bench.lab.mmu.load64(page)).isEqualTo(0x11);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 14, 15, 19, 22, 23, 24, 27, 31, 32, 40, 63})
    void cr4RefusesBitsWithoutAFeature(int bit) {
        bench.long64();
        bench.faults(TO_CR4, cpu.cr4 | 1L << bit, Vector.GP);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 16, 17, 18, 20, 21})
    void cr4KeepsBitsWithAFeature(int bit) {
        bench.long64();
        bench.execute(TO_CR4, CR4_PAE | 1L << bit);
        bench.execute(FROM_CR4);
        assertThat(bench.rax()).isEqualTo(CR4_PAE | 1L << bit);
    }

    @Test
    void cr4HoldsPaeAndLa57InIa32eMode() {
        bench.long64();
        bench.faults(TO_CR4, cpu.cr4 & ~CR4_PAE, Vector.GP);
        try (Bench wide = new Bench(CpuProfile.PC.policy().with(CpuFeature.LA57).build())) {
            wide.long64();
            wide.faults(TO_CR4, wide.cpu.cr4 | CR4_LA57, Vector.GP);
            wide.protected32();
            wide.execute(TO_CR4, CR4_LA57);
            assertThat(wide.cpu.cr4).isEqualTo(CR4_LA57);
        }
        bench.protected32();
        bench.faults(TO_CR4, CR4_PAE | CR4_PCIDE, Vector.GP); // PCIDE only in IA-32e mode
        bench.execute(TO_CR4, CR4_PAE);
        bench.execute(TO_CR4, 0);
        assertThat(cpu.cr4).isZero();
    }

    @Test
    void cr2AndCr8() {
        bench.long64();
        bench.execute(TO_CR2, 0x8000_0000_0000_0001L);
        assertThat(cpu.cr2).isEqualTo(0x8000_0000_0000_0001L);
        bench.faults(TO_CR8, 16, Vector.GP);
        bench.faults(TO_CR8, -1, Vector.GP);
        cpu.attention.set(0);
        bench.execute(TO_CR8, 9);
        assertThat(bench.priority).isEqualTo(9);
        assertThat(cpu.attention.get() & Cpu.INTERRUPT).isNotZero();
        bench.execute(FROM_CR8, 0);
        assertThat(bench.rax()).isEqualTo(9);
    }

    @Test
    void undefinedRegistersAndPrivilege() {
        bench.long64();
        for (String hex : new String[] {"0f20c8", "0f22e8", "0f20f0", "0f22f8", "440f20c8", "440f22d8", "440f21c0", "440f23f8"}) {
            bench.faults(hex, Vector.UD);
        }
        bench.level(3, 3);
        for (String hex : new String[] {TO_CR0, TO_CR2, TO_CR3, TO_CR4, TO_CR8, FROM_CR0, FROM_CR3, FROM_CR4, FROM_CR8, "0f06", "0f01f0", "0f21c0", "0f23f8"}) {
            bench.faults(hex, Vector.GP);
        }
        bench.virtual8086(3);
        bench.faults(TO_CR0, Vector.GP);
        bench.faults("0f01f0", Vector.GP);
    }

    @Test
    void prefixesDoNotChangeTheWidth() {
        bench.protected32();
        bench.execute("66" + FROM_CR0, -1);
        assertThat(bench.rax()).isEqualTo(cpu.cr0);
        bench.long64();
        cpu.cr2 = 0xFFFF_8000_1234_5678L;
        bench.execute("0f20d0", 0);
        assertThat(bench.rax()).isEqualTo(0xFFFF_8000_1234_5678L);
    }

    @Test
    void statusWord() throws Exception {
        bench.execute("0f01f0", 0xFFF1); // lmsw ax
        assertThat(cpu.mode).isEqualTo(Mode.PROTECTED);
        assertThat(cpu.cr0 & 0xFFFF).isEqualTo(CR0_PE | CR0_ET);
        bench.execute("0f01f0", CR0_MP | CR0_EM | CR0_TS);
        assertThat(cpu.cr0 & 0xFFFF).isEqualTo(0x1F);
        bench.execute("0f06"); // clts
        assertThat(cpu.cr0 & 0xFFFF).isEqualTo(0x17);
        bench.long64();
        bench.execute("0f01e0", -1); // smsw eax
        assertThat(bench.rax()).isEqualTo(cpu.cr0);
        bench.execute("660f01e0", -1);
        assertThat(bench.rax()).isEqualTo(-1L << 16 | cpu.cr0 & 0xFFFF);
        bench.lab.memory.putLong(0x100, -1);
        cpu.general(7, 0x100);
        bench.execute("480f0127"); // memory takes 16 bits always
        assertThat(bench.lab.memory.getLong(0x100)).isEqualTo(-1L << 16 | cpu.cr0 & 0xFFFF);
        bench.level(3, 0).execute("0f01e0", 0);
        bench.cr4(CR4_UMIP);
        bench.faults("0f01e0", Vector.GP);
        bench.level(0, 0).execute("0f01e0", 0);
    }

    @Test
    void alignmentMaskIsHeeded() throws Exception {
        bench.long64().level(3, 0);
        cpu.systemFlags |= Rflags.AC;
        bench.lab.mmu.privilegeChanged();
        bench.lab.mmu.load64(0x101);
        bench.level(0, 0).execute(TO_CR0, cpu.cr0 | CR0_AM);
        bench.level(3, 0);
        Fault fault = null;
        try {
            bench.lab.mmu.load64(0x101);
        } catch (Fault thrown) {
            fault = thrown;
        }
        assertThat(fault).isNotNull();
        assertThat(fault.vector()).isEqualTo(Vector.AC);
    }

    @Test
    void debugRegisters() {
        bench.long64();
        bench.execute("0f23c0", 0x8000_0000_0000_1234L); // any address
        assertThat(cpu.dr[0]).isEqualTo(0x8000_0000_0000_1234L);
        bench.execute("0f23f0", 0xFFFF_FFFFL);
        assertThat(cpu.dr[6]).isEqualTo(0xFFFF_EFFFL);
        bench.execute("0f23f0", 0);
        assertThat(cpu.dr[6]).isEqualTo(DebugRegisters.DR6_ONES);
        bench.faults("0f23f0", 1L << 32, Vector.GP);
        bench.faults("0f23f8", 1L << 63, Vector.GP);
        bench.execute("0f23f8", 0xFFFF_DFFFL);
        assertThat(cpu.dr[7]).isEqualTo(0xFFFF_07FFL);
        bench.execute("0f21e8", 0); // DR5 is DR7
        assertThat(bench.rax()).isEqualTo(cpu.dr[7]);
        bench.execute("0f23e0", 1); // DR4 is DR6
        assertThat(cpu.dr[6]).isEqualTo(DebugRegisters.DR6_ONES | 1);
        bench.cr4(CR4_DE);
        bench.faults("0f21e8", Vector.UD);
        bench.faults("0f23e0", Vector.UD);
    }

    @Test
    void generalDetectIsAFaultBeforeTheAccess() {
        bench.long64();
        bench.execute("0f23f8", DebugRegisters.DR7_GD);
        bench.faults("0f21c0", Vector.DB);
        assertThat(cpu.dr[6]).isEqualTo(DebugRegisters.DR6_ONES | DebugRegisters.DR6_BD);
        bench.faults("0f23f8", 0, Vector.DB);
    }

    @Test
    void breakpointsOnDataBegin() {
        bench.long64();
        bench.execute("0f23c0", 0x2000);
        bench.execute("0f23f8", 0x000D_0002); // breakpoint 0: writes of 4 octets
        bench.lab.mmu.store32(0x1FFE, 0);
        assertThat(cpu.pendingDebug).isEqualTo(1);
    }

    @Test
    void extendedControlRegister() {
        bench.long64();
        bench.rcx(0).faults("0f01d0", Vector.UD);
        bench.faults("0f01d1", 3, Vector.UD);
        bench.execute(TO_CR4, cpu.cr4 | CR4_OSXSAVE);
        cpu.general(2, 0);
        for (long bad : new long[] {0, 2, 4, 7, 8}) {
            bench.faults("0f01d1", bad, Vector.GP);
        }
        cpu.general(2, 1);
        bench.faults("0f01d1", 3, Vector.GP);
        cpu.general(2, 0);
        bench.execute("0f01d1", 3);
        assertThat(cpu.xcr0).isEqualTo(3);
        bench.rcx(1).faults("0f01d1", 1, Vector.GP);
        bench.level(3, 0).rcx(0).faults("0f01d1", 1, Vector.GP);
        cpu.general(2, -1);
        bench.execute("0f01d0", -1);
        assertThat(bench.rax()).isEqualTo(3);
        assertThat(cpu.general(2)).isZero();
        bench.rcx(1).execute("0f01d0", -1);
        assertThat(bench.rax()).isEqualTo(1);
        cpu.xmm(15, 0, 1);
        bench.execute("0f01d0", -1);
        assertThat(bench.rax()).isEqualTo(3);
        bench.rcx(2).faults("0f01d0", Vector.GP);
        try (Bench avx = new Bench(CpuProfile.PC.policy().with(CpuFeature.AVX).build())) {
            avx.long64().cr4(CR4_OSXSAVE);
            avx.faults("0f01d1", 5, Vector.GP);
            avx.execute("0f01d1", 7);
            assertThat(avx.cpu.xcr0).isEqualTo(7);
        }
    }
}
