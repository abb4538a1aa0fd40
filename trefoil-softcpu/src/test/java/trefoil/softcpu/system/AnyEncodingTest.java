package trefoil.softcpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.x86.cpuid.CpuProfile;
import trefoil.x86.encode.EncodingSampler;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;
import trefoil.x86.msr.Msr;
import trefoil.x86.register.Rflags;

/** Whatever operands a program gives: an instruction completes, or leaves all as it was. */
class AnyEncodingTest {
    private static final Set<Vector> POSSIBLE = EnumSet.of(Vector.UD, Vector.GP, Vector.SS, Vector.PF, Vector.DB);

    /** Operations that need not complete when their operands are chosen by chance; all others must at least once at level 0. */
    private static final Set<Operation> RARE = EnumSet.of(Operation.MONITOR, Operation.MWAIT, Operation.RSM, Operation.RDPMC, Operation.XGETBV, Operation.XSETBV, Operation.INVPCID);

    @ParameterizedTest
    @CsvSource({"long,0", "long,3", "protected,0", "protected,3", "real,0", "virtual,3"})
    void completesOrLeavesAllAsItWas(String mode, int cpl) {
        Random random = new Random(5);
        EncodingSampler sampler = new EncodingSampler(random);
        try (Bench bench = new Bench(CpuProfile.PARA.policy().build())) {
            Set<Operation> completed = EnumSet.noneOf(Operation.class);
            Set<Operation> all = EnumSet.noneOf(Operation.class);
            for (Row row : InstructionTable.rows()) {
                if (bench.has(row.operation()) && row.existsIn(mode.equals("long"))) {
                    all.add(row.operation());
                    for (int n = 0; n < 60; n++) {
                        enter(bench, mode, cpl);
                        disorder(bench, random);
                        String hex = HexFormat.of().formatHex(sampler.sample(row, bench.cpu.codeSize));
                        if (attempt(bench, hex)) {
                            completed.add(row.operation());
                        }
                    }
                }
            }
            assertThat(all).hasSizeGreaterThan(55);
            if (cpl == 0) {
                all.removeAll(RARE);
                assertThat(completed).containsAll(all);
            }
        }
    }

    private static void enter(Bench bench, String mode, int cpl) {
        bench.cpu.powerUp();
        switch (mode) {
            case "long" -> bench.long64().level(cpl, 1);
            case "protected" -> bench.protected32().level(cpl, 1);
            case "virtual" -> bench.virtual8086(1);
            default -> bench.lab.mmu.pagingChanged();
        }
    }

    private static void disorder(Bench bench, Random random) {
        Cpu cpu = bench.cpu;
        for (int n = 0; n < 16; n++) {
            cpu.general(n, random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(0x1_0000));
        }
        if (random.nextBoolean()) {
            cpu.general(1, Msr.values()[random.nextInt(Msr.values().length)].number());
        }
        cpu.status(random.nextInt());
        cpu.systemFlags |= random.nextInt() & (Rflags.IF | Rflags.DF);
        cpu.attention.set(Cpu.SELF); // strings stop after one element
    }

    private static boolean attempt(Bench bench, String hex) {
        long[] before = bench.snapshot();
        Fault fault = bench.lab.faultOf(hex);
        if (fault == null) {
            return true;
        }
        assertThat(POSSIBLE).as(hex).contains(fault.vector());
        before[19] = bench.cpu.cr2;
        assertThat(bench.snapshot()).as(hex).isEqualTo(before);
        return false;
    }
}
