package trefoil.x86.paging;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Efer;

class PagingModeTest {
    private static final long PG = ControlRegisters.CR0_PG | ControlRegisters.CR0_PE;

    @Test
    void controlRegistersChooseTheMode() {
        assertThat(PagingMode.of(1, ControlRegisters.CR4_PAE, 0)).isEqualTo(PagingMode.NONE);
        assertThat(PagingMode.of(PG, 0, 0)).isEqualTo(PagingMode.BITS32);
        assertThat(PagingMode.of(PG, ControlRegisters.CR4_PAE, 0)).isEqualTo(PagingMode.PAE);
        assertThat(PagingMode.of(PG, ControlRegisters.CR4_PAE, Efer.LMA | Efer.LME)).isEqualTo(PagingMode.LEVEL4);
        assertThat(PagingMode.of(PG, ControlRegisters.CR4_PAE | ControlRegisters.CR4_LA57, Efer.LMA)).isEqualTo(PagingMode.LEVEL5);
    }

    @Test
    void indicesAreCutFromTheAddress() {
        long address = 0xFFFF_8123_4567_89ABL;
        assertThat(PagingMode.LEVEL4.index(address, 4)).isEqualTo(0x102);
        assertThat(PagingMode.LEVEL4.index(address, 3)).isEqualTo((int) (address >>> 30 & 511));
        assertThat(PagingMode.LEVEL4.index(address, 1)).isEqualTo(0x78);
        assertThat(PagingMode.PAE.index(0xFFFFFFFFL, 3)).isEqualTo(3);
        assertThat(PagingMode.BITS32.index(0xC0401000L, 2)).isEqualTo(0x301);
    }

    @Test
    void reservedBitsOfEntries() {
        assertThat(PagingMode.LEVEL4.reserved(1, false, 46, true, true)).isEqualTo(0x000F_C000_0000_0000L);
        assertThat(PagingMode.LEVEL4.reserved(1, false, 46, false, true)).isEqualTo(0x800F_C000_0000_0000L);
        assertThat(PagingMode.LEVEL4.reserved(4, false, 52, true, true)).isEqualTo(PageEntry.PS);
        assertThat(PagingMode.LEVEL4.reserved(3, true, 52, true, false) & PageEntry.PS).isEqualTo(PageEntry.PS);
        assertThat(PagingMode.LEVEL4.reserved(2, true, 52, true, true)).isEqualTo(0x1F_E000);
        assertThat(PagingMode.LEVEL4.reserved(3, true, 52, true, true)).isEqualTo(0x3FFF_E000);
        assertThat(PagingMode.PAE.reserved(3, false, 52, true, false)).isEqualTo(0xFFF0_0000_0000_01E6L);
        assertThat(PagingMode.PAE.reserved(1, false, 36, true, false)).isEqualTo(0x7FFF_FFF0_0000_0000L);
        assertThat(PagingMode.BITS32.reserved(2, true, 40, true, false)).isEqualTo(1 << 21);
        assertThat(PagingMode.BITS32.reserved(2, true, 36, true, false)).isEqualTo(0x3E_0000 & ~0x1_FFFF | 1 << 21);
        assertThat(PagingMode.BITS32.reserved(2, true, 32, true, false)).isEqualTo(0x3F_E000);
        assertThat(PagingMode.BITS32.reserved(1, false, 32, true, false)).isZero();
    }

    @Test
    void bigPagesOf32BitPagingReachAbove4GiB() {
        assertThat(PageEntry.address4M(0x0040_0083 | 1 << 13)).isEqualTo(0x1_0040_0000L);
        assertThat(PageEntry.address4M(0xFFC0_0083)).isEqualTo(0xFFC0_0000L);
    }

    @Test
    void patIndexHasThreeBits() {
        assertThat(PageEntry.patIndex(PageEntry.PAT | PageEntry.PCD, false)).isEqualTo(6);
        assertThat(PageEntry.patIndex(PageEntry.PS | PageEntry.PWT, true)).isEqualTo(1);
        assertThat(PageEntry.patIndex(PageEntry.PAT_LARGE | PageEntry.PS, true)).isEqualTo(4);
    }

    @Test
    void canonicalAddresses() {
        assertThat(PagingMode.isCanonical(0x7FFF_FFFF_FFFFL, 48)).isTrue();
        assertThat(PagingMode.isCanonical(0x8000_0000_0000L, 48)).isFalse();
        assertThat(PagingMode.isCanonical(-1, 48)).isTrue();
        assertThat(PagingMode.isCanonical(0x8000_0000_0000L, 57)).isTrue();
    }
}
