package trefoil.softcpu.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import trefoil.linux.ErrnoException;
import trefoil.softcpu.fixture.Lab;
import trefoil.softcpu.operand.Family;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;
import trefoil.x86.register.Rflags;

/** The software processor does what the host's does. Profile {@code long-oracle} runs it at length. */
class DifferentialTest {
    private static final long SEED = Long.getLong("trefoil.oracle.seed", 20260401);
    private static final long FIRST = Long.getLong("trefoil.oracle.first", 0);
    private static final long COUNT = Long.getLong("trefoil.oracle.count", 400_000);

    @Test
    void everyInstructionDoesWhatTheHostsProcessorDoes() throws ErrnoException, IOException {
        Differential run = new Differential(Families::of);
        run.run(SEED, FIRST, COUNT);
        run.write(Path.of("target", "oracle.txt"));
        System.out.println("seed " + SEED + ": " + run.summary());
        System.out.println("waiting for a family: " + names(run.withoutFamily()));
        assertThat(run.mismatches()).as("seed %d", SEED).isEmpty();
        if (COUNT >= 100_000) {
            assertThat(run.notExercised()).as("rows with a family, but without a case").isEmpty();
            assertThat(run.faults()).isPositive();
            assertThat(run.withoutFamily()).as("rows without a family that nobody promised").allMatch(Waiting::promised);
        }
    }

    /** The generator and the stub are sound for all rows in scope, those without a family too: a case depends on nothing but itself. */
    @Test
    void theHostAgreesWithItself() throws ErrnoException {
        Generator generator = new Generator();
        State first = new State();
        State second = new State();
        Set<Row> made = new HashSet<>();
        List<Row> rows = InstructionTable.rows().stream().filter(row -> Scope.exclusion(row) == null).toList();
        try (NativeStub host = new NativeStub()) {
            for (int n = 0; n < 30 * rows.size(); n++) {
                Row row = rows.get(n % rows.size());
                if (generator.make(row, SEED, n)) {
                    made.add(row);
                    host.execute(generator.octets, generator.state, first);
                    host.execute(generator.octets, generator.state, second);
                    assertThat(Comparison.differences(generator.instruction, generator.state, first, second)).as(row.toString()).isEmpty();
                }
            }
        }
        assertThat(made).containsExactlyInAnyOrderElementsOf(rows);
    }

    /** What is compared at all: each of these mistakes must be found. */
    @Test
    void mistakesAreFound() throws ErrnoException {
        assertThat(mistaken(Operation.ADC, (lab, i) -> lab.cpu.status(lab.cpu.status() ^ Rflags.AF))).contains("flags");
        assertThat(mistaken(Operation.MOV, (lab, i) -> lab.cpu.general(13, lab.cpu.general(13) ^ 1L << 63))).contains("general 13");
        assertThat(mistaken(Operation.LEA, (lab, i) -> lab.cpu.xmm(15, lab.cpu.xmmLow(15), ~lab.cpu.xmmHigh(15)))).contains("xmm 15 high");
        assertThat(mistaken(Operation.XCHG, (lab, i) -> lab.mmu.store8(State.MEMORY + State.MEMORY_SIZE - 1, ~lab.mmu.load8(State.MEMORY + State.MEMORY_SIZE - 1)))).contains("memory 803ff8");
        assertThat(mistaken(Operation.ROL, (lab, i) -> lab.cpu.x87.significand[3] ^= 4)).contains("st ");
        assertThat(mistaken(Operation.NOT, (lab, i) -> lab.cpu.mxcsr ^= 1)).contains("mxcsr");
        assertThat(mistaken(Operation.JCC, (lab, i) -> lab.cpu.nextRip = lab.cpu.rip + i.length())).contains("taken");
        assertThat(mistaken(Operation.SETCC, (lab, i) -> {
            throw lab.cpu.ud();
        })).contains("vector -1, got 6");
    }

    /** The first mismatch that is found with a family that makes a mistake after executing {@code operation} rightly. */
    private static String mistaken(Operation operation, BiConsumer<Lab, Instruction> mistake) throws ErrnoException {
        Differential run = new Differential(lab -> List.of(new Mistaken(lab, operation, mistake)));
        run.run(SEED, 0, 300);
        return run.mismatches().toString();
    }

    private record Mistaken(Lab lab, Family right, Operation operation, BiConsumer<Lab, Instruction> mistake) implements Family {
        Mistaken(Lab lab, Operation operation, BiConsumer<Lab, Instruction> mistake) {
            this(lab, Families.of(lab).stream().filter(family -> family.operations().contains(operation)).findFirst().orElseThrow(), operation, mistake);
        }

        @Override
        public Set<Operation> operations() {
            return Set.of(operation);
        }

        @Override
        public void execute(Instruction i) {
            right.execute(i);
            mistake.accept(lab, i);
        }
    }

    private static Set<Operation> names(List<Row> rows) {
        return rows.stream().map(Row::operation).collect(Collectors.toCollection(() -> EnumSet.noneOf(Operation.class)));
    }
}
