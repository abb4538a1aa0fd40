/**
 * Virtual machines as the daemon sees them: containers whose process 1 is a machine's process. {@link trefoil.daemon.machine.MachineProgram} makes the layers of such a container's root: this Java, Trefoil's own modules and the
 * few libraries that they need; {@link trefoil.daemon.machine.MachineJail} says what the container is to be; {@link trefoil.daemon.machine.GuestContainer} makes what is asked of a server reach the guest, not the container
 * around it. So start, adoption, limits, pause, console, log and end are those of OS-level servers, and a guest that broke out of its machine would find itself in a container without host files, privileges or network.
 */
package trefoil.daemon.machine;
