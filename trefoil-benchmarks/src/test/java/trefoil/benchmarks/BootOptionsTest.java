package trefoil.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootOptionsTest {
    @Test
    void quickMeansFewerRoundsWithinFiveMinutes() {
        BootOptions quick = BootOptions.parse(List.of("--quick"));
        assertThat(quick.rounds(BootCase.TINY)).isEqualTo(3);
        assertThat(quick.rounds(BootCase.DEBIAN)).isEqualTo(1);
        assertThat(quick.whole()).isLessThan(Duration.ofMinutes(5));
        assertThat(quick.json()).isFalse();
    }

    @Test
    void otherwiseThereAreMoreUnlessTheyAreNamed() {
        BootOptions all = BootOptions.parse(List.of());
        assertThat(all.rounds(BootCase.TINY)).isEqualTo(5);
        assertThat(all.rounds(BootCase.DEBIAN)).isEqualTo(3);
        BootOptions named = BootOptions.parse(List.of("--rounds", "7", "--quick", "--format", "json"));
        assertThat(named).isEqualTo(new BootOptions(true, 7, 7, BootOptions.parse(List.of("--quick")).whole()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds", "--rounds 0", "--rounds 1001", "--rounds many", "--n 3", "--format yaml", "--format", "os"})
    void whatItDoesNotUnderstandIsRefused(String line) {
        assertThatIllegalArgumentException().isThrownBy(() -> BootOptions.parse(List.of(line.split(" ")))).withMessageNotContaining("null");
    }
}
