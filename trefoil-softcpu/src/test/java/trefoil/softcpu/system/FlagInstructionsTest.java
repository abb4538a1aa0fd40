package trefoil.softcpu.system;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.x86.register.Rflags.*;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuProfile;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.ControlRegisters;

/** Flags, by level, IOPL and mode. */
class FlagInstructionsTest {
    private static final int TOP = 0x8000;
    private static final String PUSHF = "9c";
    private static final String POPF = "9d";
    private static final String CLI = "fa";
    private static final String STI = "fb";

    private final Bench bench = new Bench();
    private final Cpu cpu = bench.cpu;

    @AfterEach
    void close() {
        bench.close();
    }

    private void pop(String hex, long image) throws Exception {
        cpu.general(4, TOP);
        bench.lab.memory.putLong(TOP, image);
        cpu.attention.set(0);
        bench.execute(hex);
    }

    private void popFaults(String hex, long image) throws Exception {
        cpu.general(4, TOP);
        bench.lab.memory.putLong(TOP, image);
        bench.faults(hex, Vector.GP);
    }

    private long push(String hex) throws Exception {
        cpu.general(4, TOP);
        bench.lab.memory.putLong(TOP - 8, -1);
        bench.execute(hex);
        int size = (int) (TOP - cpu.general(4));
        return bench.lab.memory.getLong(TOP - 8) >>> 64 - 8 * size;
    }

    /** Which bits POPF changes, by mode, level and IOPL: all ones are popped over none, then none over all. */
    @ParameterizedTest
    @CsvSource({"0,0", "0,3", "1,0", "1,1", "2,1", "2,3", "3,0", "3,2", "3,3"})
    void popfBySizeLevelAndIopl(int cpl, int iopl) throws Exception {
        for (boolean wide : new boolean[] {true, false}) {
            for (String hex : new String[] {POPF, "66" + POPF}) {
                (wide ? bench.long64() : bench.protected32()).level(cpl, iopl);
                int size = hex.length() > 2 ? 2 : wide ? 8 : 4;
                int changed = STATUS | TF | DF | NT | (size > 2 ? AC | ID : 0) | (cpl == 0 ? IF | IOPL : cpl <= iopl ? IF : 0);
                long clear = ALWAYS | (long) iopl << IOPL_SHIFT;
                cpu.systemFlags = clear | VIF | VIP;
                cpu.status(0);
                pop(hex, -1);
                assertThat(cpu.rflags()).as("%s %d %d", hex, cpl, iopl).isEqualTo(clear | VIF | VIP | changed);
                assertThat(cpu.general(4)).isEqualTo(TOP + size);
                long full = DEFINED & ~(VM | IOPL) | clear;
                cpu.systemFlags = full & ~STATUS;
                cpu.status(STATUS);
                pop(hex, 0);
                assertThat(cpu.rflags()).isEqualTo(full & ~changed & ~(size > 2 ? RF : 0));
                cpu.systemFlags = ALWAYS;
            }
        }
    }

    @Test
    void popfTellsTheLoop() throws Exception {
        bench.long64();
        pop(POPF, ALWAYS);
        assertThat(cpu.attention.get()).isZero();
        pop(POPF, IF);
        assertThat(cpu.attention.get()).isEqualTo(Cpu.SELF);
        assertThat(cpu.interruptShadow).isFalse();
        pop(POPF, IF);
        assertThat(cpu.attention.get()).isZero();
        pop(POPF, TF);
        assertThat(cpu.attention.get()).isEqualTo(Cpu.SELF);
    }

    @Test
    void popfOfAcOpensUserPages() throws Exception {
        bench.long64().cr4(ControlRegisters.CR4_SMAP);
        assertThat(isRefused(0x3000)).isTrue();
        bench.execute("0f01cb"); // stac
        assertThat(isRefused(0x3000)).isFalse();
        pop(POPF, ALWAYS);
        assertThat(isRefused(0x3000)).isTrue();
        bench.execute("0f01cb");
        bench.execute("0f01ca"); // clac
        assertThat(cpu.isSet(AC)).isFalse();
        assertThat(isRefused(0x3000)).isTrue();
        bench.level(3, 0).faults("0f01ca", Vector.UD);
        bench.faults("0f01cb", Vector.UD);
    }

    private boolean isRefused(long address) {
        try {
            bench.lab.mmu.load8(address);
            return false;
        } catch (Fault fault) {
            return true;
        }
    }

    @Test
    void popfThatFaultsChangesNothing() {
        bench.long64();
        cpu.general(4, 0x4000_0000); // not mapped
        cpu.systemFlags = ALWAYS | IF;
        Fault fault = bench.lab.faultOf(POPF);
        assertThat(fault.vector()).isEqualTo(Vector.PF);
        assertThat(cpu.rflags()).isEqualTo(ALWAYS | IF);
        assertThat(cpu.general(4)).isEqualTo(0x4000_0000);
        cpu.general(4, 0x0000_8000_0000_0000L);
        assertThat(bench.lab.faultOf(POPF).vector()).isEqualTo(Vector.SS);
    }

    @Test
    void pushf() throws Exception {
        bench.long64();
        cpu.systemFlags = DEFINED & ~STATUS & ~VM | ALWAYS;
        cpu.status(CF | ZF);
        long all = DEFINED & ~STATUS & ~VM & ~RF | ALWAYS | CF | ZF;
        assertThat(push(PUSHF)).isEqualTo(all);
        assertThat(cpu.general(4)).isEqualTo(TOP - 8);
        assertThat(push("66" + PUSHF)).isEqualTo(all & 0xFFFF);
        bench.protected32();
        assertThat(push(PUSHF)).isEqualTo(all);
        assertThat(cpu.general(4)).isEqualTo(TOP - 4);
    }

    @Test
    void virtual8086WithIopl3() throws Exception {
        bench.virtual8086(3);
        assertThat(push(PUSHF)).isEqualTo(ALWAYS | IOPL);
        assertThat(push("66" + PUSHF)).isEqualTo(ALWAYS | IOPL);
        pop("66" + POPF, AC | ID | IF | CF);
        assertThat(cpu.rflags()).isEqualTo(ALWAYS | IOPL | VM | AC | ID | IF | CF);
        pop(POPF, 0);
        assertThat(cpu.rflags()).isEqualTo(ALWAYS | IOPL | VM | AC | ID);
        bench.execute(STI);
        assertThat(cpu.isSet(IF)).isTrue();
        bench.execute(CLI);
        assertThat(cpu.isSet(IF)).isFalse();
    }

    @Test
    void virtual8086BelowIopl3() throws Exception {
        bench.virtual8086(2);
        for (String hex : new String[] {PUSHF, "66" + PUSHF, CLI, STI, POPF, "66" + POPF}) {
            popFaults(hex, 0);
        }
        cpu.cr4 |= ControlRegisters.CR4_VME;
        for (String hex : new String[] {"66" + PUSHF, "66" + POPF}) {
            popFaults(hex, 0);
        }
        assertThat(push(PUSHF)).isEqualTo(ALWAYS | IOPL);
        bench.execute(STI);
        assertThat(cpu.systemFlags & (IF | VIF)).isEqualTo(VIF);
        assertThat(push(PUSHF)).isEqualTo(ALWAYS | IOPL | IF);
        bench.execute(CLI);
        assertThat(cpu.systemFlags & (IF | VIF)).isZero();
        pop(POPF, IF | CF | DF);
        assertThat(cpu.rflags()).isEqualTo(ALWAYS | VM | 2 << IOPL_SHIFT | VIF | CF | DF);
        popFaults(POPF, TF);
        pop(POPF, 0);
        assertThat(cpu.rflags()).isEqualTo(ALWAYS | VM | 2 << IOPL_SHIFT);
        cpu.systemFlags |= VIP;
        popFaults(POPF, IF);
        bench.faults(STI, Vector.GP);
        pop(POPF, CF);
        assertThat(cpu.carry()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "2,3", "3,3"})
    void interruptsWithinIopl(int cpl, int iopl) {
        bench.long64().level(cpl, iopl);
        cpu.attention.set(0);
        bench.execute(STI);
        assertThat(cpu.isSet(IF)).isTrue();
        assertThat(cpu.interruptShadow).isTrue();
        assertThat(cpu.attention.get()).isEqualTo(Cpu.SELF);
        cpu.interruptShadow = false;
        bench.execute(STI);
        assertThat(cpu.interruptShadow).isFalse();
        bench.execute(CLI);
        assertThat(cpu.isSet(IF)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1,0", "2,1", "3,0", "3,2"})
    void interruptsAboveIopl(int cpl, int iopl) {
        bench.protected32().level(cpl, iopl);
        bench.faults(STI, Vector.GP);
        bench.faults(CLI, Vector.GP);
        cpu.cr4 |= ControlRegisters.CR4_PVI;
        if (cpl < 3) {
            bench.faults(STI, Vector.GP);
            bench.faults(CLI, Vector.GP);
            return;
        }
        bench.execute(STI);
        assertThat(cpu.systemFlags & (IF | VIF)).isEqualTo(VIF);
        bench.execute(CLI);
        assertThat(cpu.systemFlags & (IF | VIF)).isZero();
        cpu.systemFlags |= VIP;
        bench.faults(STI, Vector.GP);
    }

    @Test
    void interruptsInRealMode() {
        bench.execute(STI);
        assertThat(cpu.isSet(IF)).isTrue();
        bench.execute(CLI);
        assertThat(cpu.isSet(IF)).isFalse();
    }

    @Test
    void singleFlags() {
        bench.protected32();
        cpu.status(OF | ZF | AF | PF);
        bench.execute("f9");
        assertThat(cpu.status()).isEqualTo(OF | ZF | AF | PF | CF);
        bench.execute("d6", 0x1200);
        assertThat(bench.rax()).isEqualTo(0x12FF);
        bench.execute("f5");
        assertThat(cpu.status()).isEqualTo(OF | ZF | AF | PF);
        bench.execute("d6");
        assertThat(bench.rax()).isEqualTo(0x1200);
        bench.execute("f5");
        bench.execute("f8");
        assertThat(cpu.status()).isEqualTo(OF | ZF | AF | PF);
        bench.execute("fd");
        assertThat(cpu.direction()).isEqualTo(-1);
        bench.execute("fc");
        assertThat(cpu.direction()).isEqualTo(1);
        bench.execute("9f", 0xFFFF_FFFFL);
        assertThat(bench.rax()).isEqualTo(0xFFFF_FFFFL & ~0xFF00 | (ZF | AF | PF | ALWAYS) << 8);
        bench.execute("9e", 0xFFFF & ~(ZF << 8));
        assertThat(cpu.status()).isEqualTo(OF | SF | AF | PF | CF);
    }

    @Test
    void lahfIn64BitModeNeedsAFeature() {
        bench.long64();
        bench.execute("9f");
        try (Bench old = new Bench(CpuProfile.PC.policy().without(CpuFeature.LAHF64).build())) {
            old.long64();
            old.faults("9f", Vector.UD);
            old.faults("9e", Vector.UD);
            old.protected32().execute("9e");
        }
    }
}
