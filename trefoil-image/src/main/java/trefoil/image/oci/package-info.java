/**
 * Images of the Open Container Initiative (image-spec v1.1) and of {@code docker save}, from a directory or an archive.
 *
 * <p>An image layout is a set of blobs named by their digests: {@code index.json} leads, through nested indexes, to the
 * manifest for this machine's platform, the manifest to a configuration and to layers. Nothing is believed: every blob's
 * size and digest is compared with its descriptor's, every layer's uncompressed digest with the configuration's
 * {@code diff_ids}, documents are bounded in size and depth before they are parsed ({@link trefoil.image.oci.Document}).
 */
package trefoil.image.oci;
