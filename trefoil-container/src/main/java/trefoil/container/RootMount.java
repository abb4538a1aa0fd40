package trefoil.container;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
    /** The kernel knows who a thread is by kernel thread, so virtual threads have it done by this one. */
    private static final ExecutorService MOUNTER =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("mounter").daemon().factory());

    private RootMount() {}

    /**
     * A root. Keep it until the container runs: letting go of a layer's mount waits for readers of the kernel's mount tables.
     *
     * @param mount the overlay
     * @param parts what it was made of
     */
    record Root(FileDescriptor mount, List<FileDescriptor> parts) implements AutoCloseable {
        /** The overlay, which needs the descriptors of its parts no longer. */
        FileDescriptor mountAlone() {
            parts.forEach(FileDescriptor::close);
            return mount;
        }

        @Override
        public void close() {
            mount.close();
            parts.forEach(FileDescriptor::close);
        }
    }

    /**
     * Makes the mount.
     *
     * @param layers lowest first
     * @param disk directory that holds {@code upper} and {@code work}
     * @param userNamespace whose mapping to see it through; {@code null} for ids as on disk
     * @param owner host's id of root inside: what the overlay creates for itself belongs to it; 0 for ids as on disk
     */
    static Root open(List<Path> layers, FileDescriptor disk, FileDescriptor userNamespace, int owner)
            throws IOException {
        if (!Thread.currentThread().isVirtual()) {
            return make(layers, disk, userNamespace, owner);
        }
        try {
            return MOUNTER.submit(() -> make(layers, disk, userNamespace, owner)).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ErrnoException errno ? errno : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the root was mounted");
        }
    }

    private static Root make(List<Path> layers, FileDescriptor disk, FileDescriptor userNamespace, int owner)
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
            return new Root(overlay(parts.subList(0, layers.size()), upper, work, owner), parts);
        } catch (ErrnoException | RuntimeException e) {
            parts.forEach(FileDescriptor::close); // not before: a detached mount dissolves with its descriptor
            throw e;
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

    private static FileDescriptor overlay(
            List<FileDescriptor> lower, FileDescriptor upper, FileDescriptor work, int owner) throws ErrnoException {
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
                return overlayByPath(lower, upper, work, owner);
            }
            return mounted(context, owner);
        }
    }

    /** Before Linux 6.13 overlayfs takes paths only. */
    private static FileDescriptor overlayByPath(
            List<FileDescriptor> lower, FileDescriptor upper, FileDescriptor work, int owner) throws ErrnoException {
        try (FileDescriptor context = Mounts.fsopen("overlay")) {
            Mounts.set(context, "lowerdir", String.join(":", lower.stream().map(FileDescriptor::path).toList()));
            Mounts.set(context, "upperdir", upper.path());
            Mounts.set(context, "workdir", work.path());
            return mounted(context, owner);
        }
    }

    private static FileDescriptor mounted(FileDescriptor context, int owner) throws ErrnoException {
        Mounts.set(context, "source", "trefoil");
        Mounts.create(context, owner, owner);
        return Mounts.fsmount(context, Mounts.MOUNT_ATTR_NODEV);
    }
}
