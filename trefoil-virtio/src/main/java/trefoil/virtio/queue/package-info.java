/**
 * The split virtqueue (virtio 1.2, 2.7), seen from the device.
 *
 * <p>Three rings lie in guest memory: the driver puts heads of descriptor chains into the available ring, the device takes them with {@link trefoil.virtio.queue.Virtqueue#poll}, gets a
 * {@link trefoil.virtio.queue.Chain} of memory slices, and gives it back with {@link trefoil.virtio.queue.Virtqueue#push}. Nothing that the driver wrote is believed: a chain that loops, leaves memory
 * or breaks another rule ends in {@link trefoil.virtio.queue.QueueFault}, which a device turns into DEVICE_NEEDS_RESET (2.1.2).
 *
 * <p>Memory ordering: the available index is read with acquire before what it covers, the used index is stored with release after it, and a full fence stands between a store and
 * the load that the other side decides by (2.7.10, 2.7.13). Whether to interrupt is {@link trefoil.virtio.queue.Virtqueue#shouldInterrupt}; asking the driver for notifications happens inside poll.
 */
package trefoil.virtio.queue;
