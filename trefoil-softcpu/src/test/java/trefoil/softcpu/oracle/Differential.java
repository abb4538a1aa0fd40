package trefoil.softcpu.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import trefoil.linux.ErrnoException;
import trefoil.softcpu.fixture.Lab;
import trefoil.softcpu.operand.Family;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.disassemble.Disassembler;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Row;

/** A run of cases over all rows in scope, and what came of it. */
final class Differential {
    private static final int LONGEST_REPORT = 60;

    /** What became of one row's cases. */
    static final class Tally {
        long cases;
        long faults;
        long rejected;
        long mismatches;
        String first = "";
    }

    private final Function<Lab, List<Family>> families;
    private final Map<Row, Tally> tallies = new TreeMap<>(Comparator.comparing(Row::index));
    private final Map<String, List<Row>> excluded = new TreeMap<>();
    private final List<Row> withoutFamily = new ArrayList<>();
    private final Generator generator = new Generator();
    private final State expected = new State();
    private final State got = new State();
    private final Disassembler disassembler = new Disassembler(CodeSize.BITS64);

    Differential(Function<Lab, List<Family>> families) {
        this.families = families;
    }

    /** Runs cases {@code first} to {@code first + count - 1} of {@code seed}: case n is of row n modulo their number. */
    void run(long seed, long first, long count) throws ErrnoException {
        try (SoftSide soft = new SoftSide(families);
                NativeStub host = new NativeStub()) {
            List<Row> rows = rows(soft);
            for (long n = first; n < first + count; n++) {
                one(soft, host, rows.get((int) (n % rows.size())), seed, n);
            }
        }
    }

    private List<Row> rows(SoftSide soft) {
        List<Row> rows = new ArrayList<>();
        for (Row row : InstructionTable.rows()) {
            String why = Scope.exclusion(row);
            if (why != null) {
                excluded.computeIfAbsent(why, unused -> new ArrayList<>()).add(row);
            } else if (!soft.executes(row.operation())) {
                withoutFamily.add(row);
            } else {
                rows.add(row);
                tallies.put(row, new Tally());
            }
        }
        return rows;
    }

    private void one(SoftSide soft, NativeStub host, Row row, long seed, long number) throws ErrnoException {
        Tally tally = tallies.get(row);
        if (!generator.make(row, seed, number)) {
            tally.rejected++;
            return;
        }
        soft.execute(generator.octets, generator.state, got);
        host.execute(generator.octets, generator.state, expected);
        tally.cases++;
        tally.faults += expected.vector >= 0 ? 1 : 0;
        String differences = Comparison.differences(generator.instruction, generator.state, expected, got);
        if (!differences.isEmpty()) {
            tally.mismatches++;
            tally.first = tally.first.isEmpty() ? describe(number, differences) : tally.first;
        }
    }

    private String describe(long number, String differences) {
        String text = disassembler.text(generator.instruction, NativeStub.CODE);
        return "case %d: %s  [%s]\n    %s\n    before: %s\n    host:   %s\n    got:    %s\n".formatted(number, text, HexFormat.of().formatHex(generator.octets), differences, generator.state, expected, got);
    }

    // ---- the report ----

    long cases() {
        return tallies.values().stream().mapToLong(tally -> tally.cases).sum();
    }

    long faults() {
        return tallies.values().stream().mapToLong(tally -> tally.faults).sum();
    }

    /** Rows that have a family, but no case. */
    List<Row> notExercised() {
        return tallies.entrySet().stream().filter(entry -> entry.getValue().cases == 0).map(Map.Entry::getKey).toList();
    }

    List<Row> withoutFamily() {
        return List.copyOf(withoutFamily);
    }

    /** Rows with mismatches, each with its first one. */
    List<String> mismatches() {
        return tallies.entrySet().stream()
                .filter(entry -> entry.getValue().mismatches > 0)
                .map(entry -> "%s: %d of %d, %s".formatted(entry.getKey(), entry.getValue().mismatches, entry.getValue().cases, entry.getValue().first))
                .limit(LONGEST_REPORT)
                .toList();
    }

    /** One line for each row: cases, faults, attempts in vain, mismatches; then the first mismatch of each row that has one. */
    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(summary());
        tallies.forEach((row, tally) -> lines.add("%-40s %8d cases %7d faults %6d rejected %6d mismatches".formatted(row, tally.cases, tally.faults, tally.rejected, tally.mismatches)));
        withoutFamily.forEach(row -> lines.add("%-40s waits for a family".formatted(row)));
        excluded.forEach((why, rows) -> rows.forEach(row -> lines.add("%-40s left out: %s".formatted(row, why))));
        lines.addAll(mismatches());
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines);
    }

    String summary() {
        StringBuilder text = new StringBuilder("%d rows, %d cases, %d of them faults; %d rows wait for a family".formatted(tallies.size(), cases(), faults(), withoutFamily.size()));
        excluded.forEach((why, rows) -> text.append("; ").append(rows.size()).append(" rows: ").append(why));
        return text.toString();
    }
}
