/** Image sources, the content-addressed store and rootfs builds. */
module trefoil.image {
    requires trefoil.linux;

    exports trefoil.image;
}
