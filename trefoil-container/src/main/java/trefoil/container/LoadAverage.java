package trefoil.container;

import java.io.IOException;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * A server's {@code /proc/loadavg}, proc_loadavg(5). No kernel counts the running tasks of a group, and walking them
 * would cost the more the busier it is; but it counts the CPU time they use (how many run, on average) and the time in
 * which at least one waits for a CPU or for a disk (PSI). Between two reads the sum of the three rates is therefore a
 * lower bound of the load, exact as long as no more than one task waits for each; it is averaged with the kernel's decay over
 * 1, 5 and 15 minutes. Nothing is sampled while nobody reads: a rate then counts as if it had been steady since the last
 * read.
 */
final class LoadAverage {
    private static final double[] MINUTES = {1, 5, 15};

    private final ViewSource source;
    private final LongSupplier clock;
    private final double[] averages = new double[3];
    private double rate;
    private long at;
    private long work = -1;

    /** @param clock nanoseconds */
    LoadAverage(ViewSource source, LongSupplier clock) {
        this.source = source;
        this.clock = clock;
        this.at = clock.getAsLong();
    }

    String loadavg() throws IOException {
        long now = clock.getAsLong();
        long total = source.cpu().total() + waited("cpu") + waited("io");
        if (work < 0) {
            at = now - Math.max(1, (System.currentTimeMillis() - source.startedAt()) * 1_000_000);
            work = 0;
        }
        double seconds = Math.max(1e-3, (now - at) / 1e9);
        rate = Math.max(0, total - work) / 1e9 / seconds;
        for (int i = 0; i < averages.length; i++) {
            double kept = Math.exp(-seconds / (60 * MINUTES[i]));
            averages[i] = averages[i] * kept + rate * (1 - kept);
        }
        at = now;
        work = total;
        long tasks = Math.max(1, source.tasks());
        long running = Math.clamp(Math.round(rate), 1, tasks);
        return String.format(
                Locale.ROOT, "%.2f %.2f %.2f %d/%d %d\n", averages[0], averages[1], averages[2], running, tasks, tasks);
    }

    private long waited(String resource) throws IOException {
        return Math.max(0, source.stalledMicros(resource)) * 1000;
    }
}
