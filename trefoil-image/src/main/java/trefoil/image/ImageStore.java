package trefoil.image;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The content-addressed store of images below one directory. Thread-safe: two builds of the same image at once become
 * one. Whatever is half-made by a crash is removed at {@link #open}.
 */
public final class ImageStore implements AutoCloseable {
    private ImageStore() {}

    /** Opens the store, making it when it is not there. */
    public static ImageStore open(Path directory) throws ImageException {
        throw new UnsupportedOperationException("the image store is not written yet");
    }

    /** All images, newest first. */
    public List<StoredImage> list() {
        throw new UnsupportedOperationException("the image store is not written yet");
    }

    /** The image with this alias or fingerprint (12 or more leading digits suffice when unambiguous). */
    public Optional<StoredImage> find(String reference) {
        throw new UnsupportedOperationException("the image store is not written yet");
    }

    /** Builds an image that Trefoil knows how to build ({@code debian:12}, {@code debian:bookworm}, {@code busybox}), or returns it when it is there and {@code force} is not set. */
    public StoredImage build(String name, boolean force, Progress progress) throws ImageException {
        throw new UnsupportedOperationException("the image store is not written yet");
    }

    /** Imports a rootfs tarball (plain, gz, xz, zst), an OCI image layout (directory or archive). {@code alias} may be {@code null}. */
    public StoredImage importFile(Path file, String alias, Progress progress) throws ImageException {
        throw new UnsupportedOperationException("the image store is not written yet");
    }

    /** Writes the image as a rootfs tarball, zstd-compressed. */
    public void export(String reference, OutputStream out, Progress progress) throws ImageException {
        throw new UnsupportedOperationException("the image store is not written yet");
    }

    /** Deletes the image and the layers that no other image has. The caller has checked that no server is made from it. */
    public void delete(String reference) throws ImageException {
        throw new UnsupportedOperationException("the image store is not written yet");
    }

    @Override
    public void close() {}
}
