/** Records of the REST resources under {@code /1.0}, their JSON, paths and error codes. Requires no other Trefoil module. */
module trefoil.api {
    requires transitive io.avaje.jsonb;

    exports trefoil.api;

    provides io.avaje.jsonb.spi.JsonbExtension with trefoil.api.jsonb.GeneratedJsonComponent;
}
