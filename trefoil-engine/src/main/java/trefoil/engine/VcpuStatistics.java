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
public record VcpuStatistics(long instructions, long busAccesses, long interrupts, long exceptions, long haltNanos) {
    /** Of one that has done nothing. */
    public static final VcpuStatistics NONE = new VcpuStatistics(0, 0, 0, 0, 0);

    /** Of both together. */
    public VcpuStatistics plus(VcpuStatistics other) {
        return new VcpuStatistics(
                instructions + other.instructions, busAccesses + other.busAccesses, interrupts + other.interrupts, exceptions + other.exceptions, haltNanos + other.haltNanos);
    }
}
