package trefoil.image;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import trefoil.image.ImageException.Reason;
import trefoil.image.archive.ArchiveImport;
import trefoil.image.machine.MachineImage;
import trefoil.image.machine.MachineImages;
import trefoil.image.oci.OciImport;
import trefoil.image.store.Catalog;
import trefoil.image.store.Intake;
import trefoil.image.store.Layers;
import trefoil.image.store.Manifest;
import trefoil.image.store.RootfsExport;
import trefoil.image.unpack.Bounds;
import trefoil.image.unpack.MergedTree;
import trefoil.image.unpack.Refusal;
import trefoil.linux.unpack.At;

/**
 * The content-addressed store of images below one directory. Thread-safe: two builds of the same image at once become
 * one. Whatever is half-made by a crash is removed at {@link #open}. One process opens a directory at a time; the
 * directory is made private to root, because layers hold set-user-id programs. Long work ends early with
 * {@link Reason#SOURCE_FAILED} when its thread is interrupted.
 */
public final class ImageStore implements AutoCloseable {
    private final Path directory;
    private final Catalog catalog;
    private final Layers layers;
    private final Bounds bounds;
    private final Builds builds;
    private final MachineImages machines;

    private ImageStore(Path directory, Catalog catalog, Layers layers, Bounds bounds, MachineImages machines) {
        this.machines = machines;
        this.directory = directory;
        this.catalog = catalog;
        this.layers = layers;
        this.bounds = bounds;
        this.builds = new Builds(this::newIntake);
    }

    /** Opens the store, making it when it is not there. */
    public static ImageStore open(Path directory) throws ImageException {
        return open(directory, Bounds.DEFAULT);
    }

    /** Opens the store with other bounds for what an image may take. */
    public static ImageStore open(Path directory, Bounds bounds) throws ImageException {
        try {
            Path absolute = Files.createDirectories(directory.toAbsolutePath().normalize());
            Files.setPosixFilePermissions(absolute, PosixFilePermissions.fromString("rwx------"));
            Catalog catalog = new Catalog(absolute);
            Layers layers = new Layers(absolute, catalog);
            return new ImageStore(absolute, catalog, layers, bounds, new MachineImages(absolute, layers, catalog));
        } catch (IOException e) {
            throw stored("cannot open the image store " + directory, e);
        }
    }

    /** All images, newest first. */
    public List<StoredImage> list() {
        return catalog.list();
    }

    /** The image with this alias or fingerprint (12 or more leading digits suffice when unambiguous). */
    public Optional<StoredImage> find(String reference) {
        return catalog.find(reference);
    }

    /** What was left out or changed when the image was unpacked, in words; empty where nothing was, or no such image is. */
    public List<String> notes(String reference) {
        return find(reference).map(image -> catalog.notes(image.fingerprint())).orElse(List.of());
    }

    /** Builds an image that Trefoil knows how to build ({@code debian:12}, {@code debian:bookworm}, {@code busybox}), or returns it when it is there and {@code force} is not set; with that the kernel of its machines is today's too. */
    public StoredImage build(String name, boolean force, Progress progress) throws ImageException {
        Optional<StoredImage> there = force ? Optional.empty() : find(name);
        if (there.isPresent()) {
            return there.get();
        }
        StoredImage built = builds.build(name, progress);
        if (force) {
            machines.refreshKernel(built, progress);
        }
        return built;
    }

    /**
     * What virtual machines made of an image boot from; the first time that takes a while: Debian's kernel is fetched, and a disk made.
     *
     * @param diskBytes size of the disk, 64 MiB or more
     */
    public MachineImage machineImage(String reference, long diskBytes, Progress progress) throws ImageException {
        return machines.of(require(reference), diskBytes, progress);
    }

    /** What one machine boots from, always the same: {@link MachineImages#standing}. */
    public MachineImage machineImage(String reference, long diskBytes, Path note, Progress progress) throws ImageException {
        return machines.standing(require(reference), diskBytes, note, progress);
    }

    /** Removes what no machine boots from any more: {@link MachineImages#sweep}. */
    public void sweepMachineImages(Collection<Path> notes) throws ImageException {
        try {
            machines.sweep(notes);
        } catch (IOException e) {
            throw stored("cannot remove disks and kernels that no machine needs", e);
        }
    }

    /** Imports a rootfs tarball (plain, gz, xz, zst), an OCI image layout (directory or archive). {@code alias} may be {@code null}. */
    public StoredImage importFile(Path file, String alias, Progress progress) throws ImageException {
        return importFile(file, file.getFileName() == null ? file.toString() : file.getFileName().toString(), alias, progress);
    }

    /** As {@link #importFile(Path, String, Progress)}, of a file that whoever gave it knows by another name. */
    public StoredImage importFile(Path file, String name, String alias, Progress progress) throws ImageException {
        requireAlias(alias);
        if (!Files.exists(file)) {
            throw new ImageException(Reason.NOT_FOUND, "there is no file " + file, "look for it with: ls " + file.toAbsolutePath().getParent(), null);
        }
        List<String> aliases = alias == null ? List.of() : List.of(alias);
        String subject = At.readable(At.raw(name));
        try (Intake intake = newIntake()) {
            if (Files.isDirectory(file)) {
                return importDirectory(intake, file, aliases, progress);
            }
            if (!Files.isRegularFile(file)) {
                throw Refusal.bad(file + " is no regular file", "give a tarball, or an OCI image layout");
            }
            return new ArchiveImport(intake, file, subject, progress).run(aliases);
        } catch (IOException e) {
            throw Refusal.of(subject, e);
        }
    }

    private static StoredImage importDirectory(Intake intake, Path file, List<String> aliases, Progress progress) throws IOException {
        if (!OciImport.isLayout(file)) {
            throw Refusal.bad(
                    "the directory " + file + " is no OCI image layout: it lacks oci-layout",
                    "pack a root file system with: tar -C " + file + " --numeric-owner -cJf rootfs.tar.xz .");
        }
        return OciImport.ofDirectory(intake, file, progress, aliases);
    }

    private static void requireAlias(String alias) throws ImageException {
        boolean good = alias == null || alias.matches("[a-zA-Z0-9][a-zA-Z0-9._:/@+-]{0,127}") && !Catalog.isFingerprint(alias);
        if (!good) {
            throw Refusal.bad(
                    "\"" + At.readable(At.raw(alias)) + "\" is no alias",
                    "use up to 128 letters, digits and . _ : / @ + -, and no twelve or more hexadecimal digits alone");
        }
    }

    /** Writes the image as a rootfs tarball, zstd-compressed: its layers merged, the same bytes each time. */
    public void export(String reference, OutputStream out, Progress progress) throws ImageException {
        StoredImage image = require(reference);
        List<String> held = new ArrayList<>();
        try {
            for (String key : layers(image, reference)) {
                if (!layers.hold(key)) {
                    throw gone(reference);
                }
                held.add(key);
            }
            try (MergedTree tree = new MergedTree(image.layers())) {
                new RootfsExport(tree, image.size(), progress).write(out);
            }
        } catch (IOException e) {
            throw stored("cannot export the image " + reference, e);
        } finally {
            release(held);
        }
    }

    private void release(List<String> held) throws ImageException {
        try {
            for (String key : held) {
                layers.release(key);
            }
        } catch (IOException e) {
            throw stored("cannot remove a layer that nobody needs any more", e);
        }
    }

    /** Deletes the image and the layers that no other image has. The caller has checked that no server is made from it. */
    public void delete(String reference) throws ImageException {
        StoredImage image = require(reference);
        try {
            List<String> keys = layers(image, reference);
            catalog.remove(image.fingerprint());
            machines.forget(image.fingerprint());
            for (String key : keys) {
                layers.collect(key);
            }
        } catch (IOException e) {
            throw stored("cannot delete the image " + reference, e);
        }
    }

    /** Keys of its layers. */
    private List<String> layers(StoredImage image, String reference) throws ImageException {
        Manifest manifest = catalog.manifest(image.fingerprint());
        if (manifest == null) {
            throw gone(reference);
        }
        return manifest.layers();
    }

    private static ImageException gone(String reference) {
        return new ImageException(Reason.NOT_FOUND, "the image " + reference + " was deleted meanwhile", null, null);
    }

    private StoredImage require(String reference) throws ImageException {
        return find(reference).orElseThrow(() -> new ImageException(
                Reason.NOT_FOUND, "there is no image " + At.readable(At.raw(reference)), "see those that are there with: trefoil image list", null));
    }

    private Intake newIntake() throws ImageException {
        try {
            return new Intake(layers, catalog, bounds);
        } catch (IOException e) {
            throw stored("cannot write to the image store " + directory, e);
        }
    }

    private static ImageException stored(String what, IOException e) {
        return switch (e) {
            case ImageException known -> known;
            case IOException full when Refusal.isFull(full) -> Refusal.full(what + ": the disk is full", full);
            default -> new ImageException(Reason.SOURCE_FAILED, what + ": " + e.getMessage(), null, e);
        };
    }

    /** Ends nothing that runs; work in progress leaves nothing behind when its threads end. */
    @Override
    public void close() {}
}
