package trefoil.linux.cgroup;

/**
 * What a group may use. Every component may be {@code null}: no limit (weight: the default).
 *
 * @param cpuWeight share of CPU under contention, 1–10000, 100 the default ({@code cpu.weight}; version 1:
 *     {@code cpu.shares} = weight × 10.24, the same ratios)
 * @param cpuCap most CPUs, at least 0.01, such as 1.5 ({@code cpu.max}; version 1: {@code cpu.cfs_quota_us}); enforced in
 *     each period of 100 ms
 * @param memoryGuarantee bytes that reclaim leaves alone as long as there is anything else to take ({@code memory.low};
 *     version 1: {@code memory.soft_limit_in_bytes}, where groups without a guarantee have 0 and are taken from first)
 * @param memoryCap most bytes, page cache and kernel memory included ({@code memory.max}; version 1:
 *     {@code memory.limit_in_bytes})
 * @param swapCap most bytes of swap ({@code memory.swap.max}; version 1: {@code memory.memsw.limit_in_bytes} =
 *     memoryCap + swapCap, so there it needs a memoryCap)
 * @param pids most processes and threads ({@code pids.max})
 * @param ioReadRate bytes per second read from {@code ioDevice} ({@code io.max}; version 1:
 *     {@code blkio.throttle.read_bps_device})
 * @param ioWriteRate the same for writing; version 1 sees only writes that bypass the page cache
 * @param ioDevice the whole disk that the rates are about, {@code major:minor}; needed with a rate
 */
public record CgroupLimits(
        Integer cpuWeight,
        Double cpuCap,
        Long memoryGuarantee,
        Long memoryCap,
        Long swapCap,
        Long pids,
        Long ioReadRate,
        Long ioWriteRate,
        String ioDevice) {
    /** No limit. */
    public static final CgroupLimits NONE = new CgroupLimits(null, null, null, null, null, null, null, null, null);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the component, its value and its range
     */
    public CgroupLimits {
        require(cpuWeight == null || cpuWeight >= 1 && cpuWeight <= 10_000, "CPU weight", cpuWeight, "1 to 10000");
        require(cpuCap == null || cpuCap >= 0.01 && cpuCap <= 100_000, "CPU cap", cpuCap, "0.01 CPUs or more");
        require(memoryGuarantee == null || memoryGuarantee >= 0, "memory guarantee", memoryGuarantee, "0 bytes or more");
        require(memoryCap == null || memoryCap > 0, "memory cap", memoryCap, "1 byte or more");
        require(swapCap == null || swapCap >= 0, "swap cap", swapCap, "0 bytes or more");
        require(pids == null || pids > 0, "process limit", pids, "1 or more");
        require(ioReadRate == null || ioReadRate > 0, "read rate", ioReadRate, "1 byte per second or more");
        require(ioWriteRate == null || ioWriteRate > 0, "write rate", ioWriteRate, "1 byte per second or more");
        boolean rate = ioReadRate != null || ioWriteRate != null;
        require(
                !rate || ioDevice != null && ioDevice.matches("\\d{1,4}:\\d{1,7}"),
                "device of the I/O rates",
                ioDevice,
                "major:minor of a whole disk");
    }

    private static void require(boolean holds, String what, Object value, String range) {
        if (!holds) {
            throw new IllegalArgumentException(what + " " + value + ": must be " + range);
        }
    }
}
