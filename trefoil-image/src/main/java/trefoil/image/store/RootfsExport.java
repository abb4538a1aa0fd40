package trefoil.image.store;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import trefoil.image.Progress;
import trefoil.image.tar.TarEntry;
import trefoil.image.tar.TarEntry.Extent;
import trefoil.image.tar.TarEntry.Type;
import trefoil.image.tar.TarWriter;
import trefoil.image.unpack.MergedTree;
import trefoil.image.unpack.MergedTree.Node;
import trefoil.linux.FileDescriptor;
import trefoil.linux.unpack.At;
import trefoil.linux.unpack.Stat;
import trefoil.linux.zstd.ZstdOutputStream;

/**
 * Writes an image's merged layers as one tarball: names in the order of their bytes, every field from the files
 * themselves, so that the same image gives the same bytes. For one thread.
 */
public final class RootfsExport {
    private static final int LEVEL = 3;
    private static final int BUFFER = 1 << 18;
    private static final long STEP = 1 << 20;

    private final MergedTree tree;
    private final Progress progress;
    private final long total;
    private final Map<String, String> linked = new HashMap<>();
    private long done;
    private long told;

    /** @param total bytes to come, about, for the progress */
    public RootfsExport(MergedTree tree, long total, Progress progress) {
        this.tree = tree;
        this.total = total;
        this.progress = progress;
    }

    /** Writes the tarball, zstd-compressed; leaves {@code out} open. */
    public void write(OutputStream out) throws IOException {
        try (Arena arena = Arena.ofConfined();
                ZstdOutputStream zstd = new ZstdOutputStream(new Unclosed(out), LEVEL);
                TarWriter tar = new TarWriter(zstd)) {
            MemorySegment buffer = arena.allocate(BUFFER);
            byte[] heap = new byte[BUFFER];
            tree.at("", root -> {
                add(tar, root, buffer, heap);
                return null;
            });
        }
        out.flush();
        progress.at("exporting", total, total, "bytes");
    }

    private void add(TarWriter tar, Node node, MemorySegment buffer, byte[] heap) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new java.io.InterruptedIOException("the export was cancelled");
        }
        Stat stat = node.stat();
        switch (stat.type()) {
            case Stat.S_IFDIR -> addDirectory(tar, node, buffer, heap);
            case Stat.S_IFREG -> addFile(tar, node, buffer, heap);
            case Stat.S_IFLNK -> tar.begin(entry(Type.SYMBOLIC_LINK, node, node.target(), 0, Map.of()));
            case Stat.S_IFIFO -> tar.begin(entry(Type.FIFO, node, "", 0, Map.of()));
            default -> { } // a socket; there are no devices in a layer
        }
    }

    private void addDirectory(TarWriter tar, Node node, MemorySegment buffer, byte[] heap) throws IOException {
        tar.begin(entry(Type.DIRECTORY, node, "", 0, attributes(node.within().getFirst())));
        for (String name : tree.names(node)) {
            tree.child(node, name, child -> {
                if (child != null) {
                    add(tar, child, buffer, heap);
                }
                return null;
            });
        }
    }

    private void addFile(TarWriter tar, Node node, MemorySegment buffer, byte[] heap) throws IOException {
        Stat stat = node.stat();
        String first = stat.links() > 1 ? linked.putIfAbsent(stat.device() + ":" + stat.inode(), node.path()) : null;
        if (first != null) {
            tar.begin(entry(Type.HARD_LINK, node, "./" + first, 0, Map.of()));
            return;
        }
        try (FileDescriptor file = MergedTree.open(node)) {
            tar.begin(entry(Type.FILE, node, "", stat.size(), attributes(file)));
            for (int n = At.read(file, buffer); n > 0; n = At.read(file, buffer)) {
                MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, heap, 0, n);
                tar.write(heap, 0, n);
                tell(n);
            }
        }
    }

    private void tell(long n) {
        done += n;
        if (done - told >= STEP) {
            told = done;
            progress.at("exporting", Math.min(done, total), total, "bytes");
        }
    }

    private static TarEntry entry(Type type, Node node, String link, long size, Map<String, byte[]> attributes) {
        Stat s = node.stat();
        String name = node.path().isEmpty() ? "./" : "./" + node.path() + (type == Type.DIRECTORY ? "/" : "");
        return new TarEntry(
                type, name, link, s.permissions(), s.uid(), s.gid(), size, size, s.mtime(), s.mtimeNanos(), attributes,
                List.of(new Extent(0, size)));
    }

    /** Sorted; those of the overlay itself do not belong to the file. */
    private static Map<String, byte[]> attributes(FileDescriptor file) throws IOException {
        Map<String, byte[]> attributes = new TreeMap<>();
        for (String name : At.flistxattr(file)) {
            byte[] value = name.startsWith("trusted.") ? null : At.fgetxattr(file, name);
            if (value != null) {
                attributes.put(name, value);
            }
        }
        return attributes;
    }

    private static final class Unclosed extends java.io.FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
