package trefoil.image.unpack;

import java.nio.file.Path;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.unpack.At;
import trefoil.linux.unpack.Stat;

/** Removes whole trees without ever following a link. */
public final class TreeRemoval {
    private TreeRemoval() {}

    /** Removes the directory, file or link at {@code path} and all below it; nothing there is no failure. */
    public static void remove(Path path) throws ErrnoException {
        try (FileDescriptor parent = At.openDirectory(path.toAbsolutePath().getParent().toString())) {
            remove(parent, At.raw(path.getFileName().toString()));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** Removes {@code name} in {@code parent} and all below it. */
    public static void remove(FileDescriptor parent, String name) throws ErrnoException {
        Stat stat = At.lstatat(parent, name);
        if (stat == null) {
            return;
        }
        if (!stat.isDirectory()) {
            At.unlinkat(parent, name);
            return;
        }
        try (FileDescriptor dir = At.openat(parent, name, At.O_RDONLY | At.O_DIRECTORY | At.O_NOFOLLOW, 0)) {
            for (String child : At.list(dir)) {
                remove(dir, child);
            }
        }
        At.rmdirat(parent, name);
    }
}
