package trefoil.x86.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.x86.isa.FlagEffect.*;

import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 1, table A-2, read back from rows. */
class FlagEffectTest {
    private static final int ALL = OF | SF | ZF | AF | PF | CF;

    private static Row row(OpcodeMap map, int opcode, int reg) {
        return InstructionTable.rows().stream()
                .filter(each -> each.map() == map && each.opcode() == opcode && each.existsIn(true))
                .filter(each -> InstructionTable.matches(each, reg << 3 | EncodingKey.REGISTER_FORM))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void arithmetic() {
        assertThat(row(OpcodeMap.ONE_BYTE, 0x01, 0).flags()).isEqualTo(new FlagEffect(0, ALL, 0, 0, 0, 0, 0));
        assertThat(row(OpcodeMap.ONE_BYTE, 0x11, 0).flags().tested()).isEqualTo(CF);
        FlagEffect and = row(OpcodeMap.ONE_BYTE, 0x21, 0).flags();
        assertThat(and.cleared()).isEqualTo(OF | CF);
        assertThat(and.undefined()).isEqualTo(AF);
        assertThat(row(OpcodeMap.ONE_BYTE, 0xFF, 0).flags().touched()).isEqualTo(ALL & ~CF);
    }

    @Test
    void shiftsDependOnTheirCount() {
        FlagEffect byOne = row(OpcodeMap.ONE_BYTE, 0xD1, 4).flags();
        assertThat(byOne.conditional()).isZero();
        assertThat(byOne.modified()).isEqualTo(ALL & ~AF);
        assertThat(byOne.undefined()).isEqualTo(AF);
        FlagEffect byCl = row(OpcodeMap.ONE_BYTE, 0xD3, 4).flags();
        assertThat(byCl.conditional()).isEqualTo(ALL);
        assertThat(byCl.single()).isEqualTo(OF);
        FlagEffect rotate = row(OpcodeMap.ONE_BYTE, 0xC1, 2).flags();
        assertThat(rotate.tested()).isEqualTo(CF);
        assertThat(rotate.touched()).isEqualTo(CF | OF);
    }

    @Test
    void conditions() {
        assertThat(row(OpcodeMap.ONE_BYTE, 0x74, 0).flags().tested()).isEqualTo(ZF);
        assertThat(row(OpcodeMap.ONE_BYTE, 0x7F, 0).flags().tested()).isEqualTo(ZF | SF | OF);
        assertThat(row(OpcodeMap.M0F, 0x92, 0).flags().tested()).isEqualTo(CF);
        assertThat(row(OpcodeMap.M0F, 0x46, 0).flags().tested()).isEqualTo(CF | ZF);
    }

    @Test
    void operandsAreReadAndWritten() {
        Row mov = row(OpcodeMap.ONE_BYTE, 0x89, 0);
        assertThat(mov.operands().get(0).read()).isFalse();
        assertThat(mov.operands().get(0).written()).isTrue();
        Row compare = row(OpcodeMap.ONE_BYTE, 0x39, 0);
        assertThat(compare.operands().get(0).written()).isFalse();
        Row exchange = row(OpcodeMap.ONE_BYTE, 0x87, 0);
        assertThat(exchange.operands()).allMatch(each -> each.read() && each.written());
        Row addps = row(OpcodeMap.M0F, 0x58, 0);
        assertThat(addps.operands().get(0).read()).isTrue();
        assertThat(addps.aligned()).isTrue();
        Row vaddps = row(OpcodeMap.VEX1, 0x58, 0);
        assertThat(vaddps.mnemonic()).isEqualTo("vaddps");
        assertThat(vaddps.operands().get(0).read()).isFalse();
        assertThat(vaddps.aligned()).isFalse();
        assertThat(row(OpcodeMap.VEX1, 0x28, 0).aligned()).isTrue();
        assertThat(row(OpcodeMap.VEX1, 0x28, 0).alignment(32)).isEqualTo(32);
        assertThat(vaddps.alignment(32)).isEqualTo(1);
    }
}
