package trefoil.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What the limits of a group must do, whichever version's controllers carry them. */
abstract class LimitsContract {
    static final long MIB = 1 << 20;

    /** The controllers of a fresh group. */
    abstract Limiter limiter() throws IOException;

    /** A disk that can be throttled. */
    abstract String disk();

    private void set(CgroupLimits limits) throws IOException {
        limiter().change(limiter().limits(), limits);
    }

    private CgroupLimits all() {
        return new CgroupLimits(200, 1.5, 64 * MIB, 128 * MIB, 32 * MIB, 500L, 10 * MIB, 5 * MIB, disk());
    }

    private static CgroupLimits memory(Long cap, Long swap) {
        return new CgroupLimits(null, null, null, cap, swap, null, null, null, null);
    }

    @Test
    void aFreshGroupHasNone() throws IOException {
        assertThat(limiter().limits()).isEqualTo(CgroupLimits.NONE);
    }

    @Test
    void readsBackWhatWasSet() throws IOException {
        set(all());
        assertThat(limiter().limits()).isEqualTo(all());
    }

    @Test
    void nullLiftsWhatWasSet() throws IOException {
        set(all());
        set(CgroupLimits.NONE);
        assertThat(limiter().limits()).isEqualTo(CgroupLimits.NONE);
    }

    @Test
    void oneChangesWithoutTheOthers() throws IOException {
        set(all());
        CgroupLimits slower = new CgroupLimits(200, 0.25, 64 * MIB, 128 * MIB, 32 * MIB, 500L, 10 * MIB, 5 * MIB, disk());
        set(slower);
        assertThat(limiter().limits()).isEqualTo(slower);
    }

    @Test
    void memoryAndSwapRiseAndFallInAnyOrder() throws IOException {
        Long[][] steps = {
            {64 * MIB, 0L}, {128 * MIB, 0L}, {128 * MIB, 512 * MIB}, {32 * MIB, 8 * MIB}, {256 * MIB, null}, {16 * MIB, 0L},
            {null, null}, {64 * MIB, 64 * MIB}, {96 * MIB, 0L}, {48 * MIB, 200 * MIB}, {null, null}
        };
        for (Long[] step : steps) {
            set(memory(step[0], step[1]));
            assertThat(limiter().limits()).isEqualTo(memory(step[0], step[1]));
        }
    }

    @Test
    void everyWeightSurvivesTheScaleOfTheVersion() throws IOException {
        for (int weight : new int[] {1, 2, 3, 7, 50, 99, 101, 150, 333, 1000, 9999, 10_000}) {
            CgroupLimits limits = new CgroupLimits(weight, null, null, null, null, null, null, null, null);
            set(limits);
            assertThat(limiter().limits()).isEqualTo(limits);
        }
    }

    @Test
    void theSmallestCpuCapIsTaken() throws IOException {
        CgroupLimits limits = new CgroupLimits(null, 0.01, null, null, null, null, null, null, null);
        set(limits);
        assertThat(limiter().limits()).isEqualTo(limits);
    }

    @Test
    void oneRateCanBeLiftedAlone() throws IOException {
        set(new CgroupLimits(null, null, null, null, null, null, 10 * MIB, 5 * MIB, disk()));
        CgroupLimits writeOnly = new CgroupLimits(null, null, null, null, null, null, null, 5 * MIB, disk());
        set(writeOnly);
        assertThat(limiter().limits()).isEqualTo(writeOnly);
    }

    @Test
    void aDiskThatIsNotThereIsNamed() {
        CgroupLimits limits = new CgroupLimits(null, null, null, null, null, null, 10 * MIB, null, "4000:77");
        assertThatThrownBy(() -> set(limits))
                .isInstanceOf(CgroupException.class)
                .hasMessageContaining("4000:77")
                .hasMessageContaining("no such disk");
    }
}
