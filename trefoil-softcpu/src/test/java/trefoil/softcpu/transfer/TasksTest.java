package trefoil.softcpu.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.DebugRegisters;
import trefoil.x86.register.Rflags;

class TasksTest {
    private static final long EIP = 0x12_3456;
    private static final String CALL = "9A 00 00 00 00 50 00";
    private static final String JUMP = "EA 00 00 00 00 50 00";

    private static Tables tables() {
        Tables t = new Tables().protected32();
        t.put(Tables.TSS2 + 32, 4, EIP);
        t.put(Tables.TSS2 + 36, 4, Rflags.CF | 2);
        for (int n = 0; n < 8; n++) {
            t.put(Tables.TSS2 + 40 + 4 * n, 4, 0xC000 + n);
        }
        for (int n = 0; n < 6; n++) {
            t.put(Tables.TSS2 + 72 + 4 * n, 4, n == Cpu.CS ? Tables.CODE32 : Tables.DATA0);
        }
        return t;
    }

    private static long type(Tables t, int selector) {
        return t.get(Tables.GDT + selector + 5, 1);
    }

    @Test
    void callNestsAndIretComesBack() {
        try (Tables t = tables()) {
            t.cpu.general(3, 0xB0B0);
            t.lab.execute(CALL);
            assertThat(t.cpu.rip).isEqualTo(EIP);
            assertThat(t.cpu.general(7)).isEqualTo(0xC007);
            assertThat(t.cpu.general(4)).isEqualTo(0xC004);
            assertThat(t.cpu.rflags()).isEqualTo(Rflags.CF | Rflags.NT | 2);
            assertThat(t.cpu.selector[Cpu.TR]).isEqualTo(Tables.TASK2);
            assertThat(t.cpu.cr0 & ControlRegisters.CR0_TS).isNotZero();
            assertThat(t.get(Tables.TSS2, 2)).isEqualTo(Tables.TASK);
            assertThat(t.get(Tables.TSS + 32, 4)).isEqualTo(0x707);
            assertThat(t.get(Tables.TSS + 40 + 12, 4)).isEqualTo(0xB0B0);
            assertThat(type(t, Tables.TASK)).isEqualTo(0x8B);
            assertThat(type(t, Tables.TASK2)).isEqualTo(0x8B);
            t.lab.execute("CF");
            assertThat(t.cpu.rip).isEqualTo(0x707);
            assertThat(t.cpu.general(3)).isEqualTo(0xB0B0);
            assertThat(t.cpu.general(4)).isEqualTo(0x8000);
            assertThat(t.cpu.selector[Cpu.TR]).isEqualTo(Tables.TASK);
            assertThat(type(t, Tables.TASK2)).isEqualTo(0x89);
            assertThat(t.get(Tables.TSS2 + 36, 4) & Rflags.NT).isZero();
        }
    }

    @Test
    void jumpFreesTheOldTask() {
        try (Tables t = tables()) {
            t.put(Tables.TSS2 + 100, 1, 1);
            t.lab.execute(JUMP);
            assertThat(t.cpu.isSet(Rflags.NT)).isFalse();
            assertThat(type(t, Tables.TASK)).isEqualTo(0x89);
            assertThat(type(t, Tables.TASK2)).isEqualTo(0x8B);
            assertThat(t.cpu.pendingDebug).isEqualTo(DebugRegisters.DR6_BT);
        }
    }

    @Test
    void busyAbsentAndShortTasksAreRefused() {
        try (Tables t = tables()) {
            t.segment(Tables.TASK2, Tables.TSS2, 0x67, 0x8B, 0);
            assertThat(t.lab.faultOf(CALL).getMessage()).isEqualTo("#GP(50)");
            t.segment(Tables.TASK2, Tables.TSS2, 0x67, 0x09, 0);
            assertThat(t.lab.faultOf(CALL).getMessage()).isEqualTo("#NP(50)");
            t.segment(Tables.TASK2, Tables.TSS2, 0x66, 0x89, 0);
            assertThat(t.lab.faultOf(CALL).getMessage()).isEqualTo("#TS(50)");
            assertThat(t.cpu.selector[Cpu.TR]).isEqualTo(Tables.TASK);
            assertThat(t.cpu.rip).isEqualTo(0x700);
        }
    }

    @Test
    void badSegmentsAreTheNewTasksFaults() {
        try (Tables t = tables()) {
            t.put(Tables.TSS2 + 72 + 12, 4, Tables.EXECUTE_ONLY);
            assertThat(t.lab.faultOf(CALL).getMessage()).isEqualTo("#TS(b0)");
            assertThat(t.cpu.selector[Cpu.TR]).isEqualTo(Tables.TASK2);
            assertThat(t.cpu.rip).isEqualTo(EIP);
        }
    }

    @Test
    void doubleFaultThroughATaskGatePushesItsCode() {
        try (Tables t = tables()) {
            t.gate(8, Tables.TASK2, 0, 0x85);
            t.delivery.deliver(Vector.DF, 0);
            assertThat(t.cpu.rip).isEqualTo(EIP);
            assertThat(t.cpu.general(4)).isEqualTo(0xC000);
            assertThat(t.get(0xC000, 4)).isZero();
            assertThat(t.get(Tables.TSS + 32, 4)).isEqualTo(0x700);
        }
    }

    @Test
    void taskStateOf16Bits() {
        try (Tables t = new Tables().protected32()) {
            t.put(Tables.TSS2 + 14, 2, 0x4321);
            t.put(Tables.TSS2 + 16, 2, Rflags.ZF | 2);
            t.put(Tables.TSS2 + 18 + 2 * 3, 2, 0xBBBB);
            t.put(Tables.TSS2 + 34 + 2 * Cpu.CS, 2, Tables.CODE16);
            t.put(Tables.TSS2 + 34 + 2 * Cpu.SS, 2, Tables.DATA16);
            t.lab.execute("9A 00 00 00 00 B8 00");
            assertThat(t.cpu.rip).isEqualTo(0x4321);
            assertThat(t.cpu.general(3)).isEqualTo(0xBBBB);
            assertThat(t.cpu.base[Cpu.SS]).isEqualTo(0x20000);
            assertThat(t.cpu.rflags()).isEqualTo(Rflags.ZF | Rflags.NT | 2);
            t.lab.execute("CF");
            assertThat(t.cpu.rip).isEqualTo(0x707);
        }
    }

    @Test
    void pointersOfPaePagingAreLoadedWithCr3() {
        try (Tables t = tables()) {
            long directory = 0x7000;
            t.put(directory, 8, 0x83);
            t.cpu.pdpte[0] = directory | 1;
            t.cpu.cr0 |= ControlRegisters.CR0_PG;
            t.cpu.cr4 |= ControlRegisters.CR4_PAE;
            t.lab.mmu.pagingChanged();
            t.put(Tables.TSS2 + 28, 4, 0x3000);
            assertThat(t.lab.faultOf(JUMP).getMessage()).isEqualTo("#TS(50)");
            assertThat(type(t, Tables.TASK)).isEqualTo(0x8B);
            t.put(Tables.TSS2 + 28, 4, 0x6000);
            t.lab.execute(JUMP);
            assertThat(t.pointedTo).isEqualTo(0x6000);
            assertThat(t.cpu.cr3).isEqualTo(0x6000);
        }
    }

    @Test
    void taskOfVirtual8086Mode() {
        try (Tables t = tables()) {
            t.put(Tables.TSS2 + 36, 4, Rflags.VM | 2);
            t.put(Tables.TSS2 + 32, 4, 0x1234);
            t.lab.execute(JUMP);
            assertThat(t.cpu.mode).isEqualTo(Mode.VIRTUAL_8086);
            assertThat(t.cpu.cpl).isEqualTo(3);
            assertThat(t.cpu.base[Cpu.CS]).isEqualTo(Tables.CODE32 << 4);
        }
    }
}
