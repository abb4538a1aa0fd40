/** Virtio 1.2 (OASIS, Committee Specification 01, 1 July 2022): queues, the PCI transport, and devices. */
module trefoil.virtio {
    requires transitive trefoil.pci;

    exports trefoil.virtio.block;
    exports trefoil.virtio.console;
    exports trefoil.virtio.device;
    exports trefoil.virtio.net;
    exports trefoil.virtio.pci;
    exports trefoil.virtio.queue;
    exports trefoil.virtio.rng;
}
