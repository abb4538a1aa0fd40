package trefoil.softcpu.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.fixture.Lab;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.DebugRegisters;
import trefoil.x86.register.Rflags;

class DeliveryTest {
    private static final long HANDLER = 0x12_3456;
    private static final long FAR = 0xFFFF_8000_0012_3456L;

    @Test
    void realModeGoesThroughTheVectorTable() {
        try (Tables t = new Tables()) {
            t.put(4 * 6, 4, 0x1234_5678L);
            t.cpu.general(4, 0x1000);
            t.cpu.segment(Cpu.SS, 0x200, 0x2000, 0xFFFF, 0x93);
            t.cpu.systemFlags |= Rflags.IF | Rflags.TF;
            t.delivery.deliver(Vector.UD, 0);
            assertThat(t.cpu.rip).isEqualTo(0x5678);
            assertThat(t.cpu.base[Cpu.CS]).isEqualTo(0x12340);
            assertThat(t.cpu.general(4)).isEqualTo(0xFFA);
            assertThat(t.get(0x2FFA, 2)).isEqualTo(0xFFF0);
            assertThat(t.get(0x2FFC, 2)).isEqualTo(0xF000);
            assertThat(t.get(0x2FFE, 2)).isEqualTo(0x302);
            assertThat(t.cpu.systemFlags & (Rflags.IF | Rflags.TF)).isZero();
            t.cpu.rip = 0x5678;
            t.lab.execute("CF");
            assertThat(t.cpu.rip).isEqualTo(0xFFF0);
            assertThat(t.cpu.selector[Cpu.CS]).isEqualTo(0xF000);
            assertThat(t.cpu.rflags()).isEqualTo(0x302);
        }
    }

    @Test
    void interruptGateAtTheSameLevelKeepsTheStack() {
        try (Tables t = new Tables().protected32()) {
            t.gate(13, Tables.CODE32, HANDLER, 0x8E);
            t.cpu.systemFlags |= Rflags.IF;
            t.delivery.deliver(Vector.GP, 0xAB0);
            assertThat(t.cpu.rip).isEqualTo(HANDLER);
            assertThat(t.cpu.general(4)).isEqualTo(0x8000 - 16);
            assertThat(t.get(0x7FF0, 4)).isEqualTo(0xAB0);
            assertThat(t.get(0x7FF4, 4)).isEqualTo(0x700);
            assertThat(t.get(0x7FF8, 4)).isEqualTo(Tables.CODE32);
            assertThat(t.get(0x7FFC, 4)).isEqualTo(Rflags.IF | Rflags.RF | 2);
            assertThat(t.cpu.isSet(Rflags.IF)).isFalse();
            assertThat(t.get(Tables.GDT + Tables.CODE32 + 5, 1)).isEqualTo(0x9B);
        }
    }

    @Test
    void trapGateLeavesInterruptsEnabled() {
        try (Tables t = new Tables().protected32()) {
            t.gate(0x40, Tables.CODE32, HANDLER, 0x8F);
            t.cpu.systemFlags |= Rflags.IF | Rflags.NT;
            t.delivery.interrupt(0x40);
            assertThat(t.cpu.isSet(Rflags.IF)).isTrue();
            assertThat(t.cpu.isSet(Rflags.NT)).isFalse();
            assertThat(t.get(0x7FFC, 4)).isEqualTo(Rflags.IF | Rflags.NT | 2);
        }
    }

    @Test
    void gateOf16BitsPushesWords() {
        try (Tables t = new Tables().protected32()) {
            t.gate(0x40, Tables.CODE16, 0x99_1234, 0x86);
            t.delivery.interrupt(0x40);
            assertThat(t.cpu.rip).isEqualTo(0x1234);
            assertThat(t.cpu.base[Cpu.CS]).isEqualTo(0x10000);
            assertThat(t.get(0x7FFA, 2)).isEqualTo(0x700);
            assertThat(t.cpu.general(4)).isEqualTo(0x7FFA);
        }
    }

    @Test
    void innerLevelHasItsOwnStackAndIretComesBack() {
        try (Tables t = new Tables().protected32().user32()) {
            t.gate(14, Tables.CODE32, HANDLER, 0x8E);
            t.delivery.deliver(Vector.PF, 7);
            assertThat(t.cpu.cpl).isZero();
            assertThat(t.cpu.selector[Cpu.SS]).isEqualTo(Tables.DATA0);
            assertThat(t.cpu.general(4)).isEqualTo(0x9000 - 24);
            assertThat(t.get(0x9000 - 24, 4)).isEqualTo(7);
            assertThat(t.get(0x9000 - 8, 4)).isEqualTo(0x8000);
            assertThat(t.get(0x9000 - 4, 4)).isEqualTo(Tables.USER_DATA);
            t.cpu.segment(Cpu.DS, Tables.DATA0, 0, 0xFFFF_FFFFL, 0xC093);
            t.cpu.general(4, t.cpu.general(4) + 4);
            t.lab.execute("CF");
            assertThat(t.cpu.cpl).isEqualTo(3);
            assertThat(t.cpu.rip).isEqualTo(0x700);
            assertThat(t.cpu.selector[Cpu.CS]).isEqualTo(Tables.USER_CODE32);
            assertThat(t.cpu.general(4)).isEqualTo(0x8000);
            assertThat(t.cpu.isSet(Rflags.RF)).isTrue();
            assertThat(t.cpu.selector[Cpu.DS]).isZero();
            assertThat(t.cpu.selector[Cpu.ES]).isEqualTo(Tables.USER_DATA);
        }
    }

    @Test
    void virtual8086IsLeftAndEnteredAgain() {
        try (Tables t = new Tables().protected32().v86()) {
            t.gate(0x40, Tables.CODE32, HANDLER, 0x8E);
            t.delivery.interrupt(0x40);
            assertThat(t.cpu.mode).isEqualTo(Mode.PROTECTED);
            assertThat(t.cpu.general(4)).isEqualTo(0x9000 - 36);
            assertThat(t.cpu.selector[Cpu.GS]).isZero();
            assertThat(t.get(0x9000 - 4, 2)).isEqualTo(0x1000 + Cpu.GS);
            assertThat(t.get(0x9000 - 16, 2)).isEqualTo(0x1000 + Cpu.ES);
            t.lab.execute("CF");
            assertThat(t.cpu.mode).isEqualTo(Mode.VIRTUAL_8086);
            assertThat(t.cpu.cpl).isEqualTo(3);
            for (int n = 0; n < 6; n++) {
                assertThat(t.cpu.selector[n]).isEqualTo(0x1000 + n);
                assertThat(t.cpu.base[n]).isEqualTo(0x10000 + 16 * n);
                assertThat(t.cpu.attributes[n]).isEqualTo(0xF3);
            }
            assertThat(t.cpu.general(4)).isEqualTo(0x8000);
        }
    }

    @Test
    void virtual8086InterruptsNeedIoplOrTheMap() {
        try (Tables t = new Tables().protected32().v86()) {
            t.gate(0x21, Tables.CODE32, HANDLER, 0xEE);
            assertThat(t.lab.faultOf("CD 21").getMessage()).isEqualTo("#GP(0)");
            t.cpu.cr4 |= 1;
            t.put(Tables.TSS + 102, 2, 0x40);
            t.put(4 * 0x21, 4, 0x2222_3333L);
            t.cpu.systemFlags |= Rflags.VIF;
            t.lab.execute("CD 21");
            assertThat(t.cpu.mode).isEqualTo(Mode.VIRTUAL_8086);
            assertThat(t.cpu.rip).isEqualTo(0x3333);
            assertThat(t.cpu.selector[Cpu.CS]).isEqualTo(0x2222);
            assertThat(t.cpu.isSet(Rflags.VIF)).isFalse();
            assertThat(t.get(0x10020 + 0x7FFE, 2)).isEqualTo(Rflags.IOPL | Rflags.IF | 2);
            t.cpu.systemFlags |= Rflags.IOPL;
            t.put(Tables.TSS + 0x20 + 4, 1, 2);
            t.lab.execute("CD 21");
            assertThat(t.cpu.cpl).isZero();
            assertThat(t.cpu.rip).isEqualTo(HANDLER);
        }
    }

    @Test
    void longModeAlignsTheStackAndPushesAll() {
        try (Tables t = new Tables().long64().user64()) {
            t.gate64(14, Tables.CODE64, FAR, 0x8E, 0);
            t.cpu.general(4, 0x7FF3);
            t.delivery.deliver(Vector.PF, 5);
            assertThat(t.cpu.rip).isEqualTo(FAR);
            assertThat(t.cpu.general(4)).isEqualTo(0x9000 - 48);
            assertThat(t.get(0x9000 - 48, 8)).isEqualTo(5);
            assertThat(t.get(0x9000 - 40, 8)).isEqualTo(0x700);
            assertThat(t.get(0x9000 - 32, 8)).isEqualTo(Tables.USER_CODE64);
            assertThat(t.get(0x9000 - 24, 8)).isEqualTo(Rflags.RF | 2);
            assertThat(t.get(0x9000 - 16, 8)).isEqualTo(0x7FF3);
            assertThat(t.get(0x9000 - 8, 8)).isEqualTo(Tables.USER_DATA);
            assertThat(t.cpu.selector[Cpu.SS]).isZero();
            t.cpu.general(4, 0x9000 - 40);
            t.cpu.base(Cpu.FS, 0x1234_5678_9000L);
            t.cpu.selector[Cpu.FS] = 0;
            t.cpu.attributes[Cpu.FS] = 0;
            t.lab.execute("48 CF");
            assertThat(t.cpu.cpl).isEqualTo(3);
            assertThat(t.cpu.mode).isEqualTo(Mode.LONG_64);
            assertThat(t.cpu.rip).isEqualTo(0x700);
            assertThat(t.cpu.general(4)).isEqualTo(0x7FF3);
            assertThat(t.cpu.base[Cpu.FS]).as("a null FS keeps its base").isEqualTo(0x1234_5678_9000L);
        }
    }

    @Test
    void compatibilityModeReachesTablesAndStacksAbove4G() {
        try (Tables t = new Tables().long64()) {
            long high = 0xFFFF_FF80_0000_0000L;
            t.put(Lab.TABLES + 8 * 511, 8, Lab.TABLES + 0x1000 | 7);
            t.cpu.gdtBase += high;
            t.cpu.idtBase += high;
            t.cpu.base[Cpu.TR] += high;
            t.put(Tables.TSS + 4, 8, high + 0x9000);
            t.gate64(14, Tables.CODE64, FAR, 0x8E, 0);
            t.user32();
            assertThat(t.cpu.mode).isEqualTo(Mode.COMPATIBILITY);
            t.delivery.deliver(Vector.PF, 4);
            assertThat(t.cpu.mode).isEqualTo(Mode.LONG_64);
            assertThat(t.cpu.general(4)).isEqualTo(high + 0x9000 - 48);
            assertThat(t.get(0x9000 - 48, 8)).isEqualTo(4);
            t.cpu.general(4, high + 0x9000 - 40);
            t.lab.execute("48 CF");
            assertThat(t.cpu.mode).isEqualTo(Mode.COMPATIBILITY);
            assertThat(t.cpu.general(4)).isEqualTo(0x8000);
        }
    }

    @Test
    void interruptStackTableIsUsedAtTheSameLevelToo() {
        try (Tables t = new Tables().long64()) {
            t.gate64(2, Tables.CODE64, FAR, 0x8E, 1);
            t.delivery.interrupt(2);
            assertThat(t.cpu.nmiBlocked).isTrue();
            assertThat(t.cpu.general(4)).isEqualTo(0xA000 - 40);
            assertThat(t.cpu.selector[Cpu.SS]).isEqualTo(16);
            t.lab.execute("48 CF");
            assertThat(t.cpu.nmiBlocked).isFalse();
            assertThat(t.cpu.general(4)).isEqualTo(0x8000);
        }
    }

    @Test
    void missingHandlerMakesDoubleFaultThenShutdown() {
        try (Tables t = new Tables().long64()) {
            t.gate64(8, Tables.CODE64, FAR, 0x8E, 1);
            t.delivery.deliver(Vector.GP, 0x18);
            assertThat(t.cpu.rip).isEqualTo(FAR);
            assertThat(t.get(t.cpu.general(4), 8)).as("error code of #DF").isZero();
            assertThat(t.get(t.cpu.general(4) + 8, 8)).isEqualTo(0x700);
            t.put(Tables.IDT + 16 * 8, 8, 0);
            t.cpu.rip = 0x900;
            assertThatThrownBy(() -> t.delivery.deliver(Vector.GP, 0)).isInstanceOf(Shutdown.class);
            assertThat(t.cpu.rip).isEqualTo(0x900);
        }
    }

    @Test
    void benignEventIsFollowedByTheFaultOnItsWayWithExt() {
        try (Tables t = new Tables().long64()) {
            t.gate64(11, Tables.CODE64, FAR, 0x8E, 0);
            t.gate64(0x40, Tables.CODE64, FAR, 0x0E, 0);
            t.delivery.interrupt(0x40);
            assertThat(t.get(t.cpu.general(4), 8)).isEqualTo(0x40 * 8 | 3);
        }
    }

    @Test
    void softwareInterruptNeedsTheGatesLevel() {
        try (Tables t = new Tables().long64().user64()) {
            t.gate64(0x80, Tables.CODE64, FAR, 0x8E, 0);
            assertThat(t.lab.faultOf("CD 80").getMessage()).isEqualTo("#GP(402)");
            t.gate64(1, Tables.CODE64, FAR, 0x8E, 0);
            t.lab.execute("F1");
            assertThat(t.cpu.rip).as("INT1 is not checked").isEqualTo(FAR);
            assertThat(t.get(t.cpu.general(4), 8)).isEqualTo(0x701);
        }
    }

    @Test
    void softwareInterruptPushesTheNextInstruction() {
        try (Tables t = new Tables().long64().user64()) {
            t.gate64(3, Tables.CODE64, FAR, 0xEE, 0);
            t.lab.execute("CC");
            assertThat(t.get(t.cpu.general(4), 8)).isEqualTo(0x701);
            assertThat(t.get(t.cpu.general(4) + 16, 8) & Rflags.RF).isZero();
        }
    }

    @Test
    void faultOnTheWayChangesNothing() {
        try (Tables t = new Tables().long64().user64()) {
            t.gate64(0x80, Tables.CODE64, FAR, 0xEE, 0);
            t.put(Tables.TSS + 4, 8, 0x8000_0000_0000L);
            assertThat(t.lab.faultOf("CD 80").vector()).isEqualTo(Vector.SS);
            t.put(Tables.TSS + 4, 8, 0x4000_0000_1000L);
            assertThat(t.lab.faultOf("CD 80").vector()).isEqualTo(Vector.PF);
            assertThat(t.cpu.cpl).isEqualTo(3);
            assertThat(t.cpu.rip).isEqualTo(0x700);
            assertThat(t.cpu.general(4)).isEqualTo(0x8000);
            assertThat(t.cpu.selector[Cpu.SS]).isEqualTo(Tables.USER_DATA);
        }
    }

    @Test
    void handlerSegmentsAreChecked() {
        try (Tables t = new Tables().protected32()) {
            t.gate(0x40, 0, HANDLER, 0x8E);
            assertThat(t.lab.faultOf("CD 40").getMessage()).isEqualTo("#GP(0)");
            t.gate(0x40, Tables.DATA0, HANDLER, 0x8E);
            assertThat(t.lab.faultOf("CD 40").getMessage()).isEqualTo("#GP(10)");
            t.gate(0x40, Tables.ABSENT_CODE, HANDLER, 0x8E);
            assertThat(t.lab.faultOf("CD 40").getMessage()).isEqualTo("#NP(a8)");
            t.gate(0x40, Tables.USER_CODE32, HANDLER, 0x8E);
            assertThat(t.lab.faultOf("CD 40").getMessage()).isEqualTo("#GP(20)");
            t.gate(0x40, Tables.CODE32, HANDLER, 0x8C);
            assertThat(t.lab.faultOf("CD 40").getMessage()).isEqualTo("#GP(202)");
            t.cpu.idtLimit = 0x1FF;
            assertThat(t.lab.faultOf("CD 40").getMessage()).isEqualTo("#GP(202)");
        }
    }

    @Test
    void innerStacksAreChecked() {
        try (Tables t = new Tables().protected32().user32()) {
            t.gate(0x40, Tables.CODE32, HANDLER, 0xEE);
            t.put(Tables.TSS + 8, 4, 0);
            assertThat(t.lab.faultOf("CD 40").getMessage()).isEqualTo("#TS(0)");
            t.put(Tables.TSS + 8, 4, Tables.USER_DATA);
            assertThat(t.lab.faultOf("CD 40").getMessage()).isEqualTo("#TS(28)");
            t.put(Tables.TSS + 8, 4, Tables.ABSENT_DATA);
            assertThat(t.lab.faultOf("CD 40").getMessage()).isEqualTo("#SS(78)");
            t.put(Tables.TSS + 8, 4, Tables.DATA16);
            t.put(Tables.TSS + 4, 4, 8);
            assertThat(t.lab.faultOf("CD 40")).isNull();
            assertThat(t.get(0x2FFF4, 4)).as("SP wraps at 64 KiB").isEqualTo(0x702);
            t.user32();
            t.cpu.limit[Cpu.TR] = 8;
            assertThat(t.lab.faultOf("CD 40").getMessage()).isEqualTo("#TS(40)");
        }
    }

    @Test
    void debugExceptionSaysItsCause() {
        try (Tables t = new Tables().long64()) {
            t.gate64(1, Tables.CODE64, FAR, 0x8E, 0);
            t.cpu.pendingDebug = DebugRegisters.DR6_BS;
            t.cpu.dr[7] |= DebugRegisters.DR7_GD;
            t.cpu.systemFlags |= Rflags.TF;
            t.delivery.deliver(Vector.DB, 0);
            assertThat(t.cpu.dr[6] & DebugRegisters.DR6_WRITABLE).isEqualTo(DebugRegisters.DR6_BS);
            assertThat(t.cpu.dr[7] & DebugRegisters.DR7_GD).isZero();
            assertThat(t.cpu.isSet(Rflags.TF)).isFalse();
            assertThat(t.get(t.cpu.general(4) + 16, 8)).isEqualTo(Rflags.TF | 2);
        }
    }
}
