package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * What a server uses now: {@code GET /1.0/servers/{name}/usage}. Counters are since its last start.
 *
 * @param name its name
 * @param at when this was measured
 * @param cpuNanos CPU time used
 * @param memory bytes held, page cache included
 * @param memoryWorkingSet bytes held less inactive page cache
 * @param memoryPeak most bytes held; {@code null} where unknown
 * @param swap bytes swapped out
 * @param processes processes and threads
 * @param disk bytes its root holds beyond its image
 * @param ioRead bytes read from the host's disk
 * @param ioWritten bytes written to the host's disk
 * @param networkReceived bytes received
 * @param networkTransmitted bytes sent
 * @param oomKills processes killed for lack of memory
 * @param pressure its pressure stall information
 * @param overheadMemory its share of the bytes that daemon and keeper hold, divided evenly among the servers that run, and those that a machine's process holds beyond the guest's RAM
 * @param overheadCpuNanos CPU time that Trefoil itself has used for this server since its start, with that of a machine's process beside guest code
 * @param machine what its virtual machine does; {@code null} for a server without one, and while it is paused
 */
@Json
public record Usage(
        String name,
        long at,
        long cpuNanos,
        long memory,
        long memoryWorkingSet,
        Long memoryPeak,
        long swap,
        long processes,
        long disk,
        long ioRead,
        long ioWritten,
        long networkReceived,
        long networkTransmitted,
        long oomKills,
        Pressure pressure,
        long overheadMemory,
        long overheadCpuNanos,
        MachineUsage machine) {}
