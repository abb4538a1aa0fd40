package trefoil.benchmarks;

import java.io.IOException;

/** Something that runs the benchmark's command in isolation. */
interface Contender {
    /** Its name in the report. */
    String name();

    /** What separates the command from the host, in words. */
    String isolation();

    /**
     * Runs {@code sh -c 'echo hi'} from nothing to its end.
     *
     * @return nanoseconds
     * @throws BenchmarkException when it did not exit with 0 or did not write {@code hi}
     */
    long startToExit() throws BenchmarkException, IOException, InterruptedException;

    /** CPU time in nanoseconds that it and its children have used so far; only differences have a meaning. */
    long cpuNanos() throws IOException;
}
