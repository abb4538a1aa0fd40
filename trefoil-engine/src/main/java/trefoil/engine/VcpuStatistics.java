package trefoil.engine;

/**
 * What a vCPU did.
 *
 * @param instructions retired; 0 where the engine cannot know
 * @param portAccesses to devices
 * @param memoryAccesses to devices: to addresses that are no memory, or are the local APIC's
 * @param msrAccesses to devices' model-specific registers
 * @param interrupts delivered
 * @param exceptions delivered
 * @param haltNanos time in HLT
 * @param deviceNanos time of the accesses to devices
 */
public record VcpuStatistics(long instructions, long portAccesses, long memoryAccesses, long msrAccesses, long interrupts, long exceptions, long haltNanos, long deviceNanos) {
    /** Of one that has done nothing. */
    public static final VcpuStatistics NONE = new VcpuStatistics(0, 0, 0, 0, 0, 0, 0, 0);

    /** Of both together. */
    public VcpuStatistics plus(VcpuStatistics other) {
        return new VcpuStatistics(
                instructions + other.instructions, portAccesses + other.portAccesses, memoryAccesses + other.memoryAccesses, msrAccesses + other.msrAccesses, interrupts + other.interrupts,
                exceptions + other.exceptions, haltNanos + other.haltNanos, deviceNanos + other.deviceNanos);
    }

    /** Accesses to ports and addresses. */
    public long busAccesses() {
        return portAccesses + memoryAccesses;
    }
}
