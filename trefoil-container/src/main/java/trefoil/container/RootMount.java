package trefoil.container;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Open;
import trefoil.linux.mount.Mounts;

/**
 * A container's root: an overlay (Documentation/filesystems/overlayfs.rst) of the image's layers and the container's own
 * directory, every part of it seen through an id-mapped mount, so that trees owned by 0–65535 on disk belong to the
 * container's users. Nothing is attached anywhere: whoever holds the descriptor holds the mount.
 */
final class RootMount {
    private RootMount() {}

    /**
     * Makes the mount.
     *
     * @param layers lowest first
     * @param disk directory that holds {@code upper} and {@code work}
     * @param userNamespace whose mapping to see it through; {@code null} for ids as on disk
     */
    static FileDescriptor open(List<Path> layers, FileDescriptor disk, FileDescriptor userNamespace)
            throws ErrnoException {
        List<FileDescriptor> parts = new ArrayList<>();
        try {
            for (Path layer : layers.reversed()) {
                parts.add(copy(Mounts.open_tree(layer.toString()), userNamespace));
            }
            FileDescriptor own = copy(Mounts.open_tree(disk, ""), userNamespace);
            parts.add(own);
            int flags = Open.O_PATH | Open.O_DIRECTORY;
            int beneath = Open.RESOLVE_BENEATH | Open.RESOLVE_NO_SYMLINKS;
            FileDescriptor upper = Open.openat2(own, "upper", flags, 0, beneath);
            parts.add(upper);
            FileDescriptor work = Open.openat2(own, "work", flags, 0, beneath);
            parts.add(work);
            return overlay(parts.subList(0, layers.size()), upper, work);
        } finally {
            parts.forEach(FileDescriptor::close); // only now: a detached mount dissolves with its descriptor
        }
    }

    private static FileDescriptor copy(FileDescriptor tree, FileDescriptor userNamespace) throws ErrnoException {
        try {
            if (userNamespace != null) {
                Mounts.idmap(tree, userNamespace);
            }
            return tree;
        } catch (ErrnoException e) {
            tree.close();
            throw e;
        }
    }

    private static FileDescriptor overlay(List<FileDescriptor> lower, FileDescriptor upper, FileDescriptor work)
            throws ErrnoException {
        try (FileDescriptor context = Mounts.fsopen("overlay")) {
            try {
                for (FileDescriptor layer : lower) {
                    Mounts.set(context, "lowerdir+", layer);
                }
                Mounts.set(context, "upperdir", upper);
                Mounts.set(context, "workdir", work);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINVAL) {
                    throw e;
                }
                return overlayByPath(lower, upper, work);
            }
            return mounted(context);
        }
    }

    /** Before Linux 6.13 overlayfs takes paths only. */
    private static FileDescriptor overlayByPath(List<FileDescriptor> lower, FileDescriptor upper, FileDescriptor work)
            throws ErrnoException {
        try (FileDescriptor context = Mounts.fsopen("overlay")) {
            Mounts.set(context, "lowerdir", String.join(":", lower.stream().map(FileDescriptor::path).toList()));
            Mounts.set(context, "upperdir", upper.path());
            Mounts.set(context, "workdir", work.path());
            return mounted(context);
        }
    }

    private static FileDescriptor mounted(FileDescriptor context) throws ErrnoException {
        Mounts.set(context, "source", "trefoil");
        Mounts.create(context);
        return Mounts.fsmount(context, Mounts.MOUNT_ATTR_NODEV);
    }
}
