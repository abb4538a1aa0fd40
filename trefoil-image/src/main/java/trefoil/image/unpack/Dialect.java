package trefoil.image.unpack;

/** How members of a layer are to be understood. */
public enum Dialect {
    /** A root file system: every name means what it says. */
    ROOTFS,
    /**
     * A layer of an OCI image (image-spec v1.1, layer.md): {@code .wh.NAME} deletes, {@code .wh..wh..opq} hides a
     * directory's former content; a slash in front of a name is dropped, as some packers write one.
     */
    OCI
}
