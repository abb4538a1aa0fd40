package trefoil.softcpu.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.x86.register.Rflags;

class FarTransfersTest {
    private static final long FAR = 0xFFFF_8000_0012_3456L;

    private static String pointer(int offset, int selector) {
        return "%08X".formatted(Integer.reverseBytes(offset)) + "%04X".formatted(Short.reverseBytes((short) selector) & 0xFFFF);
    }

    private static String fault(Tables t, String prefix, int selector) {
        return t.lab.faultOf(prefix + pointer(0x1234, selector)).getMessage();
    }

    @Test
    void realModeCallsAndReturns() {
        try (Tables t = new Tables()) {
            t.cpu.general(4, 0x1000);
            t.lab.execute("9A 34 12 78 56");
            assertThat(t.cpu.rip).isEqualTo(0x1234);
            assertThat(t.cpu.base[Cpu.CS]).isEqualTo(0x56780);
            assertThat(t.get(0xFFC, 4)).isEqualTo(0xF000_FFF5L);
            t.lab.execute("CA 06 00");
            assertThat(t.cpu.rip).isEqualTo(0xFFF5);
            assertThat(t.cpu.base[Cpu.CS]).isEqualTo(0xF0000);
            assertThat(t.cpu.general(4)).isEqualTo(0x1006);
            assertThat(t.lab.faultOf("66 EA 00 00 01 00 00 10").getMessage()).isEqualTo("#GP(0)");
        }
    }

    @Test
    void farJumpChecksItsTarget() {
        try (Tables t = new Tables().protected32()) {
            assertThat(fault(t, "EA", 0)).isEqualTo("#GP(0)");
            assertThat(fault(t, "EA", 0x108)).isEqualTo("#GP(108)");
            assertThat(fault(t, "EA", Tables.DATA0)).isEqualTo("#GP(10)");
            assertThat(fault(t, "EA", Tables.USER_CODE32)).isEqualTo("#GP(20)");
            assertThat(fault(t, "EA", Tables.CODE32 | 3)).isEqualTo("#GP(18)");
            assertThat(fault(t, "EA", Tables.ABSENT_CODE)).isEqualTo("#NP(a8)");
            assertThat(fault(t, "EA", Tables.LOCAL)).isEqualTo("#GP(60)");
            assertThat(fault(t, "EA", 0x0C)).as("no LDT").isEqualTo("#GP(c)");
            assertThat(t.lab.faultOf("EA" + pointer(0x1_0000, Tables.CODE16)).getMessage()).isEqualTo("#GP(0)");
            assertThat(t.cpu.rip).isEqualTo(0x700);
            t.lab.execute("EA" + pointer(0x1234, Tables.CODE16));
            assertThat(t.cpu.rip).isEqualTo(0x1234);
            assertThat(t.cpu.ripMask()).isEqualTo(0xFFFF);
        }
    }

    @Test
    void conformingCodeKeepsTheLevel() {
        try (Tables t = new Tables().protected32().user32()) {
            t.lab.execute("EA" + pointer(0x1234, Tables.CONFORMING));
            assertThat(t.cpu.cpl).isEqualTo(3);
            assertThat(t.cpu.selector[Cpu.CS]).isEqualTo(Tables.CONFORMING | 3);
        }
    }

    @Test
    void callGateCopiesParametersAndFarReturnReleasesThem() {
        try (Tables t = new Tables().protected32().user32()) {
            t.put(Tables.GDT + Tables.GATE, 8, Tables.descriptorOfGate(Tables.CODE32, 0x12_3456, 0xEC, 2));
            t.put(0x8000, 4, 0x11111111);
            t.put(0x8004, 4, 0x22222222);
            t.lab.execute("9A" + pointer(0, Tables.GATE | 3));
            assertThat(t.cpu.cpl).isZero();
            assertThat(t.cpu.rip).isEqualTo(0x12_3456);
            assertThat(t.cpu.selector[Cpu.CS]).isEqualTo(Tables.CODE32);
            assertThat(t.cpu.general(4)).isEqualTo(0x9000 - 24);
            assertThat(t.get(0x9000 - 24, 4)).isEqualTo(0x707);
            assertThat(t.get(0x9000 - 16, 4)).isEqualTo(0x11111111);
            assertThat(t.get(0x9000 - 12, 4)).isEqualTo(0x22222222);
            assertThat(t.get(0x9000 - 8, 4)).isEqualTo(0x8000);
            t.lab.execute("CA 08 00");
            assertThat(t.cpu.cpl).isEqualTo(3);
            assertThat(t.cpu.rip).isEqualTo(0x707);
            assertThat(t.cpu.general(4)).isEqualTo(0x8008);
            assertThat(t.cpu.selector[Cpu.SS]).isEqualTo(Tables.USER_DATA);
        }
    }

    @Test
    void callGateIsChecked() {
        try (Tables t = new Tables().protected32().user32()) {
            t.put(Tables.GDT + Tables.GATE, 8, Tables.descriptorOfGate(Tables.CODE32, 0x12_3456, 0x8C, 0));
            assertThat(fault(t, "9A", Tables.GATE)).isEqualTo("#GP(90)");
            t.put(Tables.GDT + Tables.GATE, 8, Tables.descriptorOfGate(Tables.CODE32, 0x12_3456, 0x6C, 0));
            assertThat(fault(t, "9A", Tables.GATE)).isEqualTo("#NP(90)");
            t.put(Tables.GDT + Tables.GATE, 8, Tables.descriptorOfGate(Tables.DATA0, 0x12_3456, 0xEC, 0));
            assertThat(fault(t, "9A", Tables.GATE)).isEqualTo("#GP(10)");
            t.put(Tables.GDT + Tables.GATE, 8, Tables.descriptorOfGate(Tables.CODE32, 0x12_3456, 0xEC, 0));
            assertThat(fault(t, "EA", Tables.GATE)).as("a jump does not change levels").isEqualTo("#GP(18)");
        }
    }

    @Test
    void callGateOf64Bits() {
        try (Tables t = new Tables().long64().user64()) {
            t.put(Tables.GDT + Tables.GATE, 8, Tables.descriptorOfGate(Tables.CODE64, FAR, 0xEC, 0));
            t.put(Tables.GDT + Tables.GATE + 8, 8, FAR >>> 32);
            t.put(0x6000, 8, (long) Tables.GATE << 32);
            t.cpu.general(0, 0x6000);
            t.lab.execute("FF 18");
            assertThat(t.cpu.rip).isEqualTo(FAR);
            assertThat(t.cpu.general(4)).isEqualTo(0x9008 - 32);
            assertThat(t.get(0x9008 - 32, 8)).isEqualTo(0x702);
            t.lab.execute("48 CB");
            assertThat(t.cpu.cpl).isEqualTo(3);
            assertThat(t.cpu.rip).isEqualTo(0x702);
            assertThat(t.cpu.general(4)).isEqualTo(0x8000);
        }
    }

    @Test
    void farJumpLeavesAndEnters64BitMode() {
        try (Tables t = new Tables().long64()) {
            t.put(0x6000, 8, 0x1234L | (long) Tables.CODE32 << 32);
            t.cpu.general(0, 0x6000);
            t.lab.execute("FF 28");
            assertThat(t.cpu.mode).isEqualTo(Mode.COMPATIBILITY);
            t.lab.execute("EA" + pointer(0x5678, Tables.CODE64));
            assertThat(t.cpu.mode).isEqualTo(Mode.LONG_64);
            assertThat(t.cpu.rip).isEqualTo(0x5678);
        }
    }

    @Test
    void returnsAreChecked() {
        try (Tables t = new Tables().long64()) {
            t.cpu.general(4, 0x7000);
            t.put(0x7000, 8, 0x8000_0000_0000L);
            t.put(0x7008, 8, Tables.CODE64);
            assertThat(t.lab.faultOf("48 CF").getMessage()).as("offset").isEqualTo("#GP(0)");
            t.put(0x7000, 8, 0x1234);
            t.put(0x7008, 8, Tables.USER_CODE64 & ~3);
            assertThat(t.lab.faultOf("48 CF").getMessage()).as("DPL is not RPL").isEqualTo("#GP(30)");
            t.put(0x7008, 8, Tables.USER_CODE64);
            t.put(0x7020, 8, 0);
            assertThat(t.lab.faultOf("48 CF").getMessage()).as("null SS at level 3").isEqualTo("#GP(0)");
            t.put(0x7020, 8, Tables.DATA0);
            assertThat(t.lab.faultOf("48 CF").getMessage()).isEqualTo("#GP(10)");
            t.cpu.systemFlags |= Rflags.NT;
            assertThat(t.lab.faultOf("48 CF").getMessage()).as("no tasks in IA-32e mode").isEqualTo("#GP(0)");
            assertThat(t.cpu.general(4)).isEqualTo(0x7000);
            assertThat(t.cpu.cpl).isZero();
        }
    }

    @Test
    void iretAtLevel3LeavesInterruptFlagAndIopl() {
        try (Tables t = new Tables().protected32().user32()) {
            t.put(0x8000, 4, 0x1234);
            t.put(0x8004, 4, Tables.USER_CODE32);
            t.put(0x8008, 4, Rflags.IF | Rflags.IOPL | Rflags.AC | Rflags.CF | Rflags.VM | 2);
            t.lab.execute("CF");
            assertThat(t.cpu.rip).isEqualTo(0x1234);
            assertThat(t.cpu.rflags()).isEqualTo(Rflags.AC | Rflags.CF | 2);
            assertThat(t.cpu.general(4)).isEqualTo(0x800C);
        }
    }

    @Test
    void syscallAndSysretGoThereAndBack() {
        try (Tables t = new Tables().long64().user64()) {
            t.cpu.star = 0x0023_0008L << 32;
            t.cpu.lstar = FAR;
            t.cpu.fmask = Rflags.IF | Rflags.TF;
            t.cpu.systemFlags |= Rflags.IF;
            t.cpu.status(Rflags.CF | Rflags.SF);
            t.lab.execute("0F 05");
            assertThat(t.cpu.rip).isEqualTo(FAR);
            assertThat(t.cpu.cpl).isZero();
            assertThat(t.cpu.general(1)).isEqualTo(0x702);
            assertThat(t.cpu.general(11)).isEqualTo(Rflags.IF | Rflags.CF | Rflags.SF | 2);
            assertThat(t.cpu.rflags()).isEqualTo(Rflags.CF | Rflags.SF | 2);
            assertThat(t.cpu.selector[Cpu.SS]).isEqualTo(0x10);
            t.cpu.status(0);
            t.lab.execute("48 0F 07");
            assertThat(t.cpu.cpl).isEqualTo(3);
            assertThat(t.cpu.rip).isEqualTo(0x702);
            assertThat(t.cpu.selector[Cpu.CS]).isEqualTo(0x33);
            assertThat(t.cpu.selector[Cpu.SS]).isEqualTo(0x2B);
            assertThat(t.cpu.rflags()).isEqualTo(Rflags.IF | Rflags.CF | Rflags.SF | 2);
            assertThat(t.lab.faultOf("48 0F 07").getMessage()).isEqualTo("#GP(0)");
            t.cpu.efer &= ~1L;
            assertThat(t.lab.faultOf("0F 05").getMessage()).startsWith("#UD");
        }
    }

    @Test
    void sysretToCompatibilityModeAndNonCanonicalTarget() {
        try (Tables t = new Tables().long64()) {
            t.cpu.star = 0x0023_0008L << 32;
            t.cpu.general(1, 0x8000_0000_1234L);
            assertThat(t.lab.faultOf("48 0F 07").getMessage()).isEqualTo("#GP(0)");
            assertThat(t.cpu.cpl).isZero();
            t.lab.execute("0F 07");
            assertThat(t.cpu.mode).isEqualTo(Mode.COMPATIBILITY);
            assertThat(t.cpu.rip).isEqualTo(0x1234);
            assertThat(t.cpu.selector[Cpu.CS]).isEqualTo(0x23);
        }
    }

    @Test
    void sysenterAndSysexitGoThereAndBack() {
        try (Tables t = new Tables().protected32().user32()) {
            assertThat(t.lab.faultOf("0F 34").getMessage()).isEqualTo("#GP(0)");
            t.cpu.sysenterCs = 0x18;
            t.cpu.sysenterEsp = 0x9000;
            t.cpu.sysenterEip = 0x12_3456;
            t.cpu.systemFlags |= Rflags.IF;
            t.lab.execute("0F 34");
            assertThat(t.cpu.rip).isEqualTo(0x12_3456);
            assertThat(t.cpu.general(4)).isEqualTo(0x9000);
            assertThat(t.cpu.isSet(Rflags.IF)).isFalse();
            assertThat(t.cpu.selector[Cpu.SS]).isEqualTo(0x20);
            t.cpu.general(2, 0x777);
            t.cpu.general(1, 0x8000);
            t.lab.execute("0F 35");
            assertThat(t.cpu.cpl).isEqualTo(3);
            assertThat(t.cpu.rip).isEqualTo(0x777);
            assertThat(t.cpu.general(4)).isEqualTo(0x8000);
            assertThat(t.cpu.selector[Cpu.CS]).isEqualTo(0x2B);
        }
    }

    @Test
    void intoAsksForOverflow() {
        try (Tables t = new Tables().protected32()) {
            t.gate(4, Tables.CODE32, 0x12_3456, 0x8E);
            t.lab.execute("CE");
            assertThat(t.cpu.rip).isEqualTo(0x701);
            t.cpu.status(Rflags.OF);
            t.lab.execute("CE");
            assertThat(t.cpu.rip).isEqualTo(0x12_3456);
            assertThat(t.lab.faultOf("0F 0B").getMessage()).startsWith("#UD");
        }
    }
}
