package trefoil.engine;

import trefoil.machine.Bus;
import trefoil.machine.GuestMemory;
import trefoil.x86.cpuid.CpuidPolicy;

/**
 * What a vCPU is connected to.
 *
 * @param bootstrap whether it is the one that begins
 */
public record VcpuWiring(int index, boolean bootstrap, GuestMemory memory, Bus bus, CpuidPolicy cpuid, InterruptSource interrupts, LocalPage localApic, MsrDevice msrs, TimeStamp tsc, Hypercalls hypercalls) {}
