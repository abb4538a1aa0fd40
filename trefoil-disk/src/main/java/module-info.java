/** Disk images as block backends. */
module trefoil.disk {
    requires transitive trefoil.machine;
    requires trefoil.linux;

    exports trefoil.disk;
    exports trefoil.disk.qcow2;
}
