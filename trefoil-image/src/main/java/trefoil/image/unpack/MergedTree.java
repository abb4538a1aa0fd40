package trefoil.image.unpack;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.unpack.At;
import trefoil.linux.unpack.Stat;

/**
 * A stack of layers, read as overlayfs shows it: the topmost file wins, directories merge, whiteouts and opaque
 * directories hide what lies below. Links are resolved inside. Not thread-safe; nodes are valid while it is open.
 */
public final class MergedTree implements AutoCloseable {
    /** The attribute of a directory that hides the layers below (kernel documentation, overlayfs). */
    public static final String OPAQUE = "trusted.overlay.opaque";

    private static final int LINK_LIMIT = 40;

    private final List<FileDescriptor> layers = new ArrayList<>();

    /** @param layers directories, lowest first; may be none */
    public MergedTree(List<Path> layers) throws ErrnoException {
        try {
            for (Path layer : layers.reversed()) {
                this.layers.add(At.openDirectory(layer.toAbsolutePath().toString()));
            }
        } catch (ErrnoException e) {
            close();
            throw e;
        }
    }

    /** Whether there is no layer at all. */
    public boolean isEmpty() {
        return layers.isEmpty();
    }

    /**
     * A file of the merged view.
     *
     * @param path its place, raw, without a slash in front; empty for the root
     * @param stat of the topmost layer that has it
     * @param within the descriptors that lead to it: for a directory, itself in each layer that has it, topmost first; else its parent in the layer that has it
     */
    public record Node(String path, Stat stat, List<FileDescriptor> within) {
        /** The last component of its place. */
        public String name() {
            return path.substring(path.lastIndexOf('/') + 1);
        }

        /** The target of a symbolic link, raw. */
        public String target() throws ErrnoException {
            return At.readlinkat(within.getFirst(), name());
        }
    }

    /** What the visitor of a node does; descriptors close when it returns. */
    @FunctionalInterface
    public interface Visitor<T> {
        T visit(Node node) throws IOException;
    }

    /** Shows {@code visitor} the node at a place whose components are no links, or {@code null} where there is none. */
    public <T> T at(String place, Visitor<T> visitor) throws IOException {
        if (layers.isEmpty()) {
            return visitor.visit(null);
        }
        return descend(new Node("", At.fstat(layers.getFirst()), layers), components(place), visitor);
    }

    private <T> T descend(Node node, Deque<String> rest, Visitor<T> visitor) throws IOException {
        if (rest.isEmpty()) {
            return visitor.visit(node);
        }
        if (!node.stat().isDirectory()) {
            return visitor.visit(null);
        }
        return child(node, rest.removeFirst(), next -> next == null ? visitor.visit(null) : descend(next, rest, visitor));
    }

    /** Shows {@code visitor} the child of a directory, or {@code null} where there is none. */
    public <T> T child(Node parent, String name, Visitor<T> visitor) throws IOException {
        List<FileDescriptor> directories = new ArrayList<>();
        Stat top = null;
        try {
            for (FileDescriptor dir : parent.within()) {
                Stat stat = At.lstatat(dir, name);
                if (stat == null) {
                    continue;
                }
                if (stat.isWhiteout() || !stat.isDirectory() && top != null) {
                    break;
                }
                String path = parent.path().isEmpty() ? name : parent.path() + "/" + name;
                if (!stat.isDirectory()) {
                    return visitor.visit(new Node(path, stat, List.of(dir)));
                }
                top = top == null ? stat : top;
                FileDescriptor opened = At.openat(dir, name, At.O_RDONLY | At.O_DIRECTORY | At.O_NOFOLLOW, 0);
                directories.add(opened);
                if (isOpaque(opened)) {
                    break;
                }
            }
            String path = parent.path().isEmpty() ? name : parent.path() + "/" + name;
            return visitor.visit(top == null ? null : new Node(path, top, directories));
        } finally {
            directories.forEach(FileDescriptor::close);
        }
    }

    private static boolean isOpaque(FileDescriptor dir) throws ErrnoException {
        byte[] value = At.fgetxattr(dir, OPAQUE);
        return value != null && value.length == 1 && value[0] == 'y';
    }

    /** Names in a merged directory, sorted by bytes; a name may turn out hidden when it is asked for. */
    public List<String> names(Node directory) throws ErrnoException {
        TreeSet<String> names = new TreeSet<>();
        for (FileDescriptor dir : directory.within()) {
            At.lseek(dir, 0);
            names.addAll(At.list(dir));
        }
        return List.copyOf(names);
    }

    /** The place that {@code path} leads to, links followed inside the tree; {@code null} where it leads nowhere. */
    public String resolve(String path) throws IOException {
        Deque<String> rest = components(path);
        Deque<String> done = new ArrayDeque<>();
        int links = 0;
        while (!rest.isEmpty()) {
            String component = rest.removeFirst();
            if (component.equals("..")) {
                done.pollLast();
                continue;
            }
            done.addLast(component);
            Found found = at(String.join("/", done), Found::of);
            if (found == null) {
                return null;
            }
            if (found.link() != null) {
                if (++links > LINK_LIMIT) {
                    return null;
                }
                done.removeLast();
                if (found.link().startsWith("/")) {
                    done.clear();
                }
                components(found.link()).reversed().forEach(rest::addFirst);
            }
        }
        return String.join("/", done);
    }

    private record Found(String link) {
        static Found of(Node node) throws IOException {
            return node == null ? null : new Found(node.stat().isSymbolicLink() ? node.target() : null);
        }
    }

    /** The first {@code limit} bytes of the regular file that {@code path} leads to; {@code null} where there is none. */
    public byte[] read(String path, int limit) throws IOException {
        String place = resolve(path);
        return place == null ? null : at(place, node -> node == null || !node.stat().isRegular() ? null : content(node, limit));
    }

    private static byte[] content(Node node, int limit) throws ErrnoException {
        try (FileDescriptor file = open(node); Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(limit);
            int total = 0;
            for (int n = At.read(file, buffer); n > 0; n = At.read(file, buffer.asSlice(total))) {
                total += n;
                if (total == limit) {
                    break;
                }
            }
            return buffer.asSlice(0, total).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Opens a regular file for reading. */
    public static FileDescriptor open(Node file) throws ErrnoException {
        return At.openat(file.within().getFirst(), file.name(), At.O_RDONLY | At.O_NOFOLLOW, 0);
    }

    static Deque<String> components(String path) {
        Deque<String> components = new ArrayDeque<>();
        for (String component : path.split("/")) {
            if (!component.isEmpty() && !component.equals(".")) {
                components.addLast(component);
            }
        }
        return components;
    }

    @Override
    public void close() {
        layers.forEach(FileDescriptor::close);
    }
}
