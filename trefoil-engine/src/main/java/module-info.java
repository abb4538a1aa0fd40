/** The seam between a machine and what executes its guest's instructions: the software processor, or the hardware by way of KVM. */
module trefoil.engine {
    requires transitive trefoil.machine;
    requires transitive trefoil.x86;

    exports trefoil.engine;
}
