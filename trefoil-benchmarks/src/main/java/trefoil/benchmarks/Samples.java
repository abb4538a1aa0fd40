package trefoil.benchmarks;

import java.util.Arrays;

/** Measured times of one thing. Not thread-safe. */
final class Samples {
    private long[] nanos = new long[64];
    private int count;

    void add(long sample) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = sample;
    }

    int count() {
        return count;
    }

    /** The sample below which the given part of all lies (nearest rank), in milliseconds; NaN when there is none. */
    double percentileMillis(double percent) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(percent / 100 * count);
        return sorted[Math.clamp(rank - 1, 0, count - 1)] / 1e6;
    }

    /** Milliseconds; of an even number of samples the mean of the two in the middle. */
    double medianMillis() {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2e6;
    }
}
