package trefoil.x86.disassemble;

import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Decoder;
import trefoil.x86.decode.Instruction;
import trefoil.x86.decode.Outcome;
import trefoil.x86.isa.Operation;

/** Compares objdump's lines with ours and keeps the differences by mnemonic. */
final class Comparison {
    private final CodeSize size;
    private final Decoder decoder = new Decoder();
    private final Instruction instruction = new Instruction();
    private final Disassembler disassembler;
    private final Map<String, String> examples = new TreeMap<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private long compared;
    private long different;
    private long prefixes;

    Comparison(CodeSize size) {
        this.size = size;
        this.disassembler = new Disassembler(size);
    }

    void compare(Objdump.Line line, byte[] octets) {
        compared++;
        Outcome outcome = decoder.decode(size, octets, 0, octets.length, instruction);
        String theirs = Normal.of(line.text());
        String ours = outcome == Outcome.DECODED ? Normal.of(disassembler.text(instruction, line.address())) : "(bad)";
        if (theirs.contains("(bad)")) {
            theirs = "(bad)";
        }
        if (Differences.isLonePrefix(line, octets)) {
            prefixes++;
            return;
        }
        boolean sameLength = outcome != Outcome.DECODED || theirs.equals("(bad)") || instruction.operation() == Operation.FWAIT || instruction.length() == line.octets().length;
        if (!Differences.same(ours, theirs, octets, outcome == Outcome.DECODED ? instruction : null) || !sameLength) {
            different++;
            String key = theirs.replaceAll(" .*", "") + " / " + ours.replaceAll(" .*", "");
            counts.merge(key, 1, Integer::sum);
            examples.putIfAbsent(key, HexFormat.of().formatHex(octets) + " objdump: " + line.text() + " | ours: " + ours + (sameLength ? "" : " of " + instruction.length()));
        }
    }

    long compared() {
        return compared;
    }

    /** Lines of objdump that are nothing but a REX prefix which does not stand right before an opcode. */
    long lonePrefixes() {
        return prefixes;
    }

    long different() {
        return different;
    }

    String report() {
        StringBuilder out = new StringBuilder();
        examples.forEach((key, example) -> out.append(counts.get(key)).append(" × ").append(example).append('\n'));
        return out.toString();
    }
}
