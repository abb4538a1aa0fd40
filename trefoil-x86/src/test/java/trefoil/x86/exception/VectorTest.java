package trefoil.x86.exception;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.x86.exception.Vector.Together.*;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Intel SDM Vol. 3, table 6-5. */
class VectorTest {
    @ParameterizedTest
    @CsvSource({
        "DB, GP, SERIAL", "UD, PF, SERIAL", "GP, UD, SERIAL", "GP, GP, DOUBLE_FAULT", "GP, PF, SERIAL", "DE, NP, DOUBLE_FAULT", "PF, GP, DOUBLE_FAULT", "PF, PF, DOUBLE_FAULT", "PF, UD, SERIAL",
        "DF, GP, SHUTDOWN", "DF, PF, SHUTDOWN", "DF, DB, SERIAL", "AC, GP, SERIAL", "TS, SS, DOUBLE_FAULT",
    })
    void twoExceptions(Vector first, Vector second, Vector.Together expected) {
        assertThat(first.with(second)).isEqualTo(expected);
    }

    @Test
    void errorCodes() {
        assertThat(SelectorErrorCode.ofSelector(0x2B, true)).isEqualTo(0x29);
        assertThat(SelectorErrorCode.ofGate(13, false)).isEqualTo(0x6A);
        assertThat(java.util.Arrays.stream(Vector.values()).filter(Vector::hasErrorCode)).containsExactly(Vector.DF, Vector.TS, Vector.NP, Vector.SS, Vector.GP, Vector.PF, Vector.AC, Vector.CP);
        assertThat(java.util.Set.of(SERIAL, DOUBLE_FAULT, SHUTDOWN)).hasSize(Vector.Together.values().length);
    }
}
