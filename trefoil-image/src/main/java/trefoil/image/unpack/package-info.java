/**
 * From a file that nobody vouches for to a directory that a server may use as a layer of its root.
 *
 * <p>{@link trefoil.image.unpack.FileKind} tells by content what a file is, and so refuses what is no archive;
 * {@link trefoil.image.unpack.Compression} undoes gzip, xz and Zstandard, strictly, below an
 * {@link trefoil.image.unpack.ExpansionGuard} that stops bombs; {@link trefoil.image.unpack.LayerUnpacker} writes the
 * members. Three rules keep it inside its directory: every parent is opened with {@code openat2(2)} and
 * {@code RESOLVE_IN_ROOT}, so that neither {@code ..} nor a planted link leads out; the last component is never followed;
 * the directory is private to root, so nobody changes it meanwhile.
 *
 * <p>Layers lie above one another as in an overlay file system (kernel documentation, filesystems/overlayfs):
 * {@link trefoil.image.unpack.MergedTree} reads a stack of them as the server will see it.
 */
package trefoil.image.unpack;
