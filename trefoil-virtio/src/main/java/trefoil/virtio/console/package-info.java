/**
 * The virtio console (virtio 1.2, 5.3): one port, or several with names over a pair of control queues (VIRTIO_CONSOLE_F_MULTIPORT), each a {@link trefoil.machine.CharBackend}.
 *
 * <p>Flow is controlled in both directions: what a backend does not take stays in the guest's buffer until the backend calls; what no buffer is there for stays in the backend. A Linux guest spins while its console's buffer is not taken,
 * so the backend of a console should drop rather than refuse.
 */
package trefoil.virtio.console;
