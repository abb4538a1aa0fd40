/** Small programs that every engine must execute as the manuals say. */
module trefoil.conformance {
    requires transitive trefoil.engine;

    exports trefoil.conformance;
}
