/**
 * One virtual machine. {@link trefoil.vmm.Machine} puts memory, bus, board and vCPUs together, loads a kernel, and runs it to its end; {@link trefoil.vmm.Processor} is where a vCPU of an engine and the local APIC of the
 * board meet, who know nothing of one another; {@link trefoil.vmm.Main} is the process.
 */
package trefoil.vmm;
