package trefoil.engine;

/**
 * What a vCPU did.
 *
 * @param instructions retired; 0 where the engine cannot know
 * @param busAccesses accesses to ports and to addresses that are no memory
 * @param interrupts delivered
 * @param exceptions delivered
 * @param haltNanos time in HLT
 */
public record VcpuStatistics(long instructions, long busAccesses, long interrupts, long exceptions, long haltNanos) {}
