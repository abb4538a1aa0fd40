/** The PC board: its chips, each known by its registers, and what a guest is told of them. */
module trefoil.pc {
    requires transitive trefoil.pci;
    requires org.tukaani.xz;

    exports trefoil.pc;
    exports trefoil.pc.acpi;
    exports trefoil.pc.boot;
    exports trefoil.pc.interrupt;
    exports trefoil.pc.nvme;
    exports trefoil.pc.power;
    exports trefoil.pc.ps2;
    exports trefoil.pc.serial;
    exports trefoil.pc.timer;
}
