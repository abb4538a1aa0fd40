package trefoil.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Lets contenders take turns: each runs once a round, in an order drawn anew for each round from a fixed seed. */
final class Rounds {
    private static final int WARM_UP = 3;

    private final Map<Contender, Samples> samples = new LinkedHashMap<>();
    private final Map<Contender, Long> cpu = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    Rounds(List<? extends Contender> contenders) throws IOException, InterruptedException {
        for (Contender contender : contenders) {
            try {
                for (int i = 0; i < WARM_UP; i++) {
                    contender.startToExit();
                }
                samples.put(contender, new Samples());
                cpu.put(contender, 0L);
            } catch (BenchmarkException e) {
                failures.add(e.getMessage());
            } catch (IOException e) {
                failures.add(contender.name() + ": " + e.getMessage());
            }
        }
    }

    /** Contenders that are not measured since they did not do what they should. */
    List<String> failures() {
        return failures;
    }

    /** Runs rounds until there are {@code runs} of them or the time is over. */
    void run(int runs, Duration limit) throws IOException, InterruptedException {
        Random random = new Random(1);
        long end = System.nanoTime() + limit.toNanos();
        for (int i = 0; i < runs && System.nanoTime() - end < 0; i++) {
            List<Contender> order = new ArrayList<>(samples.keySet());
            Collections.shuffle(order, random);
            for (Contender contender : order) {
                turn(contender);
            }
        }
    }

    private void turn(Contender contender) throws IOException, InterruptedException {
        try {
            long before = contender.cpuNanos();
            samples.get(contender).add(contender.startToExit());
            cpu.merge(contender, contender.cpuNanos() - before, Long::sum);
        } catch (BenchmarkException e) {
            failures.add(e.getMessage());
            samples.remove(contender);
        }
    }

    /** Enters the times of all into a report. */
    void report(Report report, String section) {
        samples.forEach((contender, times) -> report.row(new Report.Row(section, contender.name(), times,
                times.count() == 0 ? Double.NaN : cpu.get(contender) / 1e6 / times.count(), contender.isolation())));
    }
}
