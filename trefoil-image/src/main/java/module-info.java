/** Image sources, the content-addressed store and rootfs builds. */
module trefoil.image {
    requires trefoil.linux;
    requires io.avaje.jsonb;
    requires org.tukaani.xz;

    exports trefoil.image;
    exports trefoil.image.machine;
    exports trefoil.image.unpack;

    provides io.avaje.jsonb.spi.JsonbExtension with trefoil.image.store.jsonb.GeneratedJsonComponent;
}
