package trefoil.x86.msr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MsrTest {
    @Test
    void numbersAreUnique() {
        assertThat(Arrays.stream(Msr.values()).map(Msr::number)).doesNotHaveDuplicates();
        assertThat(Msr.of(0xC0000080)).contains(Msr.IA32_EFER);
        assertThat(Msr.of(0x12345)).isEmpty();
    }

    @Test
    void reservedBitsAreRefused() {
        assertThat(Msr.IA32_EFER.refuses(1 << 1, 48)).isTrue();
        assertThat(Msr.IA32_EFER.refuses(0x901, 48)).isFalse();
        assertThat(Msr.IA32_APIC_BASE.refuses(0xFEE00900L, 48)).isFalse();
        assertThat(Msr.IA32_APIC_BASE.refuses(0xFEE00A00L, 48)).isTrue();
        assertThat(Msr.IA32_MTRRCAP.refuses(0, 48)).isTrue();
    }

    @Test
    void whatIsReadMayBeWrittenBack() {
        for (Msr msr : Msr.values()) {
            if (msr.rule() != Msr.Rule.READ_ONLY) {
                assertThat(msr.refuses(msr.reset(), 48)).as(msr.name()).isFalse();
            }
        }
    }

    @Test
    void basesAreCanonical() {
        assertThat(Msr.IA32_FS_BASE.refuses(0x0000_8000_0000_0000L, 48)).isTrue();
        assertThat(Msr.IA32_FS_BASE.refuses(0x0000_8000_0000_0000L, 57)).isFalse();
        assertThat(Msr.IA32_FS_BASE.refuses(0xFFFF_8000_0000_0000L, 48)).isFalse();
    }

    @Test
    void memoryTypesAreChecked() {
        assertThat(Msr.IA32_PAT.refuses(0x0407_0406_0007_0406L, 48)).isFalse();
        assertThat(Msr.IA32_PAT.refuses(0x02, 48)).isTrue();
        assertThat(Msr.IA32_PAT.refuses(0x0800, 48)).isTrue();
        assertThat(Msr.IA32_MTRR_FIX4K_C0000.refuses(0x07, 48)).isTrue();
        assertThat(Msr.IA32_MTRR_FIX4K_C0000.refuses(0x0606_0606_0606_0606L, 48)).isFalse();
    }
}
