/**
 * What a virtio device is, whatever bus carries it (virtio 1.2, 2).
 *
 * <p>A transport negotiates features, fills in the {@link trefoil.virtio.queue.Virtqueue}s and starts the {@link trefoil.virtio.device.VirtioDevice}, which answers by a
 * {@link trefoil.virtio.device.Interrupt}. A notification by a vCPU only wakes the device's {@link trefoil.virtio.device.Worker}; the work, which may block on a disk, happens there, chain by chain, each in the
 * worker's <em>turn</em>. Stopping, pausing and saving the device means waiting for the turn.
 *
 * <p>{@link trefoil.virtio.device.QueueDevice} is what all devices of Trefoil extend: it keeps queues and features and turns a {@link trefoil.virtio.queue.QueueFault} into DEVICE_NEEDS_RESET.
 *
 * <p>Locks: a device's turn comes before those of the transport and of the configuration space, since the holder interrupts; who holds one of those may only try for the turn.
 */
package trefoil.virtio.device;
