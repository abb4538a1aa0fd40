package trefoil.x86.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import trefoil.x86.encode.EncodingSampler;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;

class DecoderTest {
    private final Decoder decoder = new Decoder();
    private final Instruction instruction = new Instruction();

    private Outcome decode(CodeSize size, String hex) {
        byte[] octets = HexFormat.of().parseHex(hex);
        return decoder.decode(size, octets, 0, octets.length, instruction);
    }

    @ParameterizedTest
    @CsvSource({
        "BITS64, f001d8, UNDEFINED", // LOCK with a register
        "BITS64, f00100, DECODED",
        "BITS64, f08b00, UNDEFINED", // LOCK where it is not allowed
        "BITS64, f03900, UNDEFINED", // LOCK CMP
        "BITS64, 06, UNDEFINED", // PUSH ES
        "BITS32, 06, DECODED",
        "BITS64, 8ec8, UNDEFINED", // MOV CS
        "BITS64, 8ee8, DECODED",
        "BITS64, 8ef0, UNDEFINED", // segment register 6
        "BITS64, 0f20c8, UNDEFINED", // CR1
        "BITS64, 440f20c0, DECODED", // CR8
        "BITS64, 440f21c0, UNDEFINED", // DR8
        "BITS64, 8dc0, UNDEFINED", // LEA of a register
        "BITS64, 0f0b, DECODED",
        "BITS64, 0f04, UNDEFINED",
        "BITS64, c5f877, DECODED", // VZEROUPPER
        "BITS64, 66c5f877, UNDEFINED", // 66 before VEX
        "BITS64, 48c5f877, UNDEFINED", // REX before VEX
        "BITS64, c5f077, UNDEFINED", // VEX.vvvv
        "BITS64, c4e27990c0, UNDEFINED", // VSIB with a register
        "BITS64, f30f54c0, UNDEFINED", // F3 ANDPS
        "BITS32, 0f05, UNDEFINED", // SYSCALL
        "BITS64, 0f05, DECODED",
        "BITS64, 48, TRUNCATED",
        "BITS64, 0f, TRUNCATED",
        "BITS64, 8b, TRUNCATED",
        "BITS64, 8b0425000000, TRUNCATED",
        "BITS64, c5, TRUNCATED",
        "BITS64, 666666666666666666666666666690, DECODED",
        "BITS64, 66666666666666666666666666666690, TOO_LONG",
        "BITS64, 66666666666666668b8425000000, TRUNCATED", // 14 of 15
        "BITS64, 6666666666666666668b8425000000, TOO_LONG", // 15 of 16
        "BITS64, 6666666666666666668b842500000000, TOO_LONG",
    })
    void outcomes(CodeSize size, String hex, Outcome expected) {
        assertThat(decode(size, hex)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "BITS16, C5, TRUNCATED", // LDS or VEX: the next octet decides
        "BITS16, C500, DECODED",
        "BITS32, C5F877, DECODED",
    })
    void ldsAndVexShareAnOpcode(CodeSize size, String hex, Outcome expected) {
        assertThat(decode(size, hex)).isEqualTo(expected);
    }

    @Test
    void rexCountsOnlyBeforeTheOpcode() {
        assertThat(decode(CodeSize.BITS64, "486601d8")).isEqualTo(Outcome.DECODED);
        assertThat(instruction.w()).isFalse();
        assertThat(instruction.operandSize()).isEqualTo(2);
        assertThat(decode(CodeSize.BITS64, "664801d8")).isEqualTo(Outcome.DECODED);
        assertThat(instruction.operandSize()).isEqualTo(8);
    }

    @Test
    void lastOfF2AndF3IsTheMandatoryPrefix() {
        decode(CodeSize.BITS64, "f3f20f58c1");
        assertThat(instruction.operation()).isEqualTo(Operation.ADDSD);
        decode(CodeSize.BITS64, "f2f30f58c1");
        assertThat(instruction.operation()).isEqualTo(Operation.ADDSS);
        decode(CodeSize.BITS64, "f3660f58c1");
        assertThat(instruction.operation()).isEqualTo(Operation.ADDSS);
    }

    @Test
    void ripRelativeAddressesAreMarked() {
        decode(CodeSize.BITS64, "488b0510000000");
        assertThat(instruction.base()).isEqualTo(Instruction.RIP);
        assertThat(instruction.displacement()).isEqualTo(16);
        decode(CodeSize.BITS64, "488b042510000000");
        assertThat(instruction.base()).isEqualTo(Instruction.NONE);
        decode(CodeSize.BITS32, "8b0510000000");
        assertThat(instruction.base()).isEqualTo(Instruction.NONE);
    }

    @Test
    void onlyFsAndGsOverrideIn64BitCode() {
        decode(CodeSize.BITS64, "64268b00");
        assertThat(instruction.segment()).isEqualTo(4);
        decode(CodeSize.BITS32, "64268b00");
        assertThat(instruction.segment()).isZero();
    }

    @Test
    void nearBranchesIgnoreTheOperandSizeIn64BitCode() {
        decode(CodeSize.BITS64, "66e900000080");
        assertThat(instruction.length()).isEqualTo(6);
        assertThat(instruction.target(0x1000)).isEqualTo(0x1006L - 0x80000000L);
        decode(CodeSize.BITS32, "66e9f0ff");
        assertThat(instruction.target(2)).isEqualTo(0xfff6);
    }

    /** Whatever is given, more octets do not change what is decided, and fewer lead to TRUNCATED or the same. */
    @ParameterizedTest
    @EnumSource(CodeSize.class)
    void prefixesOfAnInstructionAreTruncated(CodeSize size) {
        EncodingSampler sampler = new EncodingSampler(new Random(3));
        for (Row row : InstructionTable.rows()) {
            if (row.existsIn(size == CodeSize.BITS64)) {
                byte[] octets = sampler.sample(row, size);
                for (int n = 0; n < octets.length; n++) {
                    assertThat(decoder.decode(size, Arrays.copyOf(octets, n), 0, n, instruction)).as("%s: %d octets", row, n).isEqualTo(Outcome.TRUNCATED);
                }
            }
        }
    }

    /** No input makes the decoder throw, read past the limit, or claim a length that is not there. */
    @ParameterizedTest
    @EnumSource(CodeSize.class)
    void randomOctetsAreNoTrouble(CodeSize size) {
        Random random = new Random(5);
        byte[] octets = new byte[20];
        int decoded = 0;
        for (int i = 0; i < 300_000; i++) {
            random.nextBytes(octets);
            int limit = 1 + random.nextInt(octets.length);
            if (decoder.decode(size, octets, 0, limit, instruction) == Outcome.DECODED) {
                decoded++;
                assertThat(instruction.length()).isBetween(1, Math.min(limit, 15));
            }
        }
        assertThat(decoded).isGreaterThan(100_000);
    }
}
