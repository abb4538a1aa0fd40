package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * What the virtual machine of a server does. Counters are since its last start and go on over resets.
 *
 * @param vcpus virtual processors
 * @param memory bytes of the guest's RAM
 * @param boots how often it was begun: 1, and 1 more for each reset
 * @param instructions that its processors have executed; 0 where the processor cannot tell
 * @param portAccesses to devices, by IN and OUT
 * @param memoryAccesses to devices' registers in memory
 * @param msrAccesses to devices' model-specific registers
 * @param interrupts that its processors have taken
 * @param haltedNanos time that its processors, together, were halted
 * @param guestCpuNanos CPU time in which guest code was executed
 * @param hypervisorCpuNanos CPU time that the machine took beside guest code: devices, and all else in its process
 * @param hypervisorMemory bytes that its process holds beyond the guest's RAM
 * @param waitsForRoom whether what it writes to its disk waits because the host's disk is full
 */
@Json
public record MachineUsage(
        int vcpus,
        long memory,
        int boots,
        long instructions,
        long portAccesses,
        long memoryAccesses,
        long msrAccesses,
        long interrupts,
        long haltedNanos,
        long guestCpuNanos,
        long hypervisorCpuNanos,
        long hypervisorMemory,
        boolean waitsForRoom) {}
