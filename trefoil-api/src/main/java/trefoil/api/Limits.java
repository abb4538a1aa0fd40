package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * Guarantees and caps of one server; every component may be {@code null}, "not set". All can be changed while it runs.
 *
 * <p>In a change ({@code PATCH /1.0/servers/{name}}) {@code null} leaves a component as it is and {@link #CLEAR}, -1 (in
 * {@code cpuCap} -1.0), makes it "not set" again. What is kept, and what the daemon answers, never holds -1; every other negative
 * value is refused.
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

    /** In a change: no longer set. */
    public static final int CLEAR = -1;

    /** No limit set. */
    public static final Limits NONE = new Limits(null, null, null, null, null, null, null, null, null, null, null);

    /** These limits, with each component that {@code change} sets taken from it and each that it clears not set. */
    public Limits with(Limits change) {
        return new Limits(
                changed(change.cpuWeight, cpuWeight),
                changed(change.cpuCap, cpuCap),
                changed(change.memoryGuarantee, memoryGuarantee),
                changed(change.memoryCap, memoryCap),
                changed(change.swapCap, swapCap),
                changed(change.pids, pids),
                changed(change.disk, disk),
                changed(change.ioReadRate, ioReadRate),
                changed(change.ioWriteRate, ioWriteRate),
                changed(change.networkReceiveRate, networkReceiveRate),
                changed(change.networkTransmitRate, networkTransmitRate));
    }

    private static <T extends Number> T changed(T change, T now) {
        if (change == null) {
            return now;
        }
        return change.doubleValue() == CLEAR ? null : change;
    }
}
