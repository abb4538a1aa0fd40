/**
 * Commands in a guest, from outside. A small agent, a shell script that Trefoil's initial RAM disk starts (trefoil-image's {@code agent}), talks to the host through named ports of a virtio console (virtio 1.2, 5.3.6):
 *
 * <ul>
 *   <li>{@code org.trefoil.agent}, lines. Agent: {@code hello 1 PROGRAM} (what is process 1), {@code begin SLOT PID}, {@code end SLOT STATUS}. Host: {@code run SLOT LINE} (a command line, {@code printf %b} decodes it),
 *       {@code signal NUMBER PID} (to the process group).
 *   <li>{@code org.trefoil.in.SLOT}, {@code .out.SLOT}, {@code .err.SLOT}: the command's standard streams as they are. The host's closing of {@code in} is its end; the guest's closing of {@code out} and {@code err}, which the
 *       kernel does when the last process lets go of them, is theirs. An {@code end} without {@code begin}: a descendant of an earlier command still holds a port.
 * </ul>
 *
 * <p>{@link Lane} is a port for threads that may wait; {@link Agent} hands out slots; {@link GuestCommand} is one command. Nothing that a guest says is believed beyond its own machine.
 */
package trefoil.vmm.agent;
