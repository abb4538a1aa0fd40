package trefoil.container;

/**
 * What a container may use; each component may be {@code null}, "not set".
 *
 * @param cpuWeight 1–10000, 100 the default
 * @param cpuCap CPUs, such as 1.5
 * @param memoryGuarantee bytes protected from reclaim as far as the kernel can
 * @param memoryCap bytes
 * @param swapCap bytes of swap beyond the memory cap
 * @param pids processes and threads
 * @param ioReadRate bytes per second
 * @param ioWriteRate bytes per second
 */
public record ResourceLimits(
        Integer cpuWeight,
        Double cpuCap,
        Long memoryGuarantee,
        Long memoryCap,
        Long swapCap,
        Long pids,
        Long ioReadRate,
        Long ioWriteRate) {
    /** No limit. */
    public static final ResourceLimits NONE = new ResourceLimits(null, null, null, null, null, null, null, null);
}
