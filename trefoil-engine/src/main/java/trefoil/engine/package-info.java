/**
 * What a machine and an engine know of one another. An {@link trefoil.engine.Engine} makes one {@link trefoil.engine.Vcpu} for each processor from a {@link trefoil.engine.VcpuWiring}; each is run by a
 * platform thread of its own, and {@link trefoil.engine.Vcpu#run} comes back with a {@link trefoil.engine.VcpuExit} when the machine must act.
 *
 * <p>Ports and addresses that are no memory are answered by {@link trefoil.machine.Bus} within {@code run}, on the vCPU's thread. Interrupts come the other way: a controller tells the vCPU that something
 * may be pending ({@link trefoil.engine.VcpuSignals}), and the vCPU asks its {@link trefoil.engine.InterruptSource} when it can take it.
 */
package trefoil.engine;
