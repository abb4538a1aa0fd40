package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * Guarantees and caps of one server; every component may be {@code null}, "not set". All can be changed while it runs.
 *
 * @param cpuWeight share of CPU under contention, 1–10000; 100 where not set
 * @param cpuCap most CPUs it may use, for example 1.5; no cap where not set
 * @param memoryGuarantee bytes reserved for it in the host's ledger; a launch that would break another's guarantee is refused
 * @param memoryCap most bytes it may hold before its own processes are reclaimed from or killed
 * @param swapCap bytes of swap beyond {@code memoryCap}; 0 forbids swap
 * @param pids most processes and threads
 * @param disk most bytes its root disk may hold beyond its image
 * @param ioReadRate most bytes per second read from the host's disk
 * @param ioWriteRate most bytes per second written to the host's disk
 * @param networkReceiveRate most bits per second to the server
 * @param networkTransmitRate most bits per second from the server
 */
@Json
public record Limits(
        Integer cpuWeight,
        Double cpuCap,
        Long memoryGuarantee,
        Long memoryCap,
        Long swapCap,
        Long pids,
        Long disk,
        Long ioReadRate,
        Long ioWriteRate,
        Long networkReceiveRate,
        Long networkTransmitRate) {

    /** No limit set. */
    public static final Limits NONE = new Limits(null, null, null, null, null, null, null, null, null, null, null);

    /** These limits, with each component that {@code change} sets taken from it. */
    public Limits with(Limits change) {
        return new Limits(
                or(change.cpuWeight, cpuWeight),
                or(change.cpuCap, cpuCap),
                or(change.memoryGuarantee, memoryGuarantee),
                or(change.memoryCap, memoryCap),
                or(change.swapCap, swapCap),
                or(change.pids, pids),
                or(change.disk, disk),
                or(change.ioReadRate, ioReadRate),
                or(change.ioWriteRate, ioWriteRate),
                or(change.networkReceiveRate, networkReceiveRate),
                or(change.networkTransmitRate, networkTransmitRate));
    }

    private static <T> T or(T first, T second) {
        return first != null ? first : second;
    }
}
