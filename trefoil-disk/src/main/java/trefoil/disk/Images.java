package trefoil.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import trefoil.disk.DiskException.Reason;
import trefoil.disk.HostFile.Access;
import trefoil.disk.qcow2.Check;
import trefoil.disk.qcow2.CheckReport;
import trefoil.disk.qcow2.ImageFacts;
import trefoil.disk.qcow2.ImageWriter;
import trefoil.disk.qcow2.NewImage;
import trefoil.disk.qcow2.Qcow2Image;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Open;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;

/**
 * Images by path: opened, created, converted, checked. The format is always said by the caller, or by the header of the image that stands on another: a guest that owns a raw disk could write a header
 * into it and have its host open any file, if formats were guessed.
 */
public final class Images {
    /** Formats that Trefoil has. */
    public enum Format {
        RAW,
        QCOW2
    }

    /** How much of the host's room a new image takes at once. */
    public enum Preallocation {
        /** None but what the tables need. */
        OFF,
        /** Every cluster has its place in the file, which stays sparse. */
        METADATA,
        /** All of it. */
        FULL
    }

    private static final int LONGEST_CHAIN = 64;

    private Images() {}

    /** Opens an image for a machine, with what it stands on. */
    public static BlockBackend open(Path path, Format format, Access access, BackingRoots roots) throws DiskException {
        HostFile file = openFile(path, access);
        return open(path, format, file, access, roots, new HashSet<>());
    }

    private static BlockBackend open(Path path, Format format, HostFile file, Access access, BackingRoots roots, Set<String> chain) throws DiskException {
        Optional<Backing> backing;
        try {
            if (!chain.add(file.identity()) || chain.size() > LONGEST_CHAIN) {
                throw new DiskException(Reason.BACKING, path + " stands on itself, or on more than " + LONGEST_CHAIN + " images");
            }
            if (format == Format.RAW) {
                return new RawImage(file, access);
            }
            backing = backing(path, ImageFacts.read(file, path.toString()), roots, chain);
        } catch (DiskException e) {
            file.close();
            throw e;
        }
        return Qcow2Image.open(file, path.toString(), backing, access, Qcow2Image.DEFAULT_CACHE);
    }

    private static Optional<Backing> backing(Path path, ImageFacts facts, BackingRoots roots, Set<String> chain) throws DiskException {
        if (facts.backing().isEmpty()) {
            return Optional.empty();
        }
        NewImage.Standing standing = facts.backing().get();
        Format format =
                switch (standing.format()) {
                    case "raw" -> Format.RAW;
                    case "qcow2" -> Format.QCOW2;
                    default -> throw new DiskException(
                            Reason.BACKING,
                            path + " does not say whether its backing file " + standing.name() + " is raw or qcow2 (" + standing.format()
                                    + "). Say it: qemu-img rebase -u -b " + standing.name() + " -F FORMAT " + path);
                };
        Path under = roots.resolve(path, standing.name());
        HostFile file = new HostFile(roots.open(path, under), under.toString(), Access.READ);
        return Optional.of(new Backing(standing.name(), standing.format(), open(under, format, file, Access.READ, roots, chain)));
    }

    private static HostFile openFile(Path path, Access access) throws DiskException {
        try {
            int mode = access == Access.WRITE ? Open.O_RDWR : Open.O_RDONLY;
            return new HostFile(Open.open(path.toString(), mode | Open.O_NONBLOCK, 0), path.toString(), access);
        } catch (ErrnoException e) {
            throw DiskException.of(path.toString(), e);
        }
    }

    /** What the header of a qcow2 image says. */
    public static ImageFacts info(Path path) throws DiskException {
        try (HostFile file = openFile(path, Access.READ)) {
            return ImageFacts.read(file, path.toString());
        }
    }

    /** Checks a qcow2 image that nobody has open, and mends it where asked to. */
    public static CheckReport check(Path path, Check.Repair repair) throws DiskException {
        try (HostFile file = openFile(path, repair == Check.Repair.NOTHING ? Access.READ : Access.WRITE)) {
            return Check.run(file, path.toString(), repair);
        }
    }

    /** Makes a file that is not there yet a raw image of zeroes. It is gone again if that fails. */
    public static void createRaw(Path path, long size, Preallocation preallocation) throws DiskException {
        make(path, file -> {
            file.truncate(size);
            if (preallocation == Preallocation.FULL && size > 0) {
                file.reserve(size);
            }
            file.sync();
        });
    }

    /** Makes a file that is not there yet a qcow2 image. It is gone again if that fails. */
    public static void createQcow2(Path path, NewImage image, Preallocation preallocation) throws DiskException {
        if (preallocation != Preallocation.OFF && image.backing().isPresent()) {
            throw new DiskException(Reason.UNSUPPORTED, "an image with a backing file cannot be allocated beforehand: it would hide what is under it");
        }
        make(path, file -> {
            image.write(file);
            if (preallocation != Preallocation.OFF) {
                ImageWriter.allocateAll(file, path.toString());
            }
            if (preallocation == Preallocation.FULL) {
                file.reserve(file.length());
                file.sync();
            }
        });
    }

    /** What makes a file an image. */
    @FunctionalInterface
    private interface Making {
        void apply(HostFile file) throws IOException;
    }

    private static void make(Path path, Making making) throws DiskException {
        boolean made = false;
        try {
            FileDescriptor fd = Open.open(path.toString(), Open.O_RDWR | Open.O_CREAT | Open.O_EXCL | Open.O_NOFOLLOW, 0600);
            made = true;
            try (HostFile file = new HostFile(fd, path.toString(), Access.WRITE)) {
                making.apply(file);
            }
            made = false;
        } catch (IOException e) {
            throw DiskException.of(path.toString(), e);
        } finally {
            if (made) {
                path.toFile().delete();
            }
        }
    }

    /**
     * Copies a disk into a new image, of which only what is not zero takes room.
     *
     * @param image as which it is written, without a backing file; its size is the disk's or more
     */
    public static void convert(BlockBackend from, Path path, NewImage image, Packing packing) throws DiskException {
        if (image.backing().isPresent() || image.size() < from.size()) {
            throw new DiskException(Reason.UNSUPPORTED, "a disk is converted into an image of its size without a backing file");
        }
        make(path, file -> {
            image.write(file);
            try (ImageWriter writer = ImageWriter.open(file, path.toString(), image, packing)) {
                copy(from, image.clusterSize(), writer::write);
                writer.finish();
            }
        });
    }

    /** Whether a new image's clusters are compressed. */
    public enum Packing {
        PLAIN,
        COMPRESSED
    }

    /** Copies a disk into a new raw image. */
    public static void convertToRaw(BlockBackend from, Path path) throws DiskException {
        make(path, file -> {
            file.truncate(from.size());
            copy(from, 1 << 16, (offset, piece) -> file.write(offset, java.util.List.of(piece)));
            file.sync();
        });
    }

    /** Who takes pieces of a disk that are not all zeroes. */
    @FunctionalInterface
    private interface Sink {
        void write(long offset, MemorySegment piece) throws IOException;
    }

    private static void copy(BlockBackend from, int pieceSize, Sink sink) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(Math.max(pieceSize, 1 << 20), 8);
            MemorySegment zeroes = arena.allocate(pieceSize, 8);
            for (long at = 0; at < from.size(); at += chunk.byteSize()) {
                long length = Math.min(chunk.byteSize(), from.size() - at);
                IoStatus status = from.read(at, chunk.asSlice(0, length));
                if (status != IoStatus.OK) {
                    throw new DiskException(Reason.IO, "the disk cannot be read at " + at + ": " + status);
                }
                for (long done = 0; done < length; done += pieceSize) {
                    MemorySegment piece = chunk.asSlice(done, Math.min(pieceSize, length - done));
                    if (piece.mismatch(zeroes.asSlice(0, piece.byteSize())) >= 0) {
                        sink.write(at + done, piece);
                    }
                }
            }
        }
    }
}
