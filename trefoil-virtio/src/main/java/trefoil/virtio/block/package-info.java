/**
 * The virtio disk (virtio 1.2, 5.2): one request queue over a {@link trefoil.machine.BlockBackend}, one request at a time. Guest memory goes to the backend as it is, without a copy.
 */
package trefoil.virtio.block;
