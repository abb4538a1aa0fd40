package trefoil.daemon.lifecycle;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import trefoil.image.ImageException;
import trefoil.image.ImageStore;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
import trefoil.image.machine.MachineImage;

/** What the daemon needs of an image store; each method as in {@link ImageStore}. */
public interface ImageShelf extends AutoCloseable {
    List<StoredImage> list();

    Optional<StoredImage> find(String reference);

    StoredImage build(String name, boolean force, Progress progress) throws ImageException;

    MachineImage machineImage(String reference, long diskBytes, Progress progress) throws ImageException;

    MachineImage machineImage(String reference, long diskBytes, Path note, Progress progress) throws ImageException;

    void sweepMachineImages(Collection<Path> notes) throws ImageException;

    StoredImage importFile(Path file, String name, String alias, Progress progress) throws ImageException;

    void export(String reference, OutputStream out, Progress progress) throws ImageException;

    void delete(String reference) throws ImageException;

    @Override
    void close();

    /** Opens an image store. */
    @FunctionalInterface
    interface Opener {
        ImageShelf open() throws ImageException;
    }

    /** The one in a directory. */
    static Opener in(Path directory) {
        return () -> new Stored(ImageStore.open(directory));
    }

    /** Passes everything on. */
    record Stored(ImageStore store) implements ImageShelf {
        @Override
        public List<StoredImage> list() {
            return store.list();
        }

        @Override
        public Optional<StoredImage> find(String reference) {
            return store.find(reference);
        }

        @Override
        public StoredImage build(String name, boolean force, Progress progress) throws ImageException {
            return store.build(name, force, progress);
        }

        @Override
        public MachineImage machineImage(String reference, long diskBytes, Progress progress) throws ImageException {
            return store.machineImage(reference, diskBytes, progress);
        }

        @Override
        public MachineImage machineImage(String reference, long diskBytes, Path note, Progress progress) throws ImageException {
            return store.machineImage(reference, diskBytes, note, progress);
        }

        @Override
        public void sweepMachineImages(Collection<Path> notes) throws ImageException {
            store.sweepMachineImages(notes);
        }

        @Override
        public StoredImage importFile(Path file, String name, String alias, Progress progress) throws ImageException {
            return store.importFile(file, name, alias, progress);
        }

        @Override
        public void export(String reference, OutputStream out, Progress progress) throws ImageException {
            store.export(reference, out, progress);
        }

        @Override
        public void delete(String reference) throws ImageException {
            store.delete(reference);
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
