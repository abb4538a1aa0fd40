package trefoil.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final Limits NOW = new Limits(100, 1.5, 1L, 2L, 0L, 4L, 5L, 6L, 7L, 8L, 9L);

    @Test
    void nullLeavesAndMinusOneClears() {
        assertThat(NOW.with(Limits.NONE)).isEqualTo(NOW);
        Limits change = new Limits(-1, -1.0, null, 20L, -1L, null, null, null, null, null, -1L);
        assertThat(NOW.with(change)).isEqualTo(new Limits(null, null, 1L, 20L, null, 4L, 5L, 6L, 7L, 8L, null));
    }
}
