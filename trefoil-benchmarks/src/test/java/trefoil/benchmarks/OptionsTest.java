package trefoil.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
    @Test
    void quickMeansFewerRoundsUnlessTheyAreNamed() {
        assertThat(Options.parse(List.of("os")).runs()).isEqualTo(200);
        assertThat(Options.parse(List.of("os", "--quick")).runs()).isEqualTo(30);
        assertThat(Options.parse(List.of("os", "--n", "7", "--quick")).runs()).isEqualTo(7);
        assertThat(Options.parse(List.of("os", "--format", "json")).json()).isTrue();
    }

    @Test
    void roundsMakeRoomForWhatFollowsThem() {
        Options quick = Options.parse(List.of("os", "--quick"));
        Duration wanted = Duration.ofSeconds(12);
        assertThat(quick.limit(wanted, Duration.ofSeconds(10), Duration.ofSeconds(30))).isEqualTo(wanted);
        assertThat(quick.limit(wanted, Duration.ofSeconds(25), Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(5));
        assertThat(quick.limit(wanted, Duration.ofSeconds(50), Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "vm", "os --n", "os --n 0", "os --n -1", "os --n many", "os --n 99999999999", "os --format yaml", "os --fast"})
    void whatItDoesNotUnderstandIsRefused(String line) {
        List<String> words = line.isEmpty() ? List.of() : List.of(line.split(" "));
        assertThatIllegalArgumentException().isThrownBy(() -> Options.parse(words)).withMessageNotContaining("null");
    }
}
