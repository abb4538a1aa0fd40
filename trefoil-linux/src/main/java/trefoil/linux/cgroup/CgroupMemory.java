package trefoil.linux.cgroup;

/**
 * A group's memory as {@code free(1)} would want to know it, in bytes.
 *
 * @param usage all that is charged; −1 where memory is not accounted
 * @param cap the memory cap; {@link Long#MAX_VALUE} without one
 * @param anonymous anonymous memory
 * @param file page cache, {@code shared} included
 * @param shared tmpfs and shared memory
 * @param activeAnonymous anonymous memory on the active list
 * @param inactiveAnonymous anonymous memory on the inactive list
 * @param activeFile page cache on the active list
 * @param inactiveFile page cache on the inactive list
 * @param unevictable locked memory
 * @param mapped page cache that is mapped
 * @param dirty page cache waiting to be written
 * @param writeback page cache being written
 * @param slabReclaimable kernel memory that reclaim can take back; 0 where the kernel does not tell (version 1)
 * @param slabUnreclaimable kernel memory that it cannot; 0 where the kernel does not tell (version 1)
 * @param kernel all kernel memory
 * @param swap bytes swapped out
 * @param swapCap the swap cap; {@link Long#MAX_VALUE} without one
 */
public record CgroupMemory(
        long usage,
        long cap,
        long anonymous,
        long file,
        long shared,
        long activeAnonymous,
        long inactiveAnonymous,
        long activeFile,
        long inactiveFile,
        long unevictable,
        long mapped,
        long dirty,
        long writeback,
        long slabReclaimable,
        long slabUnreclaimable,
        long kernel,
        long swap,
        long swapCap) {}
