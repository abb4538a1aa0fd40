package trefoil.container;

/**
 * What a container uses; counters since its start. Components that the kernel does not tell are −1 (or NaN).
 *
 * @param cpuNanos CPU time
 * @param memory bytes held, page cache included
 * @param memoryWorkingSet bytes held less inactive page cache
 * @param memoryPeak most bytes held
 * @param swap bytes swapped out
 * @param processes processes and threads
 * @param ioRead bytes read from disk
 * @param ioWritten bytes written to disk
 * @param oomKills processes killed for lack of memory
 * @param disk bytes its root holds beyond its layers
 * @param cpuPressure percent of the last 10 s that some task waited for a CPU (PSI some avg10)
 * @param memoryPressure the same for memory
 * @param ioPressure the same for I/O
 */
public record Statistics(
        long cpuNanos,
        long memory,
        long memoryWorkingSet,
        long memoryPeak,
        long swap,
        long processes,
        long ioRead,
        long ioWritten,
        long oomKills,
        long disk,
        double cpuPressure,
        double memoryPressure,
        double ioPressure) {}
