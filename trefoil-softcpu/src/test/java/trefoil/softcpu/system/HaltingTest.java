package trefoil.softcpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.fixture.Lab;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuProfile;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Rflags;

/** Waiting, hints, invalidation, hypercalls, random numbers, and which instructions there are. */
class HaltingTest {
    private final Bench bench = new Bench();
    private final Cpu cpu = bench.cpu;

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void halt() {
        bench.long64();
        cpu.attention.set(0);
        bench.level(3, 3).faults("f4", Vector.GP);
        assertThat(cpu.halted).isFalse();
        bench.level(0, 0).execute("f4");
        assertThat(cpu.halted).isTrue();
        assertThat(cpu.attention.get()).isEqualTo(Cpu.SELF);
        cpu.reset();
        assertThat(cpu.halted).isFalse();
    }

    @Test
    void monitorNeedsItsFeature() {
        bench.long64();
        bench.faults("0f01c8", Vector.UD);
        bench.faults("0f01c9", Vector.UD);
        try (Bench other = new Bench(CpuProfile.PC.policy().with(CpuFeature.MONITOR).build())) {
            other.long64().rax(0x2000).rcx(0).execute("0f01c8");
            other.execute("0f01c9");
            other.rax(0x4000_0000);
            assertThat(other.lab.faultOf("0f01c8").vector()).isEqualTo(Vector.PF);
            other.rcx(1).faults("0f01c9", Vector.GP);
            other.rcx(0).level(3, 3).faults("0f01c9", Vector.UD);
        }
    }

    @Test
    void hypercalls() {
        bench.long64();
        bench.faults("0f01c1", Vector.UD);
        bench.faults("0f01d9", Vector.UD);
        try (Bench para = new Bench(CpuProfile.PARA.policy().build())) {
            para.long64();
            for (int n : new int[] {1, 2, 3, 6}) {
                para.cpu.general(n, 0xA_0000_0000L + n);
            }
            for (String hex : new String[] {"0f01c1", "0f01d9"}) {
                para.hypercall = null;
                para.execute(hex, 5);
                assertThat(para.hypercall).containsExactly(5, 0xA_0000_0003L, 0xA_0000_0001L, 0xA_0000_0002L, 0xA_0000_0006L);
                assertThat(para.rax()).isEqualTo(0x1_2345_6789L);
            }
            para.hypercall = null;
            para.level(3, 0).execute("0f01c1", 5);
            assertThat(para.hypercall).isNull();
            assertThat(para.rax()).isEqualTo(-1);
            para.protected32().execute("0f01c1", 5);
            assertThat(para.hypercall).containsExactly(5, 3, 1, 2, 6);
            assertThat(para.rax()).isEqualTo(0x2345_6789L);
        }
    }

    @Test
    void hintsChangeNothingAndDoNotFault() {
        bench.long64();
        cpu.general(0, 0x0000_8000_0000_0000L); // an address that no access could have
        long flags = cpu.rflags();
        for (String hex : new String[] {"90", "f390", "0f1f00", "0f1800", "0f1808", "0f1810", "0f1818", "0f0d08", "0f0d00", "f30f1efa", "f30f1efb", "0faee8", "0faef0", "0faef8", "0f09", "0f08"}) {
            bench.execute(hex);
        }
        assertThat(cpu.rflags()).isEqualTo(flags);
        assertThat(bench.rax()).isEqualTo(0x0000_8000_0000_0000L);
        for (String hex : new String[] {"0fae38", "660fae38", "660fae30"}) {
            bench.faults(hex, Vector.GP);
        }
        cpu.general(0, 0x4000_0000);
        assertThat(bench.lab.faultOf("0fae38").vector()).isEqualTo(Vector.PF);
        bench.execute("0fae38", 0x2000);
        bench.protected32();
        cpu.segment(Cpu.CS, 8, 0, 0xFFFF_FFFFL, 0xC099); // may only be executed
        bench.execute("2e0fae38", 0x2000);
        bench.long64();
        bench.level(3, 3).faults("0f09", Vector.GP);
        bench.faults("0f08", Vector.GP);
        bench.faults("0f0138", Vector.GP);
        bench.execute("0faef0");
    }

    @Test
    void noSystemManagementToReturnFrom() {
        bench.long64().faults("0faa", Vector.UD);
    }

    @Test
    void randomNumbers() {
        bench.long64();
        Set<Long> seen = new HashSet<>();
        for (String hex : new String[] {"480fc7f0", "480fc7f8"}) {
            cpu.status(Rflags.STATUS & ~Rflags.CF);
            bench.execute(hex, 0);
            seen.add(bench.rax());
            assertThat(cpu.status()).isEqualTo(Rflags.CF);
        }
        assertThat(seen).hasSize(2).doesNotContain(0L);
        bench.execute("0fc7f0", -1);
        assertThat(bench.rax() >>> 32).isZero();
        bench.execute("660fc7f8", -1);
        assertThat(bench.rax() >>> 16).isEqualTo(0xFFFF_FFFF_FFFFL);
    }

    // ---- translations ----

    private static final long PAGE = 0x20_0000;

    private void remap(long to) throws Exception {
        bench.lab.memory.putLong(Lab.TABLES + 0x2008, to | 0x87);
    }

    private void descriptor(long pcid, long address) throws Exception {
        bench.lab.memory.putLong(0x3000, pcid);
        bench.lab.memory.putLong(0x3008, address);
        cpu.general(7, 0x3000);
    }

    private void invalidates(long type) throws Exception {
        remap(PAGE);
        bench.lab.mmu.invalidateAll();
        assertThat(bench.lab.mmu.load64(PAGE)).isEqualTo(0x11);
        remap(0x40_0000);
        assertThat(bench.lab.mmu.load64(PAGE)).isEqualTo(0x11);
        bench.execute("660f388207", type); // invpcid rax, [rdi]
        assertThat(bench.lab.mmu.load64(PAGE)).isEqualTo(0x22);
    }

    @Test
    void invpcid() throws Exception {
        bench.long64();
        bench.lab.memory.putLong(PAGE, 0x11);
        bench.lab.memory.putLong(0x40_0000, 0x22);
        descriptor(0, PAGE);
        for (int type = 0; type < 4; type++) {
            invalidates(type);
        }
        String invpcid = "660f388207";
        for (long bad : new long[] {4, -1, 1L << 32}) {
            bench.faults(invpcid, bad, Vector.GP);
        }
        descriptor(1 << 12, PAGE);
        bench.faults(invpcid, 0, Vector.GP);
        bench.faults(invpcid, 2, Vector.GP);
        descriptor(5, PAGE);
        bench.faults(invpcid, 0, Vector.GP); // without CR4.PCIDE
        bench.faults(invpcid, 1, Vector.GP);
        bench.execute(invpcid, 2);
        bench.cr4(ControlRegisters.CR4_PCIDE);
        bench.execute(invpcid, 1);
        descriptor(5, 0x0000_8000_0000_0000L);
        bench.faults(invpcid, 0, Vector.GP);
        bench.execute(invpcid, 1);
        bench.level(3, 3).faults(invpcid, 1, Vector.GP);
    }

    @Test
    void invlpgOfAnAddressThatIsNotCanonicalDoesNothing() {
        bench.long64();
        bench.execute("0f0138", 0x0000_8000_0000_0000L);
        assertThat(cpu.rip).isEqualTo(0xFFF3);
    }

    // ---- features ----

    @Test
    void rowsOfFeaturesThatAreThere() {
        CpuidPolicy policy = CpuProfile.PC.policy().without(CpuFeature.RDRAND).without(CpuFeature.SSE4_2).build();
        Features features = new Features(policy);
        Set<Operation> missing = new HashSet<>();
        Set<Operation> present = new HashSet<>();
        for (Row row : InstructionTable.rows()) {
            (features.allows(row.index()) ? present : missing).add(row.operation());
        }
        assertThat(missing).contains(Operation.RDRAND, Operation.CRC32, Operation.MONITOR, Operation.MWAIT, Operation.VZEROALL, Operation.VFMADD132PD);
        assertThat(present).contains(Operation.MOV, Operation.RDSEED, Operation.FADD, Operation.PADDB, Operation.CPUID, Operation.POPCNT, Operation.ANDN);
        assertThat(present).doesNotContain(Operation.RDRAND, Operation.CRC32);
    }
}
