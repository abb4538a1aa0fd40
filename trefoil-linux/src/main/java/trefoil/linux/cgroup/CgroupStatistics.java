package trefoil.linux.cgroup;

import trefoil.linux.host.PressureStall;

/**
 * What a group and the groups below it use; counters since the group was made. What the kernel does not tell is −1
 * (pressure: {@link PressureStall#UNKNOWN}).
 *
 * @param cpuNanos CPU time, in steps of 1 µs
 * @param memory bytes held, page cache included
 * @param memoryWorkingSet bytes held less the inactive page cache
 * @param memoryPeak most bytes held
 * @param swap bytes swapped out
 * @param processes processes and threads
 * @param ioRead bytes read from block devices
 * @param ioWritten bytes written to block devices; version 1 does not see the page cache's write-back
 * @param oomKills processes that the kernel killed because the group was at its memory cap or the host out of memory
 * @param cpuPressure waiting for a CPU
 * @param memoryPressure waiting for memory
 * @param ioPressure waiting for block devices
 */
public record CgroupStatistics(
        long cpuNanos,
        long memory,
        long memoryWorkingSet,
        long memoryPeak,
        long swap,
        long processes,
        long ioRead,
        long ioWritten,
        long oomKills,
        PressureStall cpuPressure,
        PressureStall memoryPressure,
        PressureStall ioPressure) {}
