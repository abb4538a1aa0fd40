package trefoil.x86.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Decoder;
import trefoil.x86.decode.Instruction;
import trefoil.x86.decode.Outcome;
import trefoil.x86.encode.EncodingSampler;

/** The table agrees with itself. */
class InstructionTableTest {
    @Test
    void indicesAreDense() {
        List<Row> rows = InstructionTable.rows();
        assertThat(rows).hasSizeGreaterThan(1_200);
        for (int i = 0; i < rows.size(); i++) {
            assertThat(rows.get(i).index()).isEqualTo(i);
        }
    }

    @Test
    void noTwoRowsClaimTheSameEncoding() {
        List<String> breaches = new ArrayList<>();
        for (Row one : InstructionTable.rows()) {
            for (Row other : InstructionTable.rows()) {
                if (one.index() < other.index() && overlap(one, other)) {
                    breaches.add(one + " / " + other);
                }
            }
        }
        assertThat(breaches).isEmpty();
    }

    private static boolean overlap(Row one, Row other) {
        boolean opcodes = one.map() == other.map() && one.opcode() < other.opcode() + other.span() && other.opcode() < one.opcode() + one.span();
        boolean modes = one.existsIn(true) && other.existsIn(true) || one.existsIn(false) && other.existsIn(false);
        int both = one.keyMask() & other.keyMask();
        return opcodes && modes && (one.keyValue() & both) == (other.keyValue() & both) && (one.prefixes() & other.prefixes()) != 0;
    }

    @Test
    void everyOperationHasARow() {
        Set<Operation> missing = EnumSet.allOf(Operation.class);
        InstructionTable.rows().forEach(row -> missing.remove(row.operation()));
        assertThat(missing).isEmpty();
    }

    @Test
    void rowsOfAnOpcodeAgreeAboutModrm() {
        List<String> breaches = new ArrayList<>();
        for (Row one : InstructionTable.rows()) {
            for (Row other : InstructionTable.rows()) {
                if (one.map() == other.map() && one.opcode() == other.opcode() && one.hasModrm() != other.hasModrm() && one.existsIn(true) == other.existsIn(true)) {
                    breaches.add(one + " / " + other);
                }
            }
        }
        assertThat(breaches).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(CodeSize.class)
    void everyRowIsDecodedFromItsEncodings(CodeSize size) {
        Decoder decoder = new Decoder();
        Instruction instruction = new Instruction();
        EncodingSampler sampler = new EncodingSampler(new Random(7));
        List<String> breaches = new ArrayList<>();
        for (Row row : InstructionTable.rows()) {
            for (int i = 0; i < 40 && row.existsIn(size == CodeSize.BITS64); i++) {
                byte[] octets = sampler.sample(row, size);
                Outcome outcome = decoder.decode(size, octets, 0, octets.length, instruction);
                if (outcome != Outcome.DECODED || instruction.rowIndex() != row.index() || instruction.length() != octets.length) {
                    breaches.add(row + " from " + java.util.HexFormat.of().formatHex(octets) + ": " + outcome + (outcome == Outcome.DECODED ? " " + instruction.row() : ""));
                    break;
                }
            }
        }
        assertThat(breaches).isEmpty();
    }
}
