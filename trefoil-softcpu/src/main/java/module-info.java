/** The software processor. */
module trefoil.softcpu {
    requires transitive trefoil.engine;

    exports trefoil.softcpu;
}
