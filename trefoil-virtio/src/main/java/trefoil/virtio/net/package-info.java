/**
 * The virtio network card (virtio 1.2, 5.1): one pair of queues over a {@link trefoil.machine.NetBackend}.
 *
 * <p>Frames from the guest are sent by the device's thread, without a copy. Frames to the guest are waited for by a second thread, for as long as the backend lives, into memory of the device's own; they are copied into the
 * guest's buffers in the device's turn. So a reset never has to wait for the network.
 */
package trefoil.virtio.net;
