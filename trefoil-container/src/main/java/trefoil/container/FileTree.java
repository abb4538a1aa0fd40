package trefoil.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Directories;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;

/**
 * Whole directory trees whose contents somebody else made: removed and measured by descriptor, with no link followed, no
 * mount entered, and never more than a few dozen descriptors open however deep the tree is.
 */
public final class FileTree {
    private static final int MOST_OPEN = 32;
    private static final int BATCH = 4096;
    private static final int MOST_MEASURED_DEPTH = 256;
    private static final int MOST_REMEMBERED_LINKS = 1 << 20;
    private static final int ENTER = Open.O_RDONLY | Open.O_DIRECTORY | Open.O_NOFOLLOW | Open.O_NONBLOCK;
    private static final int STAY = Open.RESOLVE_NO_SYMLINKS | Open.RESOLVE_NO_XDEV | Open.RESOLVE_BENEATH;

    private FileTree() {}

    /**
     * Removes a directory with everything in it, or a file. Nothing when it is not there. The tree must not be in use.
     * Directories too deep to hold open are moved up to the top and removed from there; immutable and append-only files
     * are made ordinary first.
     *
     * @throws IOException when something cannot be removed, such as a mount point; what was removed until then is gone
     */
    public static void delete(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        if (absolute.getParent() == null) {
            throw new IllegalArgumentException("the root directory is not to be deleted");
        }
        String name = absolute.getFileName().toString();
        try (FileDescriptor parent = Open.open(absolute.getParent().toString(), ENTER & ~Open.O_NOFOLLOW, 0)) {
            if (Inodes.statx(parent, name, Inodes.AT_SYMLINK_NOFOLLOW).isDirectory()) {
                try (FileDescriptor top = Open.openat2(parent, name, ENTER, 0, STAY)) {
                    new Removal(top).empty(top, 0);
                }
                remove(parent, name, Directories.AT_REMOVEDIR);
            } else {
                remove(parent, name, 0);
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private static void remove(FileDescriptor directory, String name, int flags) throws ErrnoException {
        try {
            Directories.unlinkat(directory, name, flags);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            makeOrdinary(directory);
            makeOrdinary(directory, name);
            Directories.unlinkat(directory, name, flags);
        }
    }

    private static void makeOrdinary(FileDescriptor file) throws ErrnoException {
        int flags = Inodes.flags(file);
        int ordinary = flags & ~(Inodes.FS_IMMUTABLE_FL | Inodes.FS_APPEND_FL);
        if (ordinary != flags) {
            Inodes.flags(file, ordinary);
        }
    }

    private static void makeOrdinary(FileDescriptor directory, String name) throws ErrnoException {
        FileStatus status = Inodes.statx(directory, name, Inodes.AT_SYMLINK_NOFOLLOW);
        if (status.isRegular() || status.isDirectory()) {
            try (FileDescriptor file = Open.openat2(
                    directory, name, Open.O_RDONLY | Open.O_NOFOLLOW | Open.O_NONBLOCK, 0, STAY)) {
                makeOrdinary(file);
            }
        }
    }

    /** One removal of a tree. */
    private static final class Removal {
        private final FileDescriptor top;
        private long moved;

        Removal(FileDescriptor top) {
            this.top = top;
        }

        void empty(FileDescriptor directory, int depth) throws IOException {
            List<Directories.Entry> batch = new ArrayList<>();
            do {
                batch.clear();
                Directories.getdents64(directory, entry -> {
                    batch.add(entry);
                    return batch.size() < BATCH;
                });
                for (Directories.Entry entry : batch) {
                    remove(directory, entry, depth);
                }
            } while (!batch.isEmpty());
        }

        private void remove(FileDescriptor directory, Directories.Entry entry, int depth) throws IOException {
            String name = entry.name();
            if (!isDirectory(directory, entry)) {
                FileTree.remove(directory, name, 0);
                return;
            }
            if (depth >= MOST_OPEN) {
                moveUp(directory, name);
                return;
            }
            try (FileDescriptor inner = Open.openat2(directory, name, ENTER, 0, STAY)) {
                empty(inner, depth + 1);
            }
            FileTree.remove(directory, name, Directories.AT_REMOVEDIR);
        }

        private void moveUp(FileDescriptor directory, String name) throws IOException {
            try {
                rename(directory, name);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EPERM) {
                    throw e;
                }
                makeOrdinary(directory);
                makeOrdinary(directory, name);
                rename(directory, name);
            }
        }

        private void rename(FileDescriptor directory, String name) throws ErrnoException {
            while (true) {
                try {
                    Directories.renameat2(
                            directory, name, top, ".trefoil-deleted-" + moved++, Directories.RENAME_NOREPLACE);
                    return;
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.EEXIST) {
                        throw e;
                    }
                }
            }
        }

        private static boolean isDirectory(FileDescriptor directory, Directories.Entry entry) throws IOException {
            return entry.type() == Directories.DT_UNKNOWN
                    ? Inodes.statx(directory, entry.name(), Inodes.AT_SYMLINK_NOFOLLOW).isDirectory()
                    : entry.type() == Directories.DT_DIR;
        }
    }

    /**
     * Bytes that a tree occupies on its disk, hard links counted once, mounts not entered; 0 when it is not there. The tree may
     * change meanwhile. Directories nested deeper than 256 are not counted.
     */
    public static long occupied(Path tree) throws IOException {
        try (FileDescriptor top = Open.open(tree.toString(), ENTER, 0)) {
            return new Measurement().directory(top, 0) + 512 * Inodes.fstat(top).blocks();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return 0;
            }
            throw e;
        }
    }

    private static final class Measurement {
        private final Set<Long> links = new HashSet<>();

        long directory(FileDescriptor directory, int depth) throws IOException {
            List<String> inner = new ArrayList<>();
            long[] bytes = {0};
            IOException[] failure = {null};
            Directories.getdents64(directory, entry -> {
                try {
                    bytes[0] += entry(directory, entry.name(), inner);
                } catch (IOException e) {
                    failure[0] = e;
                }
                return failure[0] == null;
            });
            if (failure[0] != null) {
                throw failure[0];
            }
            if (depth < MOST_MEASURED_DEPTH) {
                for (String name : inner) {
                    bytes[0] += enter(directory, name, depth);
                }
            }
            return bytes[0];
        }

        private long entry(FileDescriptor directory, String name, List<String> inner) throws IOException {
            try {
                FileStatus status = Inodes.statx(directory, name, Inodes.AT_SYMLINK_NOFOLLOW);
                if (status.isDirectory()) {
                    inner.add(name);
                } else if (status.links() > 1
                        && links.size() < MOST_REMEMBERED_LINKS
                        && !links.add(status.inode())) {
                    return 0;
                }
                return 512 * status.blocks();
            } catch (ErrnoException e) {
                return vanished(e);
            }
        }

        private long enter(FileDescriptor directory, String name, int depth) throws IOException {
            try (FileDescriptor inner = Open.openat2(directory, name, ENTER, 0, STAY)) {
                return directory(inner, depth + 1);
            } catch (ErrnoException e) {
                return vanished(e);
            }
        }

        private static long vanished(ErrnoException e) throws ErrnoException {
            return switch (e.errno()) {
                case Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EXDEV -> 0;
                default -> throw e;
            };
        }
    }
}
