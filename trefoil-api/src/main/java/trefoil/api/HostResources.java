package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * The ledger of the host: {@code GET /1.0/resources}.
 *
 * @param cpus logical CPUs online
 * @param cpuReserved CPUs kept for the host and Trefoil
 * @param cpuBusyPercent of all CPUs, over the last second
 * @param memory bytes of RAM
 * @param memoryAvailable bytes available now (MemAvailable)
 * @param memoryReserved bytes kept for the host and Trefoil
 * @param memoryGuaranteed bytes promised to servers
 * @param swap bytes of swap
 * @param swapFree bytes of swap not used
 * @param disk bytes of the file system that holds the state directory
 * @param diskFree bytes free on it
 * @param diskReserved bytes kept free for the host
 * @param diskPromised bytes of disk caps promised to servers and not yet used by them
 * @param daemonMemory resident bytes of the daemon and its helpers
 * @param daemonCpuNanos CPU time of the daemon since it started
 * @param pressure the host's pressure stall information
 * @param cgroup {@code v1}, {@code v2} or {@code hybrid}
 * @param kernel release of the running kernel
 * @param hardwareVirtualization {@code vmx}, {@code svm} or {@code none}
 */
@Json
public record HostResources(
        int cpus,
        double cpuReserved,
        double cpuBusyPercent,
        long memory,
        long memoryAvailable,
        long memoryReserved,
        long memoryGuaranteed,
        long swap,
        long swapFree,
        long disk,
        long diskFree,
        long diskReserved,
        long diskPromised,
        long daemonMemory,
        long daemonCpuNanos,
        Pressure pressure,
        String cgroup,
        String kernel,
        String hardwareVirtualization) {}
