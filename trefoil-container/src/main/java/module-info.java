/** OS-level virtual servers: namespaces, cgroups, rootfs, init, lifecycle. */
module trefoil.container {
    requires trefoil.linux;

    exports trefoil.container;
}
