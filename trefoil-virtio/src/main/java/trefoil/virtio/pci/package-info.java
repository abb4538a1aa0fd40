/**
 * Virtio over PCI (virtio 1.2, 4.1), modern devices only: vendor 0x1AF4, device 0x1040 + type, revision 1.
 *
 * <p>{@link trefoil.virtio.pci.VirtioPci} is one PCI function. Base address 0 holds, page by page, the common configuration ({@link trefoil.virtio.pci.DeviceRegisters}), the ISR status, the device's own
 * configuration and the notification registers; base address 2 holds the MSI-X table. Five vendor capabilities say so (4.1.4). A driver resets, acknowledges, negotiates features, sets up queues and sets
 * DRIVER_OK (3.1.1); that starts the {@link trefoil.virtio.device.VirtioDevice}, which knows nothing of all this.
 */
package trefoil.virtio.pci;
