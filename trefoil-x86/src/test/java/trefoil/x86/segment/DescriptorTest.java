package trefoil.x86.segment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DescriptorTest {
    /** The flat segments that Linux has in its GDT. */
    private static final long CODE64 = 0x00AF_9B00_0000_FFFFL;

    private static final long CODE32 = 0x00CF_9B00_0000_FFFFL;
    private static final long DATA = 0x00CF_9300_0000_FFFFL;
    private static final long USER_DATA = 0x00CF_F300_0000_FFFFL;

    @Test
    void flatSegments() {
        assertThat(Descriptor.limit(CODE32)).isEqualTo(0xFFFF_FFFFL);
        assertThat(Descriptor.base(CODE32)).isZero();
        assertThat(Descriptor.isLong(CODE64)).isTrue();
        assertThat(Descriptor.isBig(CODE64)).isFalse();
        assertThat(Descriptor.isBig(CODE32)).isTrue();
        assertThat(Descriptor.isCode(CODE32)).isTrue();
        assertThat(Descriptor.isReadable(CODE32)).isTrue();
        assertThat(Descriptor.isWritable(CODE32)).isFalse();
        assertThat(Descriptor.isWritable(DATA)).isTrue();
        assertThat(Descriptor.isPresent(DATA)).isTrue();
        assertThat(Descriptor.dpl(USER_DATA)).isEqualTo(3);
        assertThat(Descriptor.accessRights(USER_DATA)).isEqualTo(0xC0F300);
    }

    @Test
    void basesAndLimitsAreScattered() {
        long descriptor = Descriptor.of(0x89AB_CDEFL, 0xF1234, 0x92, 4);
        assertThat(Descriptor.base(descriptor)).isEqualTo(0x89AB_CDEFL);
        assertThat(Descriptor.limit(descriptor)).isEqualTo(0xF1234);
        assertThat(Descriptor.type(descriptor)).isEqualTo(2);
        assertThat(Descriptor.of(0, 0xFFFFF, 0x9B, 12)).isEqualTo(CODE32);
        assertThat(Descriptor.of(0, 0xFFFFF, 0x9B, 10)).isEqualTo(CODE64);
        assertThat(Descriptor.isExpandDown(Descriptor.of(0, 0, 0x96, 0))).isTrue();
        assertThat(Descriptor.isConforming(Descriptor.of(0, 0, 0x9E, 0))).isTrue();
        assertThat(Descriptor.isConforming(Descriptor.of(0, 0, 0x96, 0))).isFalse();
    }

    @Test
    void gates() {
        long low = 0x8123_8E05_0010_4567L;
        assertThat(Descriptor.gateSelector(low)).isEqualTo(0x10);
        assertThat(Descriptor.gateOffset(low)).isEqualTo(0x8123_4567L);
        assertThat(Descriptor.gateOffset(low, 0xFFFF_FFFFL)).isEqualTo(0xFFFF_FFFF_8123_4567L);
        assertThat(Descriptor.gateStack(low)).isEqualTo(5);
        assertThat(SystemType.of(Descriptor.type(low), true)).isEqualTo(SystemType.INTERRUPT_GATE);
        assertThat(Descriptor.isCodeOrData(low)).isFalse();
    }

    @Test
    void typesOf16BitsAreNotInLongMode() {
        assertThat(SystemType.of(1, true)).isEqualTo(SystemType.RESERVED);
        assertThat(SystemType.of(1, false)).isEqualTo(SystemType.TSS16_AVAILABLE);
        assertThat(SystemType.of(2, true)).isEqualTo(SystemType.LDT);
        assertThat(SystemType.of(5, true)).isEqualTo(SystemType.RESERVED);
        assertThat(SystemType.of(9 | SystemType.BUSY, true)).isEqualTo(SystemType.TSS_BUSY);
    }

    @Test
    void selectors() {
        assertThat(Selector.isNull(3)).isTrue();
        assertThat(Selector.isNull(4)).isFalse();
        assertThat(Selector.offset(0x33)).isEqualTo(0x30);
        assertThat(Selector.rpl(0x33)).isEqualTo(3);
        assertThat(TaskState.interruptStack(7)).isEqualTo(84);
    }
}
