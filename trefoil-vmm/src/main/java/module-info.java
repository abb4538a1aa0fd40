/** Builds and runs one virtual machine, in a process of its own: where engines and devices meet. */
module trefoil.vmm {
    requires trefoil.softcpu;
    requires trefoil.pc;
    requires trefoil.disk;
    requires trefoil.linux;
    requires trefoil.virtio;

    exports trefoil.vmm.agent;
    exports trefoil.vmm.control;
}
