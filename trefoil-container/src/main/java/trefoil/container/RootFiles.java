package trefoil.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.capability.FileOwner;
import trefoil.linux.file.Contents;
import trefoil.linux.file.Directories;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;

/**
 * A container's files from outside, by a descriptor of its root: of a running container {@code /proc/PID/root}, of a stopped one
 * its overlay mounted detached.
 *
 * <p>The container may be hostile and at work meanwhile. Every path is resolved by openat2(2) with RESOLVE_IN_ROOT and
 * RESOLVE_NO_MAGICLINKS, so that no link and no swapped directory leads out; what is found is looked at through {@code O_PATH}
 * before it is opened, so that no device, FIFO or socket is; and contents of kernel interfaces (proc, sysfs, cgroups …) are left alone,
 * since they would answer the host's root otherwise than root inside. Thread-safe.
 */
public final class RootFiles implements ContainerFiles {
    private static final int IDS = 65536;
    private static final int NOBODY = 65534;
    private static final int MOST_LINKS = 40; // path_resolution(7)
    private static final int MOST_NAMES = 1_000_000;
    private static final int CHUNK = 128 * 1024;
    private static final int INSIDE = Open.RESOLVE_IN_ROOT | Open.RESOLVE_NO_MAGICLINKS;
    private static final int ONE_NAME =
            Open.RESOLVE_BENEATH | Open.RESOLVE_NO_SYMLINKS | Open.RESOLVE_NO_MAGICLINKS;

    private final FileDescriptor root;
    private final int shift;

    /**
     * @param root open on the root directory ({@code O_PATH} serves); owned by this object from now on
     * @param idBase first of the container's host ids
     * @param idmapped whether ids on these files are host ids, {@code idBase} above those inside (as through a running
     *     container's root), or ids as inside (as on disk)
     */
    public RootFiles(FileDescriptor root, int idBase, boolean idmapped) {
        this.root = root;
        this.shift = idmapped ? idBase : 0;
    }

    /** Where a name stands. */
    private record Place(FileDescriptor directory, String name) implements AutoCloseable {
        @Override
        public void close() {
            directory.close();
        }
    }

    /** A file that is being written. */
    private record Temporary(FileDescriptor file, String name) {}

    /**
     * {@inheritDoc} A link that leads nowhere, or to something that only a process inside could follow, is told as the link.
     */
    @Override
    public Entry stat(String path) throws IOException {
        try (FileDescriptor file = look(path, 0)) {
            return entry(Inodes.fstat(file), null);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ELOOP) {
                throw e.in("stat " + path);
            }
            try (FileDescriptor link = look(path, Open.O_NOFOLLOW)) {
                return entry(Inodes.fstat(link), Directories.readlinkat(link, ""));
            } catch (ErrnoException nothing) {
                throw e.in("stat " + path);
            }
        }
    }

    @Override
    public Entry lstat(String path) throws IOException {
        try (FileDescriptor file = look(path, Open.O_NOFOLLOW)) {
            FileStatus status = Inodes.fstat(file);
            return entry(status, status.isSymbolicLink() ? Directories.readlinkat(file, "") : null);
        } catch (ErrnoException e) {
            throw e.in("lstat " + path);
        }
    }

    private FileDescriptor look(String path, int flags) throws IOException {
        return Open.openat2(root, absolute(path), Open.O_PATH | flags, 0, INSIDE);
    }

    private static String absolute(String path) throws IOException {
        if (!path.startsWith("/")) {
            throw new ErrnoException("\"" + path + "\" is not an absolute path", Errno.EINVAL);
        }
        return path;
    }

    private Entry entry(FileStatus status, String target) {
        String type =
                switch (status.type()) {
                    case FileStatus.S_IFREG -> "file";
                    case FileStatus.S_IFDIR -> "directory";
                    case FileStatus.S_IFLNK -> "symlink";
                    default -> "other";
                };
        return new Entry(
                type, status.permissions(), inside(status.uid()), inside(status.gid()), status.size(), target);
    }

    /** An id as inside; one that is not in the container's range is nobody's there. */
    private int inside(int id) {
        long shifted = Integer.toUnsignedLong(id) - shift;
        return shifted >= 0 && shifted < IDS ? (int) shifted : NOBODY;
    }

    @Override
    public List<String> list(String path) throws IOException {
        int flags = Open.O_RDONLY | Open.O_DIRECTORY | Open.O_NONBLOCK;
        List<String> names = new ArrayList<>();
        try (FileDescriptor directory = Open.openat2(root, absolute(path), flags, 0, INSIDE)) {
            Directories.getdents64(directory, entry -> {
                names.add(entry.name());
                return names.size() <= MOST_NAMES;
            });
        } catch (ErrnoException e) {
            throw e.in("list " + path);
        }
        if (names.size() > MOST_NAMES) {
            throw new IOException(path + " has more than " + MOST_NAMES + " entries");
        }
        Collections.sort(names);
        return names;
    }

    /** {@inheritDoc} At most as many bytes as it had when the copy began. */
    @Override
    public void read(String path, OutputStream to) throws IOException {
        try (FileDescriptor file = openRegular(path)) {
            byte[] chunk = new byte[CHUNK];
            long left = Inodes.fstat(file).size();
            while (left > 0) {
                int length = Contents.read(file, chunk, 0, (int) Math.min(chunk.length, left));
                if (length == 0) {
                    return;
                }
                to.write(chunk, 0, length);
                left -= length;
            }
        }
    }

    private FileDescriptor openRegular(String path) throws IOException {
        try (FileDescriptor found = look(path, 0)) {
            mustBeRegular(path, Inodes.fstat(found));
            mustHoldFiles(path, found);
            return Open.reopen(found, Open.O_RDONLY | Open.O_NONBLOCK | Open.O_NOCTTY);
        } catch (ErrnoException e) {
            throw e.in("read " + path);
        }
    }

    private static void mustBeRegular(String path, FileStatus status) throws IOException {
        if (status.isDirectory()) {
            throw new ErrnoException(path + " is a directory", Errno.EISDIR);
        }
        if (!status.isRegular()) {
            String type =
                    switch (status.type()) {
                        case FileStatus.S_IFIFO -> "a FIFO";
                        case FileStatus.S_IFSOCK -> "a socket";
                        case FileStatus.S_IFLNK -> "a symbolic link";
                        default -> "a device";
                    };
            throw new ErrnoException(path + " is " + type + ", not a regular file", Errno.EINVAL);
        }
    }

    private static void mustHoldFiles(String path, FileDescriptor at) throws IOException {
        if (KernelInterfaces.hold(at)) {
            throw new ErrnoException(path + " is an interface of the kernel, not a file", Errno.EOPNOTSUPP);
        }
    }

    /**
     * {@inheritDoc} Where the last component is a symbolic link, what it leads to is replaced. The file is on disk when this
     * returns. Killed half-way, this process leaves a file named {@code .trefoil-…} beside it.
     */
    @Override
    public void write(String path, InputStream from, int uid, int gid, int mode) throws IOException {
        mustBeIds(uid, gid);
        if (path.endsWith("/")) {
            throw new ErrnoException(path + " names a directory", Errno.EISDIR);
        }
        try (Place place = locate(path, true)) {
            mustHoldFiles(path, place.directory());
            FileStatus old = statusOf(place);
            if (old != null) {
                mustBeRegular(path, old);
            }
            Temporary temporary = inRange(() -> create(place.directory()));
            try (FileDescriptor file = temporary.file()) {
                copy(from, file);
                Inodes.fchown(file, shift + uid, shift + gid);
                Inodes.fchmod(file, mode & 07777);
                Contents.fsync(file);
                replace(temporary.name(), place);
            } catch (IOException | RuntimeException | Error e) {
                discard(place.directory(), temporary.name(), e);
                throw e;
            }
        } catch (ErrnoException e) {
            throw e.in("write " + path);
        }
    }

    private static void mustBeIds(int uid, int gid) throws IOException {
        if (uid < 0 || uid >= IDS || gid < 0 || gid >= IDS) {
            throw new ErrnoException("owner " + uid + ":" + gid + " is not within 0–65535", Errno.EINVAL);
        }
    }

    /** The directory and name that a path leads to; a last component that is a link followed, whether it leads anywhere or not. */
    private Place locate(String path, boolean follow) throws IOException {
        String at = absolute(path);
        for (int links = 0; ; links++) {
            String trimmed = at.replaceFirst("/+$", "");
            int slash = trimmed.lastIndexOf('/');
            String name = trimmed.substring(slash + 1);
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                throw new ErrnoException(path + " names a directory", Errno.EISDIR);
            }
            String parent = trimmed.substring(0, slash + 1);
            FileDescriptor directory =
                    Open.openat2(root, parent, Open.O_PATH | Open.O_DIRECTORY, 0, INSIDE);
            Place place = new Place(directory, name);
            String target;
            try {
                target = follow ? linkTarget(place) : null;
            } catch (ErrnoException e) {
                directory.close();
                throw e;
            }
            if (target == null) {
                return place;
            }
            directory.close();
            if (links == MOST_LINKS) {
                throw new ErrnoException(path, Errno.ELOOP);
            }
            at = target.startsWith("/") ? target : parent + target;
        }
    }

    private static String linkTarget(Place place) throws ErrnoException {
        FileStatus status = statusOf(place);
        return status != null && status.isSymbolicLink()
                ? Directories.readlinkat(place.directory(), place.name())
                : null;
    }

    /** What stands there, links not followed; {@code null} for nothing. */
    private static FileStatus statusOf(Place place) throws ErrnoException {
        try {
            return Inodes.statx(place.directory(), place.name(), Inodes.AT_SYMLINK_NOFOLLOW);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    private static String temporaryName() {
        return ".trefoil-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
    }

    private static Temporary create(FileDescriptor directory) throws ErrnoException {
        int flags = Open.O_WRONLY | Open.O_CREAT | Open.O_EXCL | Open.O_NOFOLLOW;
        while (true) {
            String name = temporaryName();
            try {
                return new Temporary(Open.openat2(directory, name, flags, 0600, ONE_NAME), name);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
        }
    }

    private static void copy(InputStream from, FileDescriptor to) throws IOException {
        byte[] chunk = new byte[CHUNK];
        int length;
        while ((length = from.read(chunk)) >= 0) {
            Contents.writeFully(to, chunk, 0, length);
        }
    }

    private void replace(String temporary, Place place) throws IOException {
        inRange(() -> {
            Directories.renameat2(place.directory(), temporary, place.directory(), place.name(), 0);
            return null;
        });
        try (FileDescriptor directory = Open.reopen(place.directory(), Open.O_RDONLY | Open.O_DIRECTORY)) {
            Contents.fsync(directory);
        }
    }

    private void discard(FileDescriptor directory, String name, Throwable failure) {
        try {
            inRange(() -> {
                Directories.unlinkat(directory, name, 0);
                return null;
            });
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Does what makes or removes names, as root of the container's range where ids are mapped. */
    private <T> T inRange(FileOwner.Work<T> work) throws IOException {
        return shift == 0 ? work.run() : FileOwner.as(shift, shift, work);
    }

    @Override
    public void makeDirectory(String path, int uid, int gid, int mode) throws IOException {
        mustBeIds(uid, gid);
        if (path.matches("/+")) {
            return;
        }
        try (Place place = locate(path, true)) {
            mustHoldFiles(path, place.directory());
            FileStatus there = statusOf(place);
            if (there == null) {
                make(place, uid, gid, mode);
            } else if (!there.isDirectory()) {
                throw new ErrnoException(path + " is no directory", Errno.EEXIST);
            }
        } catch (ErrnoException e) {
            throw e.in("make the directory " + path);
        }
    }

    private void make(Place place, int uid, int gid, int mode) throws IOException {
        inRange(() -> {
            Directories.mkdirat(place.directory(), place.name(), 0700);
            return null;
        });
        int flags = Open.O_RDONLY | Open.O_DIRECTORY | Open.O_NOFOLLOW;
        try (FileDescriptor made = Open.openat2(place.directory(), place.name(), flags, 0, ONE_NAME)) {
            Inodes.fchown(made, shift + uid, shift + gid);
            Inodes.fchmod(made, mode & 07777);
        }
    }

    @Override
    public void makeLink(String path, String target, int uid, int gid) throws IOException {
        mustBeIds(uid, gid);
        try (Place place = locate(path, false)) {
            mustHoldFiles(path, place.directory());
            FileStatus old = statusOf(place);
            if (old != null && old.isDirectory()) {
                throw new ErrnoException(path + " is a directory", Errno.EISDIR);
            }
            String temporary = inRange(() -> link(place.directory(), target));
            try {
                Inodes.fchownat(place.directory(), temporary, shift + uid, shift + gid, Inodes.AT_SYMLINK_NOFOLLOW);
                replace(temporary, place);
            } catch (IOException | RuntimeException | Error e) {
                discard(place.directory(), temporary, e);
                throw e;
            }
        } catch (ErrnoException e) {
            throw e.in("make the link " + path);
        }
    }

    private static String link(FileDescriptor directory, String target) throws ErrnoException {
        while (true) {
            String name = temporaryName();
            try {
                Directories.symlinkat(target, directory, name);
                return name;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
        }
    }

    /** {@inheritDoc} A last component that is a symbolic link is itself removed. */
    @Override
    public void remove(String path) throws IOException {
        try (Place place = locate(path, false)) {
            mustHoldFiles(path, place.directory());
            FileStatus status = Inodes.statx(place.directory(), place.name(), Inodes.AT_SYMLINK_NOFOLLOW);
            inRange(() -> {
                Directories.unlinkat(
                        place.directory(), place.name(), status.isDirectory() ? Directories.AT_REMOVEDIR : 0);
                return null;
            });
        } catch (ErrnoException e) {
            throw e.in("remove " + path);
        }
    }

    @Override
    public void close() {
        root.close();
    }
}
