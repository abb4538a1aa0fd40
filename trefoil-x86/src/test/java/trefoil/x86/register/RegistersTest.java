package trefoil.x86.register;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RegistersTest {
    @Test
    void invalidCombinationsOfCr0() {
        assertThat(ControlRegisters.isInvalidCr0(ControlRegisters.CR0_PG)).isTrue();
        assertThat(ControlRegisters.isInvalidCr0(ControlRegisters.CR0_NW)).isTrue();
        assertThat(ControlRegisters.isInvalidCr0(1L << 32)).isTrue();
        assertThat(ControlRegisters.isInvalidCr0(0x8005_0033L)).isFalse();
        assertThat(ControlRegisters.CR0_RESET).isEqualTo(0x6000_0010L);
    }

    @Test
    void invalidCombinationsOfXcr0() {
        assertThat(ControlRegisters.isInvalidXcr0(3, 3)).isFalse();
        assertThat(ControlRegisters.isInvalidXcr0(2, 3)).isTrue();
        assertThat(ControlRegisters.isInvalidXcr0(7, 3)).isTrue();
        assertThat(ControlRegisters.isInvalidXcr0(5, 7)).isTrue();
    }

    @Test
    void longModeIsNotSwitchedWhilePaging() {
        assertThat(Efer.isInvalid(Efer.LME, 0, true, Efer.WRITABLE)).isTrue();
        assertThat(Efer.isInvalid(Efer.LME, 0, false, Efer.WRITABLE)).isFalse();
        assertThat(Efer.isInvalid(Efer.NXE, 0, false, Efer.SCE)).isTrue();
        assertThat(Efer.isInvalid(Efer.LMA | Efer.LME | Efer.SCE, Efer.LMA | Efer.LME, true, Efer.WRITABLE)).isFalse();
    }

    @Test
    void breakpointsOfDr7() {
        long dr7 = 1L << 2 | 1L << 20 | 3L << 22; // L1, R/W1 = write, LEN1 = 4
        assertThat(DebugRegisters.isEnabled(dr7, 1)).isTrue();
        assertThat(DebugRegisters.isEnabled(dr7, 0)).isFalse();
        assertThat(DebugRegisters.condition(dr7, 1)).isEqualTo(DebugRegisters.Condition.WRITE);
        assertThat(DebugRegisters.length(dr7, 1)).isEqualTo(4);
        assertThat(DebugRegisters.length(2L << 18, 0)).isEqualTo(8);
    }

    @Test
    void flagsOfAReset() {
        assertThat(Rflags.RESET).isEqualTo(2);
        assertThat(Rflags.DEFINED).isEqualTo(0x3F7FD5);
    }
}
