package trefoil.daemon.ledger;

/**
 * What no server is promised: it is kept for the host and Trefoil itself.
 *
 * @param cpu CPUs
 * @param memory bytes
 * @param disk bytes kept free on the file system of the state directory
 * @param cpuAtLeastPercent whether 5 % of the CPUs are kept where that is more
 * @param memoryAtLeastPercent the same for memory
 * @param diskAtLeastPercent the same for the disk
 */
public record Reserve(
        double cpu,
        long memory,
        long disk,
        boolean cpuAtLeastPercent,
        boolean memoryAtLeastPercent,
        boolean diskAtLeastPercent) {
    private static final double SHARE = 0.05;

    /** A quarter of a CPU, 512 MiB and 2 GiB, or 5 % where that is more. */
    public static final Reserve DEFAULT = new Reserve(0.25, 512L << 20, 2L << 30, true, true, true);

    /** CPUs kept on a host with so many. */
    public double cpuOf(int cpus) {
        return cpuAtLeastPercent ? Math.max(cpu, cpus * SHARE) : cpu;
    }

    /** Bytes kept on a host with so much memory. */
    public long memoryOf(long total) {
        return memoryAtLeastPercent ? Math.max(memory, (long) (total * SHARE)) : memory;
    }

    /** Bytes kept on a file system of this size. */
    public long diskOf(long total) {
        return diskAtLeastPercent ? Math.max(disk, (long) (total * SHARE)) : disk;
    }
}
