package trefoil.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Directories;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;

/**
 * Layers of an image looked at as the overlay that they will be, without mounting one: upper entries hide lower ones, directories
 * merge, a whiteout (character device 0:0) hides, an opaque directory ({@code trusted.overlay.opaque}, which only root can
 * read) hides all beneath (kernel, Documentation/filesystems/overlayfs.rst). Links are resolved with the merged tree for
 * root. Nothing a layer holds leads outside it: every name is opened beneath the layer's directory with no link followed.
 */
final class LayeredTree implements AutoCloseable {
    private static final int MOST_LINKS = 40; // path_resolution(7)
    private static final int LOOK = Open.O_PATH | Open.O_NOFOLLOW;
    private static final int STAY = Open.RESOLVE_BENEATH | Open.RESOLVE_NO_SYMLINKS | Open.RESOLVE_NO_XDEV;

    private final List<FileDescriptor> layers = new ArrayList<>(); // topmost first

    /** @param layers lowest first */
    LayeredTree(List<Path> layers) throws IOException {
        try {
            for (Path layer : layers.reversed()) {
                this.layers.add(Open.open(layer.toString(), Open.O_PATH | Open.O_DIRECTORY, 0));
            }
        } catch (ErrnoException e) {
            close();
            throw e;
        }
    }

    /**
     * What a path leads to.
     *
     * @param path without links
     * @param layer where it lies, the topmost first
     * @param status what it is; never a symbolic link
     */
    record Found(String path, FileDescriptor layer, FileStatus status) {
        /** Opens a regular file for reading. */
        FileDescriptor open() throws IOException {
            if (!status.isRegular()) {
                throw new ErrnoException(path, Errno.EINVAL);
            }
            return Open.openat2(layer, path.substring(1), Open.O_RDONLY | Open.O_NOFOLLOW, 0, STAY);
        }
    }

    /** A merged directory: the layers that have a part in it, topmost first. */
    private record Merged(String path, List<FileDescriptor> layers) {
        String child(String name) {
            return path.isEmpty() ? name : path + "/" + name;
        }
    }

    /** One entry of a merged directory: a directory, or a file of one layer. */
    private record Entry(Merged directory, FileDescriptor layer, FileStatus status) {}

    /** Follows a path, links included. {@code ENOENT}, {@code ENOTDIR} or {@code ELOOP} when it leads nowhere. */
    Found resolve(String path) throws IOException {
        Deque<String> left = new ArrayDeque<>(names(path));
        Deque<Merged> way = new ArrayDeque<>(List.of(new Merged("", layers)));
        int links = 0;
        while (!left.isEmpty()) {
            String name = left.pop();
            if (name.equals("..")) {
                if (way.size() > 1) {
                    way.pop();
                }
                continue;
            }
            Entry entry = lookUp(way.peek(), name);
            String at = way.peek().child(name);
            if (entry == null) {
                throw new ErrnoException(path + " (/" + at + ")", Errno.ENOENT);
            }
            if (entry.directory() != null) {
                way.push(entry.directory());
            } else if (entry.status().isSymbolicLink()) {
                if (++links > MOST_LINKS) {
                    throw new ErrnoException(path, Errno.ELOOP);
                }
                String target = target(entry.layer(), at);
                if (target.startsWith("/")) {
                    while (way.size() > 1) {
                        way.pop();
                    }
                }
                names(target).reversed().forEach(left::push);
            } else if (!left.isEmpty()) {
                throw new ErrnoException(path + " (/" + at + ")", Errno.ENOTDIR);
            } else {
                return new Found("/" + at, entry.layer(), entry.status());
            }
        }
        Merged directory = way.peek();
        FileDescriptor layer = directory.layers().getFirst();
        String name = directory.path().isEmpty() ? "." : directory.path();
        return new Found("/" + directory.path(), layer, Inodes.statx(layer, name, Inodes.AT_SYMLINK_NOFOLLOW));
    }

    private static List<String> names(String path) {
        return Arrays.stream(path.split("/"))
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }

    private static String target(FileDescriptor layer, String path) throws ErrnoException {
        try (FileDescriptor link = Open.openat2(layer, path, LOOK, 0, STAY)) {
            return Directories.readlinkat(link, "");
        }
    }

    private static Entry lookUp(Merged directory, String name) throws IOException {
        String path = directory.child(name);
        List<FileDescriptor> parts = new ArrayList<>();
        for (FileDescriptor layer : directory.layers()) {
            FileStatus status = status(layer, path);
            if (status == null) {
                continue;
            }
            if (!status.isDirectory()) {
                if (parts.isEmpty() && !status.isWhiteout()) {
                    return new Entry(null, layer, status);
                }
                break;
            }
            parts.add(layer);
            if (isOpaque(layer, path)) {
                break;
            }
        }
        return parts.isEmpty() ? null : new Entry(new Merged(path, parts), null, null);
    }

    private static FileStatus status(FileDescriptor layer, String path) throws ErrnoException {
        try (FileDescriptor found = Open.openat2(layer, path, LOOK, 0, STAY)) {
            return Inodes.fstat(found);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    private static boolean isOpaque(FileDescriptor layer, String path) throws ErrnoException {
        int flags = Open.O_RDONLY | Open.O_DIRECTORY | Open.O_NOFOLLOW;
        try (FileDescriptor directory = Open.openat2(layer, path, flags, 0, STAY)) {
            byte[] value = Inodes.fgetxattr(directory, "trusted.overlay.opaque");
            return value != null && value.length == 1 && value[0] == 'y';
        }
    }

    @Override
    public void close() {
        layers.forEach(FileDescriptor::close);
    }
}
