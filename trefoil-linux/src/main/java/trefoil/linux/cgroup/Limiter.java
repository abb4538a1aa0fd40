package trefoil.linux.cgroup;

import java.io.IOException;

/** The controllers of one group: limits and what only controllers can tell. Core files are {@link UnifiedGroup}'s. */
sealed interface Limiter permits ControllersV1, ControllersV2 {
    /** Writes what differs between the two, in an order that the kernel accepts. */
    void change(CgroupLimits from, CgroupLimits to) throws IOException;

    /** The limits as the kernel holds them now. */
    CgroupLimits limits() throws IOException;

    /** The CPU cap in CPUs; {@code null} for none. */
    Double cpuCap() throws IOException;

    /** Memory in detail. */
    CgroupMemory memory() throws IOException;

    /** Most bytes held; −1 unknown. */
    long memoryPeak() throws IOException;

    /** Processes and threads; −1 unknown. */
    long processes() throws IOException;

    /** Bytes read and written. */
    Transferred transferred() throws IOException;

    /** Out-of-memory kills. */
    long oomKills() throws IOException;

    /** @param read bytes; −1 unknown
     *  @param written bytes; −1 unknown */
    record Transferred(long read, long written) {}
}
