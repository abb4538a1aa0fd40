/** PCI as a guest sees it: configuration space, base addresses, MSI-X, interrupt pins, and the two bridges of a Q35 board. */
module trefoil.pci {
    requires transitive trefoil.machine;

    exports trefoil.pci;
}
