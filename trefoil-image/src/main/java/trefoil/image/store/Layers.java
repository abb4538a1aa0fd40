package trefoil.image.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import trefoil.image.unpack.TreeRemoval;
import trefoil.linux.FileDescriptor;
import trefoil.linux.unpack.At;
import trefoil.linux.unpack.Stat;

/**
 * The layers of a store and the work in progress. A layer stays as long as an image names it or somebody holds it.
 * Thread-safe: guarded by its own monitor; the catalogue's may be taken inside it, never the other way round.
 */
public final class Layers {
    private final Path layers;
    private final Path staging;
    private final Catalog catalog;
    private final Map<String, Integer> held = new HashMap<>();
    private final AtomicLong counter = new AtomicLong();

    /** Removes what a crash left: everything in staging, and layers that no image names. */
    public Layers(Path directory, Catalog catalog) throws IOException {
        this.catalog = catalog;
        layers = Files.createDirectories(directory.resolve("layers"));
        staging = Files.createDirectories(directory.resolve("staging"));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(staging)) {
            for (Path path : left) {
                TreeRemoval.remove(path);
            }
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(layers)) {
            for (Path layer : all) {
                if (!catalog.names(layer.getFileName().toString())) {
                    discard(layer);
                }
            }
        }
    }

    /** A new private directory for work in progress. */
    public Path newStaging(String purpose) throws IOException {
        return Files.createDirectory(staging.resolve(purpose + "-" + ProcessHandle.current().pid() + "-" + counter.incrementAndGet()));
    }

    /** Where a layer lies. */
    public Path path(String key) {
        return layers.resolve(key);
    }

    /** Holds the layer if it is there; {@link #release} it. */
    public synchronized boolean hold(String key) {
        if (!Files.isDirectory(path(key))) {
            return false;
        }
        held.merge(key, 1, Integer::sum);
        return true;
    }

    /** Makes a whole, unpacked directory the layer {@code key}, or drops it when that is there already; holds the layer. */
    void adopt(Path unpacked, String key) throws IOException {
        try (FileDescriptor dir = At.openDirectory(unpacked.toString())) {
            At.syncfs(dir);
        }
        synchronized (this) {
            if (!Files.isDirectory(path(key))) {
                Files.move(unpacked, path(key), StandardCopyOption.ATOMIC_MOVE);
                DurableFile.syncDirectory(layers);
            }
            held.merge(key, 1, Integer::sum);
        }
        TreeRemoval.remove(unpacked);
    }

    /** Lets go of a layer; it goes if nobody needs it any more. */
    public void release(String key) throws IOException {
        Path unneeded;
        synchronized (this) {
            held.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
            unneeded = setAsideIfUnneeded(key);
        }
        remove(unneeded);
    }

    /** Removes the layer unless an image names it or somebody holds it. */
    public void collect(String key) throws IOException {
        Path unneeded;
        synchronized (this) {
            unneeded = setAsideIfUnneeded(key);
        }
        remove(unneeded);
    }

    private Path setAsideIfUnneeded(String key) throws IOException {
        if (held.containsKey(key) || catalog.names(key) || !Files.isDirectory(path(key))) {
            return null;
        }
        return setAside(path(key));
    }

    private Path setAside(Path layer) throws IOException {
        Path aside = staging.resolve("discarded-" + ProcessHandle.current().pid() + "-" + counter.incrementAndGet());
        return Files.move(layer, aside, StandardCopyOption.ATOMIC_MOVE);
    }

    private void discard(Path layer) throws IOException {
        remove(setAside(layer));
    }

    private static void remove(Path tree) throws IOException {
        if (tree != null) {
            TreeRemoval.remove(tree);
        }
    }

    /** Bytes that the layer takes on disk; a file with several links counts once. */
    long size(String key) throws IOException {
        try (FileDescriptor dir = At.openDirectory(path(key).toString())) {
            return size(dir, new java.util.HashSet<>());
        }
    }

    private static long size(FileDescriptor dir, java.util.Set<Long> linked) throws IOException {
        long total = 0;
        for (String name : At.list(dir)) {
            Stat stat = At.lstatat(dir, name);
            if (stat == null || !stat.isDirectory() && stat.links() > 1 && !linked.add(stat.inode())) {
                continue;
            }
            total += stat.blocks() * 512;
            if (stat.isDirectory()) {
                try (FileDescriptor child = At.openat(dir, name, At.O_RDONLY | At.O_DIRECTORY | At.O_NOFOLLOW, 0)) {
                    total += size(child, linked);
                }
            }
        }
        return total;
    }
}
