package trefoil.softcpu.x87;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.machine.GuestMemoryFault;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.fixture.Lab;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.ControlRegisters;

class SavedStateTest {
    private static final String FXSAVE = "0FAE00";
    private static final String FXSAVE64 = "480FAE00";
    private static final String FXRSTOR = "0FAE08";
    private static final String FXRSTOR64 = "480FAE08";
    private static final String XSAVE = "0FAE20";
    private static final String XRSTOR = "0FAE28";
    private static final String XSAVEOPT = "0FAE30";
    private static final String XSAVEC = "0FC720";
    private static final String XSAVES = "0FC728";
    private static final String XRSTORS = "0FC718";
    private static final long AREA = 0x2000;
    private static final long HEADER = AREA + 512;

    private final Lab lab = new Lab();
    private final SavedState family = new SavedState(lab.cpu, lab.mmu, lab.operands, lab.cpuid);

    @BeforeEach
    void enter() {
        lab.with(family).long64();
        lab.cpu.cr4 |= ControlRegisters.CR4_OSXSAVE;
        lab.cpu.xcr0 = 3;
        at(AREA, 7);
    }

    @AfterEach
    void leave() {
        lab.close();
    }

    /** The area is at RBX; EDX:EAX asks for components. */
    private void at(long area, long components) {
        lab.cpu.general(0, components);
        lab.cpu.general(2, 0);
        lab.cpu.general(3, area);
    }

    /** ModRM with base RBX instead of RAX. */
    private static String based(String hex) {
        int last = Integer.parseInt(hex.substring(hex.length() - 2), 16) | 3;
        return hex.substring(0, hex.length() - 2) + String.format("%02X", last);
    }

    private void run(String hex) {
        lab.execute(based(hex));
    }

    private Vector fault(String hex) {
        Fault fault = lab.faultOf(based(hex));
        return fault == null ? null : fault.vector();
    }

    private void fill(long seed) {
        Random random = new Random(seed);
        for (int n = 0; n < 64; n++) {
            RawMemory.putLong(lab.cpu.block + Block.XMM + 8 * n, random.nextLong());
        }
        for (int n = 0; n < 8; n++) {
            lab.cpu.x87.significand[n] = random.nextLong();
            lab.cpu.x87.signExponent[n] = random.nextInt(1 << 16);
        }
        lab.cpu.x87.control = 0x37F;
        lab.cpu.x87.statusWord(0x2A41);
        lab.cpu.x87.valid = 0xA5;
        lab.cpu.x87.lastOpcode = 0x123;
        lab.cpu.x87.lastInstruction = 0xFFFF_8000_1234_5678L;
        lab.cpu.x87.lastOperand = 0xFFFF_8000_8765_4321L;
        lab.cpu.mxcsr = 0x9FC0;
    }

    private long memory(long address) {
        try {
            return lab.memory.getLong(address);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    private void memory(long address, long value) {
        try {
            lab.memory.putLong(address, value);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theLayoutOfFxsave() {
        fill(1);
        memory(AREA + 416, 0x77);
        memory(AREA + 464, 0x77);
        run(FXSAVE64);
        assertThat(memory(AREA)).isEqualTo(0x0123_00A5_2A41_037FL);
        assertThat(memory(AREA + 8)).isEqualTo(0xFFFF_8000_1234_5678L);
        assertThat(memory(AREA + 16)).isEqualTo(0xFFFF_8000_8765_4321L);
        assertThat(memory(AREA + 24)).isEqualTo(0xFFFF_0000_9FC0L);
        assertThat(memory(AREA + 32)).isEqualTo(lab.cpu.x87.significand[5]);
        assertThat(memory(AREA + 40)).isEqualTo(lab.cpu.x87.signExponent[5]);
        assertThat(memory(AREA + 160 + 16 * 15)).isEqualTo(lab.cpu.xmmLow(15));
        assertThat(memory(AREA + 416)).isEqualTo(0x77);
        assertThat(memory(AREA + 464)).isEqualTo(0x77);
    }

    @Test
    void pointersOf32BitsComeWithSelectors() {
        fill(2);
        lab.cpu.x87.lastInstructionSelector = 0x10;
        lab.cpu.x87.lastOperandSelector = 0x2B;
        run(FXSAVE);
        assertThat(memory(AREA + 8)).isEqualTo(0x10_1234_5678L);
        assertThat(memory(AREA + 16)).isEqualTo(0x2B_8765_4321L);
        fill(3);
        run(FXRSTOR);
        assertThat(lab.cpu.x87.lastInstruction).isEqualTo(0x1234_5678L);
        assertThat(lab.cpu.x87.lastInstructionSelector).isEqualTo(0x10);
        assertThat(lab.cpu.x87.lastOperandSelector).isEqualTo(0x2B);
    }

    @Test
    void fxrstorBringsBackWhatFxsaveStored() {
        fill(4);
        byte[] before = family.save();
        run(FXSAVE64);
        fill(5);
        lab.cpu.x87.initialize();
        run(FXRSTOR64);
        byte[] after = family.save();
        // The upper halves of YMM are none of FXRSTOR's.
        assertThat(java.util.Arrays.copyOf(after, 576)).isEqualTo(java.util.Arrays.copyOf(before, 576));
    }

    @Test
    void otherModesHaveEightVectors() {
        lab.protected32();
        fill(6);
        long kept = lab.cpu.xmmLow(8);
        memory(AREA + 160 + 16 * 8, 0x77);
        run(FXSAVE);
        assertThat(memory(AREA + 160 + 16 * 7)).isEqualTo(lab.cpu.xmmLow(7));
        assertThat(memory(AREA + 160 + 16 * 8)).isEqualTo(0x77);
        run(FXRSTOR);
        assertThat(lab.cpu.xmmLow(8)).isEqualTo(kept);
    }

    @Test
    void refusals() {
        assertThat(fault(FXSAVE)).isNull();
        memory(AREA + 24, 0x1_0000);
        assertThat(fault(FXRSTOR)).isEqualTo(Vector.GP);
        lab.cpu.general(3, AREA + 8);
        assertThat(fault(FXSAVE)).isEqualTo(Vector.GP);
        assertThat(fault(FXRSTOR)).isEqualTo(Vector.GP);
        lab.cpu.general(3, AREA + 32);
        assertThat(fault(XSAVE)).isEqualTo(Vector.GP);
        lab.cpu.general(3, AREA);
        lab.cpu.cr0 |= ControlRegisters.CR0_TS;
        for (String hex : new String[] {FXSAVE, FXRSTOR, XSAVE, XSAVEC, XSAVEOPT, XSAVES, XRSTOR, XRSTORS}) {
            assertThat(fault(hex)).as(hex).isEqualTo(Vector.NM);
        }
        lab.cpu.cr4 &= ~ControlRegisters.CR4_OSXSAVE;
        for (String hex : new String[] {XSAVE, XSAVEC, XSAVEOPT, XSAVES, XRSTOR, XRSTORS}) {
            assertThat(fault(hex)).as(hex).isEqualTo(Vector.UD);
        }
        lab.cpu.cr0 ^= ControlRegisters.CR0_TS | ControlRegisters.CR0_EM;
        assertThat(fault(FXSAVE)).isEqualTo(Vector.NM);
    }

    @Test
    void supervisorsOnly() {
        lab.cpu.cpl = 3;
        lab.mmu.privilegeChanged();
        assertThat(fault(XSAVES)).isEqualTo(Vector.GP);
        assertThat(fault(XRSTORS)).isEqualTo(Vector.GP);
        assertThat(fault(XSAVEC)).isNull();
    }

    @Test
    void nothingIsStoredIfTheLastPageIsMissing() {
        memory(Lab.TABLES + 0x2000 + 8, 0); // 2 MiB and on
        lab.mmu.invalidateAll();
        long area = 0x20_0000 - 512;
        memory(area, 0x77);
        fill(14);
        at(area, 3);
        assertThat(fault(XSAVE)).isEqualTo(Vector.PF);
        assertThat(fault(XSAVEC)).isEqualTo(Vector.PF);
        assertThat(memory(area)).isEqualTo(0x77);
        assertThat(fault(FXSAVE)).isNull();
        assertThat(memory(area)).isNotEqualTo(0x77);
    }

    @Test
    void componentsAndHeaderOfXsave() {
        fill(7);
        memory(HEADER, 0x4);
        memory(AREA, 0x55);
        at(AREA, 2);
        run(XSAVE);
        assertThat(memory(AREA)).isEqualTo(0x55);
        assertThat(memory(HEADER)).isEqualTo(6);
        assertThat(memory(AREA + 160)).isEqualTo(lab.cpu.xmmLow(0));
        assertThat(memory(AREA + 24)).isEqualTo(0xFFFF_0000_9FC0L);
        at(AREA, 1);
        lab.cpu.x87.powerUp();
        lab.cpu.x87.initialize();
        run(XSAVEOPT);
        assertThat(memory(AREA)).isEqualTo(0x55);
        assertThat(memory(HEADER)).isEqualTo(6);
        run(XSAVE);
        assertThat(memory(AREA)).isEqualTo(0x37F);
        assertThat(memory(HEADER)).isEqualTo(6);
    }

    @Test
    void allFormsRoundTripWithAvx() {
        lab.cpu.xcr0 = 7;
        String[][] pairs = {{XSAVE, XRSTOR}, {XSAVEOPT, XRSTOR}, {XSAVEC, XRSTOR}, {XSAVES, XRSTORS}};
        for (String[] pair : pairs) {
            for (long at = 0; at < 832; at += 8) {
                memory(AREA + at, 0);
            }
            fill(8);
            byte[] before = family.save();
            run("48" + pair[0]);
            fill(9);
            run("48" + pair[1]);
            assertThat(family.save()).as(pair[0]).isEqualTo(before);
        }
        assertThat(memory(HEADER + 8)).isEqualTo(0x8000_0000_0000_0007L);
    }

    @Test
    void whatIsNotPresentIsInitialized() {
        memory(HEADER, 0);
        memory(HEADER + 8, 0);
        memory(HEADER + 16, 0);
        memory(AREA + 24, 0x1F00);
        fill(10);
        run(XRSTOR);
        assertThat(lab.cpu.mxcsr).isEqualTo(0x1F00);
        assertThat(lab.cpu.xmmLow(3)).isZero();
        assertThat(lab.cpu.x87.control).isEqualTo(0x37F);
        assertThat(lab.cpu.x87.valid).isZero();
        memory(HEADER + 8, 0x8000_0000_0000_0003L);
        run(XRSTOR);
        assertThat(lab.cpu.mxcsr).isEqualTo(0x1F80);
        run(XSAVEC);
        assertThat(memory(HEADER)).isZero();
        lab.cpu.mxcsr = 0x1F81;
        run(XSAVEC);
        assertThat(memory(HEADER)).isEqualTo(2);
    }

    @Test
    void malformedHeaders() {
        long[][] bad = {
            {4, 0, 0, 0}, {0, 3, 0, 0}, {0, 0, 1, 0}, {3, 0x8000_0000_0000_0001L, 0, 0}, {0, 0x8000_0000_0000_0004L, 0, 0}, {0, 0x8000_0000_0000_0003L, 1, 0}, {0, 0x8000_0000_0000_0003L, 0, 1},
            {0x8000_0000_0000_0000L, 0x8000_0000_0000_0003L, 0, 0}
        };
        for (long[] each : bad) {
            header(each);
            fill(11);
            byte[] before = family.save();
            assertThat(fault(XRSTOR)).as(java.util.Arrays.toString(each)).isEqualTo(Vector.GP);
            assertThat(family.save()).isEqualTo(before);
        }
        header(new long[] {3, 0, 0, 1}); // the standard form does not look at the header's last octets
        assertThat(fault(XRSTOR)).isNull();
        assertThat(fault(XRSTORS)).isEqualTo(Vector.GP);
        header(new long[] {2, 0, 0, 0});
        memory(AREA + 24, 0x2_0000);
        assertThat(fault(XRSTOR)).isEqualTo(Vector.GP);
    }

    private void header(long[] words) {
        memory(HEADER, words[0]);
        memory(HEADER + 8, words[1]);
        memory(HEADER + 16, words[2]);
        memory(HEADER + 56, words[3]);
    }

    @Test
    void stateWithoutGuestMemory() {
        fill(12);
        byte[] state = family.save();
        assertThat(state).hasSize(832);
        fill(13);
        family.restore(state);
        assertThat(family.save()).isEqualTo(state);
        state[26] = 1;
        assertThatThrownBy(() -> family.restore(state)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> family.restore(new byte[512])).isInstanceOf(IllegalArgumentException.class);
    }
}
