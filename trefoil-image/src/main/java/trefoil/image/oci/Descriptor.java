package trefoil.image.oci;

import java.io.IOException;
import trefoil.image.ImageException;
import trefoil.image.store.Digest;
import trefoil.image.unpack.Refusal;

/**
 * A reference to a blob (image-spec v1.1, descriptor.md).
 *
 * @param size bytes of the blob
 * @param platform what a manifest is for; empty members where it does not say
 */
record Descriptor(String mediaType, Digest digest, long size, Platform platform, String refName) {
    /** {@code os/architecture/variant}; each may be empty. */
    record Platform(String os, String architecture, String variant) {
        boolean isSaid() {
            return !os.isEmpty() || !architecture.isEmpty();
        }

        @Override
        public String toString() {
            return isSaid() ? os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant) : "no platform";
        }
    }

    static Descriptor of(Document d) throws ImageException {
        Document p = d.object("platform");
        return new Descriptor(
                d.text("mediaType"),
                Digest.parse(d.text("digest"), d.where()),
                d.number("size"),
                new Platform(p.text("os"), p.text("architecture"), p.text("variant")),
                d.object("annotations").text("org.opencontainers.image.ref.name"));
    }

    /** The blob's name in a layout. */
    String name() {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    /** The blob as a document, its size and digest verified. */
    byte[] verified(Blobs blobs, String what) throws IOException {
        requireSize(blobs, what);
        byte[] bytes = blobs.document(name(), what);
        Digest found = Digest.of(bytes, digest.algorithm());
        if (!found.equals(digest)) {
            throw mismatch(what, found);
        }
        return bytes;
    }

    /** Refuses a blob that is absent or of another size than described. */
    void requireSize(Blobs blobs, String what) throws IOException {
        long found = blobs.size(name());
        if (found < 0) {
            throw Refusal.bad("the image lacks its " + what + ", " + digest);
        }
        if (found != size) {
            throw Refusal.bad("the image's " + what + " " + digest + " has " + found + " bytes where " + size + " are described");
        }
    }

    ImageException mismatch(String what, Digest found) {
        return Refusal.bad(
                "the image's " + what + " is not what its digest says: expected " + digest + ", found " + found,
                "fetch the image again");
    }
}
