/**
 * How images lie on the disk, below one directory that only root may enter (its layers hold set-user-id programs):
 *
 * <pre>
 * layers/KEY/               one layer, unpacked; KEY is the SHA-256 of its uncompressed archive, so that images share it.
 *                           Where the layers below had a say in its content (whiteouts, links into them), KEY is the
 *                           SHA-256 over that digest and the keys below it.
 * images/FINGERPRINT.json   one image: its manifest and what is known of it; FINGERPRINT is the SHA-256 of the manifest
 * aliases.json              alias to fingerprint
 * staging/                  whatever is not whole yet; emptied when the store is opened
 * </pre>
 *
 * <p>Everything becomes visible by one rename of something whole and synced: a layer before the image that names it, an
 * image before its alias. {@link trefoil.image.store.Layers} counts who needs a layer: images in the
 * {@link trefoil.image.store.Catalog}, and {@link trefoil.image.store.Intake}s at work.
 */
package trefoil.image.store;
