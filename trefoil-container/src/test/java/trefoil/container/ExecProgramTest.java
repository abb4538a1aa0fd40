package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import trefoil.linux.program.Call;
import trefoil.linux.program.Operation;

/** The order of what a process does on its way into a live container. */
class ExecProgramTest {
    @Test
    void nobodyInsideReadsItsMemoryFromTheMomentItIsThere() {
        List<Operation> operations = ExecProgram.way(new ExecProgram.Way(0, new BitSet(), false)).operations();
        int inside = operations.stream().map(Operation::call).toList().indexOf(Call.SETNS);
        assertThat(inside).isNotNegative();
        assertThat(operations.get(inside + 1).text()).contains("PR_SET_DUMPABLE");
    }
}
