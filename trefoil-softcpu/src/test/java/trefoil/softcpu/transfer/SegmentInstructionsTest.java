package trefoil.softcpu.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import trefoil.softcpu.core.Cpu;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Rflags;

class SegmentInstructionsTest {
    private static final String MOV_DS_AX = "8E D8";
    private static final String MOV_SS_AX = "8E D0";

    private static String fault(Tables t, String hex, int selector) {
        t.cpu.general(0, selector);
        return t.lab.faultOf(hex).getMessage();
    }

    private static void run(Tables t, String hex, int selector) {
        t.cpu.general(0, selector);
        t.lab.execute(hex);
    }

    private static boolean zero(Tables t) {
        return (t.cpu.status() & Rflags.ZF) != 0;
    }

    @Test
    void realModeLoadsTheBaseAlone() {
        try (Tables t = new Tables()) {
            t.cpu.limit[Cpu.DS] = 0xFFFF_FFFFL;
            run(t, MOV_DS_AX, 0x1234);
            assertThat(t.cpu.base[Cpu.DS]).isEqualTo(0x12340);
            assertThat(t.cpu.limit[Cpu.DS]).isEqualTo(0xFFFF_FFFFL);
        }
    }

    @Test
    void dataSegmentsAreChecked() {
        try (Tables t = new Tables().protected32().user32()) {
            assertThat(fault(t, MOV_DS_AX, Tables.DATA0)).isEqualTo("#GP(10)");
            assertThat(fault(t, MOV_DS_AX, Tables.EXECUTE_ONLY)).isEqualTo("#GP(b0)");
            assertThat(fault(t, MOV_DS_AX, Tables.TASK)).isEqualTo("#GP(40)");
            assertThat(fault(t, MOV_DS_AX, 0x1000)).isEqualTo("#GP(1000)");
            t.segment(Tables.ABSENT_DATA, 0, 0xFFFFF, 0x72, 0xC);
            assertThat(fault(t, MOV_DS_AX, Tables.ABSENT_DATA)).isEqualTo("#NP(78)");
            assertThat(t.cpu.selector[Cpu.DS]).isEqualTo(Tables.USER_DATA);
            run(t, MOV_DS_AX, Tables.CONFORMING);
            assertThat(t.cpu.selector[Cpu.DS]).isEqualTo(Tables.CONFORMING);
            run(t, MOV_DS_AX, 3);
            assertThat(t.cpu.attributes[Cpu.DS]).isZero();
        }
    }

    @Test
    void stackSegmentsAreChecked() {
        try (Tables t = new Tables().protected32()) {
            assertThat(fault(t, MOV_SS_AX, 0)).isEqualTo("#GP(0)");
            assertThat(fault(t, MOV_SS_AX, Tables.DATA0 | 1)).isEqualTo("#GP(10)");
            assertThat(fault(t, MOV_SS_AX, Tables.READ_ONLY)).isEqualTo("#GP(80)");
            assertThat(fault(t, MOV_SS_AX, Tables.CODE32)).isEqualTo("#GP(18)");
            assertThat(fault(t, MOV_SS_AX, Tables.USER_DATA)).isEqualTo("#GP(28)");
            assertThat(fault(t, MOV_SS_AX, Tables.ABSENT_DATA)).isEqualTo("#SS(78)");
            assertThat(t.cpu.interruptShadow).isFalse();
            run(t, MOV_SS_AX, Tables.DATA16);
            assertThat(t.cpu.interruptShadow).isTrue();
            assertThat(t.cpu.stackMask).isEqualTo(0xFFFF);
            assertThat(t.cpu.base[Cpu.SS]).isEqualTo(0x20000);
            assertThat(t.get(Tables.GDT + Tables.DATA16 + 5, 1)).as("accessed").isEqualTo(0x93);
        }
    }

    @Test
    void nullStackIn64BitModeBelowLevel3() {
        try (Tables t = new Tables().long64()) {
            assertThat(fault(t, MOV_SS_AX, 1)).isEqualTo("#GP(0)");
            run(t, MOV_SS_AX, 0);
            assertThat(t.cpu.selector[Cpu.SS]).isZero();
            t.user64();
            assertThat(fault(t, MOV_SS_AX, 3)).isEqualTo("#GP(0)");
        }
    }

    @Test
    void pushAndPop() {
        try (Tables t = new Tables().protected32()) {
            t.cpu.selector[Cpu.ES] = Tables.DATA16;
            t.lab.execute("06");
            assertThat(t.get(0x7FFC, 4)).isEqualTo(Tables.DATA16);
            t.lab.execute("17");
            assertThat(t.cpu.selector[Cpu.SS]).isEqualTo(Tables.DATA16);
            assertThat(t.cpu.general(4)).isEqualTo(0x8000);
            assertThat(t.cpu.interruptShadow).isTrue();
        }
        try (Tables t = new Tables().long64()) {
            t.put(0x8000, 8, Tables.USER_DATA);
            t.lab.execute("0F A9");
            assertThat(t.cpu.selector[Cpu.GS]).isEqualTo(Tables.USER_DATA);
            assertThat(t.cpu.general(4)).isEqualTo(0x8008);
            t.lab.execute("0F A8");
            assertThat(t.cpu.general(4)).isEqualTo(0x8000);
        }
    }

    @Test
    void farPointersAreLoadedOrNothingIs() {
        try (Tables t = new Tables().protected32()) {
            t.put(0x6000, 4, 0xAABBCCDDL);
            t.put(0x6004, 2, Tables.USER_CODE32);
            t.cpu.general(0, 0x6000);
            t.lab.execute("0F B5 18");
            assertThat(t.cpu.general(3)).isEqualTo(0xAABBCCDDL);
            assertThat(t.cpu.selector[Cpu.GS]).isEqualTo(Tables.USER_CODE32);
            t.put(0x6004, 2, Tables.ABSENT_DATA);
            assertThat(t.lab.faultOf("C4 08").getMessage()).isEqualTo("#NP(78)");
            assertThat(t.cpu.general(1)).isZero();
        }
    }

    @Test
    void selectorsAreStoredByOperandSize() {
        try (Tables t = new Tables().long64()) {
            t.cpu.general(0, -1);
            t.lab.execute("66 8C D0");
            assertThat(t.cpu.general(0)).isEqualTo(0xFFFF_FFFF_FFFF_0010L);
            t.lab.execute("8C D0");
            assertThat(t.cpu.general(0)).isEqualTo(0x10);
            t.lab.execute("0F 00 C8");
            assertThat(t.cpu.general(0)).isEqualTo(Tables.TASK);
        }
    }

    @Test
    void rightsAndLimits() {
        try (Tables t = new Tables().protected32()) {
            run(t, "0F 02 D8", Tables.CODE32);
            assertThat(t.cpu.general(3)).isEqualTo(0xC09A00);
            assertThat(zero(t)).isTrue();
            run(t, "0F 03 D8", Tables.TASK);
            assertThat(t.cpu.general(3)).isEqualTo(0x67);
            t.put(Tables.GDT + Tables.GATE, 8, Tables.descriptorOfGate(Tables.CODE32, 0, 0x8C, 0));
            run(t, "0F 03 D8", Tables.GATE);
            assertThat(zero(t)).as("a gate has no limit").isFalse();
            assertThat(t.cpu.general(3)).isEqualTo(0x67);
            run(t, "0F 02 D8", 0x1000);
            assertThat(zero(t)).isFalse();
            run(t, "0F 00 E0", Tables.EXECUTE_ONLY);
            assertThat(zero(t)).as("VERR").isFalse();
            run(t, "0F 00 E8", Tables.DATA0);
            assertThat(zero(t)).as("VERW").isTrue();
            t.user32();
            run(t, "0F 00 E8", Tables.DATA0);
            assertThat(zero(t)).isFalse();
        }
    }

    @Test
    void arplRaisesTheLevel() {
        try (Tables t = new Tables().protected32()) {
            t.cpu.general(3, 3);
            run(t, "63 D8", 0x10);
            assertThat(t.cpu.general(0)).isEqualTo(0x13);
            assertThat(zero(t)).isTrue();
            t.cpu.general(3, 1);
            t.lab.execute("63 D8");
            assertThat(t.cpu.general(0)).isEqualTo(0x13);
            assertThat(zero(t)).isFalse();
        }
    }

    @Test
    void localTable() {
        try (Tables t = new Tables().protected32()) {
            run(t, "0F 00 D0", Tables.LOCAL);
            assertThat(t.cpu.base[Cpu.LDTR]).isEqualTo(Tables.LDT);
            t.put(Tables.LDT + 8, 8, trefoil.x86.segment.Descriptor.of(0x55000, 0xFFFF, 0x92, 0));
            run(t, MOV_DS_AX, 0x0C);
            assertThat(t.cpu.base[Cpu.DS]).isEqualTo(0x55000);
            assertThat(fault(t, MOV_DS_AX, 0x24)).isEqualTo("#GP(24)");
            assertThat(fault(t, "0F 00 D0", Tables.DATA0)).isEqualTo("#GP(10)");
            run(t, "0F 00 D0", 0);
            assertThat(fault(t, MOV_DS_AX, 0x0C)).isEqualTo("#GP(c)");
        }
    }

    @Test
    void taskRegisterOf16OctetsInIa32e() {
        try (Tables t = new Tables().long64()) {
            t.put(Tables.GDT + Tables.TASK2 + 8, 8, 0xFFFF_8000L);
            run(t, "0F 00 D8", Tables.TASK2);
            assertThat(t.cpu.base[Cpu.TR]).isEqualTo(0xFFFF_8000_0000_5000L);
            assertThat(t.get(Tables.GDT + Tables.TASK2 + 5, 1)).isEqualTo(0x8B);
            assertThat(fault(t, "0F 00 D8", Tables.TASK2)).as("busy").isEqualTo("#GP(50)");
            assertThat(fault(t, "0F 00 D8", 0)).isEqualTo("#GP(0)");
        }
    }

    @Test
    void tableRegisters() {
        try (Tables t = new Tables().long64()) {
            t.cpu.general(0, 0x6000);
            t.lab.execute("0F 01 00");
            assertThat(t.get(0x6000, 2)).isEqualTo(0xFF);
            assertThat(t.get(0x6002, 8)).isEqualTo(Tables.GDT);
            t.put(0x6002, 8, 0xFFFF_8000_0000_2000L);
            t.lab.execute("0F 01 18");
            assertThat(t.cpu.idtBase).isEqualTo(0xFFFF_8000_0000_2000L);
            t.put(0x6002, 8, 0x8000_0000_0000L);
            assertThat(t.lab.faultOf("0F 01 10").getMessage()).isEqualTo("#GP(0)");
            t.user64();
            assertThat(t.lab.faultOf("0F 01 18").getMessage()).isEqualTo("#GP(0)");
            assertThat(t.lab.faultOf("0F 01 08")).isNull();
            t.cpu.cr4 |= ControlRegisters.CR4_UMIP;
            assertThat(t.lab.faultOf("0F 01 08").getMessage()).isEqualTo("#GP(0)");
        }
    }

    @Test
    void basesOfFsAndGs() {
        try (Tables t = new Tables().long64()) {
            t.cpu.kernelGsBase = 0xFFFF_8000_0000_0000L;
            t.lab.execute("0F 01 F8");
            assertThat(t.cpu.effectiveBase(Cpu.GS)).isEqualTo(0xFFFF_8000_0000_0000L);
            assertThat(t.cpu.kernelGsBase).isZero();
            assertThat(t.lab.faultOf("F3 48 0F AE D0").getMessage()).startsWith("#UD");
            t.cpu.cr4 |= ControlRegisters.CR4_FSGSBASE;
            t.cpu.general(0, 0x1234_5678_9ABCL);
            t.lab.execute("F3 48 0F AE D0");
            t.lab.execute("F3 48 0F AE C3");
            assertThat(t.cpu.general(3)).isEqualTo(0x1234_5678_9ABCL);
            t.cpu.general(0, 0x8000_0000_0000L);
            assertThat(t.lab.faultOf("F3 48 0F AE D8").getMessage()).isEqualTo("#GP(0)");
            t.user64();
            assertThat(t.lab.faultOf("0F 01 F8").getMessage()).isEqualTo("#GP(0)");
        }
    }
}
