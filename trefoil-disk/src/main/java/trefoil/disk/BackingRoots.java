package trefoil.disk;

import java.nio.file.Path;
import java.util.List;
import trefoil.disk.DiskException.Reason;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Open;

/**
 * Directories that backing files may lie in. A name in an image's header is not trusted: who made the image may have written {@code /etc/shadow} there. A file is opened beneath one of the
 * directories by openat2(2) with {@code RESOLVE_BENEATH}, so that symbolic links do not lead out of it either.
 */
public record BackingRoots(List<Path> directories) {
    /** No image may stand on another. */
    public static final BackingRoots NONE = new BackingRoots(List.of());

    public static BackingRoots of(Path... directories) {
        return new BackingRoots(List.of(directories));
    }

    /**
     * Where a name in an image's header leads.
     *
     * @param image path of the image, in whose directory relative names begin
     */
    Path resolve(Path image, String name) throws DiskException {
        if (name.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
            throw refused(image, name, "is no file");
        }
        return image.toAbsolutePath().resolveSibling(name).normalize();
    }

    FileDescriptor open(Path image, Path backing) throws DiskException {
        for (Path directory : directories) {
            Path root = directory.toAbsolutePath().normalize();
            if (backing.startsWith(root) && !backing.equals(root)) {
                return openBeneath(image, root, root.relativize(backing));
            }
        }
        throw refused(image, backing.toString(), "lies outside of the directories allowed for backing files");
    }

    private static FileDescriptor openBeneath(Path image, Path root, Path relative) throws DiskException {
        int resolve = Open.RESOLVE_BENEATH | Open.RESOLVE_NO_MAGICLINKS;
        try (FileDescriptor directory = Open.open(root.toString(), Open.O_RDONLY | Open.O_DIRECTORY, 0)) {
            return Open.openat2(directory, relative.toString(), Open.O_RDONLY | Open.O_NONBLOCK, 0, resolve);
        } catch (ErrnoException e) {
            throw refused(image, root.resolve(relative).toString(), "cannot be opened: " + e.getMessage());
        }
    }

    private static DiskException refused(Path image, String name, String why) {
        return new DiskException(Reason.BACKING, "the backing file " + name + " of " + image + " " + why);
    }
}
