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
import java.util.Map;
import trefoil.image.ImageException;
import trefoil.image.tar.TarEntry;
import trefoil.image.tar.TarEntry.Extent;
import trefoil.image.tar.TarFormatException;
import trefoil.image.tar.TarReader;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.Sizes;
import trefoil.linux.unpack.At;
import trefoil.linux.unpack.Stat;

/**
 * Writes the members of one archive into an empty private directory, see the package. For one archive and one thread;
 * after a failure the directory is to be removed by whoever made it.
 */
public final class LayerUnpacker implements AutoCloseable {
    private static final int ID_LIMIT = 65535;
    private static final int NOBODY = 65534;
    private static final int LINK_LIMIT = 40;
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE_MARK = ".wh..wh..opq";
    private static final int BUFFER = 1 << 18;
    private static final int OPEN_DIRECTORY = At.O_RDONLY | At.O_DIRECTORY | At.O_NOFOLLOW;

    private final FileDescriptor root;
    private final String rootLocation;
    private final MergedTree lower;
    private final Dialect dialect;
    private final Bounds bounds;
    private final FreeSpace space;
    private final String subject;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER);
    private final byte[] heap = new byte[BUFFER];
    private final Notes notes = new Notes();
    private final List<DirectoryTime> directoryTimes = new ArrayList<>();
    private final long byteLimit;

    private List<String> cachedParent;
    private Place cached;
    private long entries;
    private long bytes;
    private boolean dependsOnLower;
    private boolean hidesLower;

    /** A directory of the layer: open, and where it is below the root, raw. */
    private record Place(FileDescriptor fd, String path) implements AutoCloseable {
        @Override
        public void close() {
            fd.close();
        }
    }

    private record DirectoryTime(String path, long seconds, int nanos) {}

    /**
     * @param directory empty, private, on the store's disk
     * @param lower the layers below, borrowed
     * @param subject what is unpacked, for messages
     */
    public LayerUnpacker(Path directory, MergedTree lower, Dialect dialect, Bounds bounds, String subject) throws IOException {
        this.root = At.openDirectory(directory.toAbsolutePath().toString());
        this.rootLocation = At.location(root);
        this.lower = lower;
        this.dialect = dialect;
        this.bounds = bounds;
        this.space = new FreeSpace(directory);
        this.subject = subject;
        this.byteLimit = Math.min(bounds.bytes(), space.available());
    }

    /** Writes every member of {@code tar}, then sets the times of the directories. */
    public UnpackReport unpack(TarReader tar) throws IOException {
        for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
            count(entry);
            write(entry, tar);
        }
        if (dialect == Dialect.ROOTFS && !tar.endMarked()) {
            throw new TarFormatException("the archive lacks its end, two blocks of zeros; it was cut off at offset " + tar.offset());
        }
        tar.finish();
        setDirectoryTimes();
        return new UnpackReport(dependsOnLower, hidesLower, entries, notes.lines());
    }

    private void count(TarEntry entry) throws IOException {
        if (++entries > bounds.entries()) {
            throw Refusal.bad(subject + " has more than " + bounds.entries() + " members");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new ImageException(ImageException.Reason.SOURCE_FAILED, "unpacking " + subject + " was cancelled", null, null);
        }
        if (entry.size() > bounds.bytes() - bytes) {
            throw Refusal.bad(subject + " unpacks to more than " + Sizes.words(bounds.bytes()) + ": "
                    + At.readable(entry.name()) + " alone has " + Sizes.words(entry.size()));
        }
        if (entry.size() > byteLimit - bytes) {
            throw space.tooSmall(subject, bytes + entry.size(), byteLimit);
        }
        bytes += entry.size();
        space.spend(entry.stored() + 4096, subject);
    }

    private void write(TarEntry entry, TarReader tar) throws IOException {
        EntryName name = EntryName.of(entry.name(), dialect);
        if (name.isRoot()) {
            writeRoot(entry);
            return;
        }
        if (dialect == Dialect.OCI && name.components().stream().anyMatch(c -> c.startsWith(WHITEOUT))) {
            writeWhiteout(name);
            return;
        }
        Place parent = parent(name.parent());
        switch (entry.type()) {
            case DIRECTORY -> writeDirectory(parent, name.last(), entry);
            case FILE -> writeFile(parent, name.last(), entry, tar);
            case SYMBOLIC_LINK -> writeSymbolicLink(parent, name, entry);
            case HARD_LINK -> writeHardLink(parent, name, entry);
            case FIFO -> writeFifo(parent, name.last(), entry);
            case CHARACTER_DEVICE, BLOCK_DEVICE -> notes.add(
                    "device nodes left out, a server's /dev is made by its host", name.toString());
        }
    }

    private void writeRoot(TarEntry entry) throws IOException {
        if (entry.type() != TarEntry.Type.DIRECTORY) {
            throw Refusal.bad(subject + " makes its own root something other than a directory");
        }
        setMetadata(root, entry);
        remember("", entry);
    }

    // --- directories ---

    private Place parent(List<String> components) throws IOException {
        if (components.equals(cachedParent)) {
            return cached;
        }
        forgetParent();
        cached = open(components);
        cachedParent = List.copyOf(components);
        return cached;
    }

    private void forgetParent() {
        if (cached != null) {
            cached.close();
        }
        cached = null;
        cachedParent = null;
    }

    private Place open(List<String> components) throws IOException {
        String path = components.isEmpty() ? "." : String.join("/", components);
        try {
            return place(At.openat2(root, path, OPEN_DIRECTORY & ~At.O_NOFOLLOW, At.RESOLVE_IN_ROOT | At.RESOLVE_NO_MAGICLINKS));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return walk(components);
            }
            throw e;
        }
    }

    private Place place(FileDescriptor fd) throws IOException {
        String location = At.location(fd);
        if (!location.equals(rootLocation) && !location.startsWith(rootLocation + "/")) {
            fd.close();
            throw new IllegalStateException("openat2 led out of its root: " + At.readable(location));
        }
        String path = location.equals(rootLocation) ? "" : location.substring(rootLocation.length() + 1);
        EntryName.refuseTooDeep(path);
        return new Place(fd, path);
    }

    /** Goes to the directory component by component and makes what is missing, as the layers below have it. */
    private Place walk(List<String> components) throws IOException {
        Deque<String> rest = new ArrayDeque<>(components);
        Deque<String> done = new ArrayDeque<>();
        int links = 0;
        while (!rest.isEmpty()) {
            String component = rest.removeFirst();
            if (component.equals("..")) {
                done.pollLast();
                continue;
            }
            String link = step(done, component);
            if (link == null) {
                done.addLast(component);
            } else if (++links > LINK_LIMIT) {
                throw Refusal.bad(subject + " holds links in a circle on the way to " + At.readable(String.join("/", components)));
            } else {
                if (link.startsWith("/")) {
                    done.clear();
                }
                MergedTree.components(link).reversed().forEach(rest::addFirst);
            }
        }
        String path = done.isEmpty() ? "." : String.join("/", done);
        return place(At.openat2(root, path, OPEN_DIRECTORY, At.RESOLVE_IN_ROOT | At.RESOLVE_NO_MAGICLINKS));
    }

    /** Makes sure that {@code component} is a directory in {@code parent}, or returns the target of the link that it is. */
    private String step(Deque<String> parent, String component) throws IOException {
        String parentPath = String.join("/", parent);
        try (Place at = place(At.openat2(
                root, parent.isEmpty() ? "." : parentPath, OPEN_DIRECTORY, At.RESOLVE_IN_ROOT | At.RESOLVE_NO_MAGICLINKS))) {
            Stat stat = At.lstatat(at.fd(), component);
            if (stat != null && stat.isSymbolicLink()) {
                return At.readlinkat(at.fd(), component);
            }
            if (stat != null && !stat.isDirectory() && !stat.isWhiteout()) {
                throw Refusal.bad(subject + " uses a file as a directory: " + At.readable(parentPath + "/" + component));
            }
            if (stat != null && stat.isDirectory()) {
                return null;
            }
            String path = at.path().isEmpty() ? component : at.path() + "/" + component;
            EntryName.refuseTooDeep(path);
            return stat != null
                    ? makeOpaque(at, component)
                    : lower.at(path, node -> makeImplied(at, component, node));
        }
    }

    /** A directory in place of a whiteout shows nothing of what lies below. */
    private String makeOpaque(Place parent, String name) throws IOException {
        At.unlinkat(parent.fd(), name);
        At.mkdirat(parent.fd(), name, 0755);
        try (FileDescriptor dir = At.openat(parent.fd(), name, OPEN_DIRECTORY, 0)) {
            At.fchmod(dir, 0755);
            At.fsetxattr(dir, MergedTree.OPAQUE, new byte[] {'y'});
        }
        return null;
    }

    private String makeImplied(Place parent, String name, MergedTree.Node below) throws IOException {
        if (below != null && below.stat().isSymbolicLink()) {
            dependsOnLower = true;
            return below.target();
        }
        At.mkdirat(parent.fd(), name, 0755);
        try (FileDescriptor dir = At.openat(parent.fd(), name, OPEN_DIRECTORY, 0)) {
            if (below != null && below.stat().isDirectory()) {
                dependsOnLower = true;
                At.fchown(dir, below.stat().uid(), below.stat().gid());
                At.fchmod(dir, below.stat().permissions());
                remember(parent.path().isEmpty() ? name : parent.path() + "/" + name, below.stat().mtime(), below.stat().mtimeNanos());
            } else {
                At.fchmod(dir, 0755);
            }
        }
        return null;
    }

    private void writeDirectory(Place parent, String name, TarEntry entry) throws IOException {
        Stat there = At.lstatat(parent.fd(), name);
        boolean opaque = there != null && there.isWhiteout();
        if (there != null && !there.isDirectory()) {
            At.unlinkat(parent.fd(), name);
            there = null;
        }
        if (there == null) {
            At.mkdirat(parent.fd(), name, 0700);
        }
        try (FileDescriptor dir = At.openat(parent.fd(), name, OPEN_DIRECTORY, 0)) {
            setMetadata(dir, entry);
            if (opaque) {
                At.fsetxattr(dir, MergedTree.OPAQUE, new byte[] {'y'});
            }
        }
        remember(parent.path().isEmpty() ? name : parent.path() + "/" + name, entry);
    }

    private void remember(String path, TarEntry entry) throws IOException {
        remember(path, entry.mtime(), entry.mtimeNanos());
    }

    private void remember(String path, long seconds, int nanos) throws IOException {
        EntryName.refuseTooDeep(path);
        if (directoryTimes.size() >= bounds.directories()) {
            throw Refusal.bad(subject + " has more than " + bounds.directories() + " directories");
        }
        directoryTimes.add(new DirectoryTime(path, seconds, nanos));
    }

    /** Last, because every file written into a directory changes its time. */
    private void setDirectoryTimes() throws ErrnoException {
        forgetParent();
        for (DirectoryTime t : directoryTimes) {
            String path = t.path().isEmpty() ? "." : t.path();
            try (FileDescriptor dir = At.openat2(root, path, OPEN_DIRECTORY, At.RESOLVE_IN_ROOT | At.RESOLVE_NO_MAGICLINKS)) {
                At.futimens(dir, t.seconds(), t.nanos());
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
                    throw e; // those three: a later member took the directory's place
                }
            }
        }
    }

    // --- files and links ---

    private void writeFile(Place parent, String name, TarEntry entry, TarReader tar) throws IOException {
        makeWay(parent, name);
        try (FileDescriptor file = At.openat(
                parent.fd(), name, At.O_WRONLY | At.O_CREAT | At.O_EXCL | At.O_NOFOLLOW, 0600)) {
            for (Extent extent : entry.extents()) {
                copy(tar, file, extent, entry);
            }
            if (entry.size() != entry.stored()) {
                At.ftruncate(file, entry.size());
            }
            setMetadata(file, entry);
            At.futimens(file, entry.mtime(), entry.mtimeNanos());
        }
    }

    private void copy(TarReader tar, FileDescriptor file, Extent extent, TarEntry entry) throws IOException {
        if (entry.size() != entry.stored()) {
            At.lseek(file, extent.offset());
        }
        long left = extent.length();
        while (left > 0) {
            int filled = 0;
            int want = (int) Math.min(BUFFER, left);
            while (filled < want) {
                int n = tar.read(heap, filled, want - filled);
                if (n < 0) {
                    throw new IllegalStateException("a member shorter than its map");
                }
                filled += n;
            }
            MemorySegment.copy(heap, 0, buffer, ValueLayout.JAVA_BYTE, 0, filled);
            At.writeFully(file, buffer, filled);
            left -= filled;
            space.spend(filled, subject);
        }
    }

    private void writeSymbolicLink(Place parent, EntryName name, TarEntry entry) throws IOException {
        if (entry.linkName().isEmpty()) {
            throw Refusal.bad(subject + " holds a symbolic link to nothing: " + name);
        }
        makeWay(parent, name.last());
        At.symlinkat(entry.linkName(), parent.fd(), name.last());
        At.lchownat(parent.fd(), name.last(), owner(entry.uid(), entry.name()), owner(entry.gid(), entry.name()));
        At.lutimesat(parent.fd(), name.last(), entry.mtime(), entry.mtimeNanos());
    }

    /** Links only to what this archive has put there already: its target is resolved inside the root, the last component not followed. */
    private void writeHardLink(Place parent, EntryName name, TarEntry entry) throws IOException {
        EntryName target = EntryName.of(entry.linkName(), dialect);
        if (target.isRoot()) {
            throw Refusal.bad(subject + " holds a hard link to its root: " + name);
        }
        String path = target.parent().isEmpty() ? "." : String.join("/", target.parent());
        try (FileDescriptor dir = At.openat2(
                root, path, OPEN_DIRECTORY & ~At.O_NOFOLLOW, At.RESOLVE_IN_ROOT | At.RESOLVE_NO_MAGICLINKS)) {
            Stat stat = At.lstatat(dir, target.last());
            if (stat == null || stat.isDirectory() || stat.isWhiteout()) {
                throw danglingLink(name, target);
            }
            Stat there = At.lstatat(parent.fd(), name.last());
            if (there != null && there.inode() == stat.inode() && there.device() == stat.device()) {
                return;
            }
            makeWay(parent, name.last());
            At.linkat(dir, target.last(), parent.fd(), name.last());
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                throw danglingLink(name, target);
            }
            throw e;
        }
    }

    private ImageException danglingLink(EntryName name, EntryName target) {
        return Refusal.bad(subject + " holds a hard link " + name + " to " + target + ", which is no file that it brought before");
    }

    private void writeFifo(Place parent, String name, TarEntry entry) throws IOException {
        makeWay(parent, name);
        At.mknodat(parent.fd(), name, Stat.S_IFIFO | 0600, 0);
        try (FileDescriptor fifo = At.openat(parent.fd(), name, At.O_RDONLY | At.O_NONBLOCK | At.O_NOFOLLOW, 0)) {
            setMetadata(fifo, entry);
            At.futimens(fifo, entry.mtime(), entry.mtimeNanos());
        }
    }

    /** Of two members with one name the later counts, as with tar. */
    private void makeWay(Place parent, String name) throws ErrnoException {
        Stat there = At.lstatat(parent.fd(), name);
        if (there == null) {
            return;
        }
        TreeRemoval.remove(parent.fd(), name);
    }

    // --- owners, modes, attributes ---

    /** In this order: chown clears set-user-id and file capabilities. */
    private void setMetadata(FileDescriptor file, TarEntry entry) throws IOException {
        String name = entry.name();
        At.fchown(file, owner(entry.uid(), name), owner(entry.gid(), name));
        for (Map.Entry<String, byte[]> attribute : entry.attributes().entrySet()) {
            setAttribute(file, attribute.getKey(), attribute.getValue(), name);
        }
        At.fchmod(file, entry.mode());
    }

    private int owner(long id, String name) {
        if (id < 0 || id > ID_LIMIT) {
            notes.add("owners beyond 65535, which a server does not have, became 65534 (nobody)", At.readable(name));
            return NOBODY;
        }
        return (int) id;
    }

    private void setAttribute(FileDescriptor file, String attribute, byte[] value, String name) throws IOException {
        if (attribute.startsWith("trusted.")) {
            throw Refusal.bad(subject + " sets the attribute " + At.readable(attribute) + " on " + At.readable(name)
                    + "; trusted attributes steer the host's own overlay file system");
        }
        boolean kept = attribute.startsWith("user.")
                || attribute.equals("security.capability")
                || attribute.equals("system.posix_acl_access")
                || attribute.equals("system.posix_acl_default");
        if (!kept) {
            notes.add("extended attributes left out: " + At.readable(attribute), At.readable(name));
            return;
        }
        if (attribute.equals("security.capability") && !isPlainCapability(value)) {
            throw Refusal.bad(subject + " holds a malformed security.capability, or one bound to a user namespace, on " + At.readable(name));
        }
        try {
            At.fsetxattr(file, attribute, value);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.EPERM && attribute.startsWith("user.")) {
                notes.add("extended attributes left out, the store's file system has none such: " + At.readable(attribute), At.readable(name));
            } else if (e.errno() == Errno.EINVAL || e.errno() == Errno.ERANGE) {
                throw Refusal.bad(subject + " holds a malformed " + At.readable(attribute) + " on " + At.readable(name));
            } else {
                throw e;
            }
        }
    }

    /** {@code struct vfs_cap_data}, revision 2: 20 bytes, the revision in the top byte of a little-endian word (linux/capability.h). */
    private static boolean isPlainCapability(byte[] value) {
        return value.length == 20 && value[3] == 2;
    }

    // --- whiteouts ---

    private void writeWhiteout(EntryName name) throws IOException {
        String last = name.last();
        if (name.parent().stream().anyMatch(c -> c.startsWith(WHITEOUT)) || !last.startsWith(WHITEOUT)) {
            throw Refusal.bad(subject + " uses a whiteout as a directory: " + name);
        }
        dependsOnLower = true;
        Place parent = parent(name.parent());
        if (last.equals(OPAQUE_MARK)) {
            if (parent.path().isEmpty()) {
                hidesLower = true;
            } else if (!lower.isEmpty()) {
                At.fsetxattr(parent.fd(), MergedTree.OPAQUE, new byte[] {'y'});
            }
            return;
        }
        String hidden = last.substring(WHITEOUT.length());
        if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
            throw Refusal.bad(subject + " holds a whiteout of nothing: " + name);
        }
        if (!hidden.startsWith(WHITEOUT)) {
            hide(parent, hidden);
        }
    }

    /** What the layer itself brings stays: a whiteout means the layers below only. */
    private void hide(Place parent, String name) throws IOException {
        Stat there = At.lstatat(parent.fd(), name);
        String path = parent.path().isEmpty() ? name : parent.path() + "/" + name;
        boolean below = lower.at(path, node -> node != null);
        if (!below) {
            return;
        }
        if (there == null) {
            At.mknodat(parent.fd(), name, Stat.S_IFCHR, 0);
        } else if (there.isDirectory()) {
            try (FileDescriptor dir = At.openat(parent.fd(), name, OPEN_DIRECTORY, 0)) {
                At.fsetxattr(dir, MergedTree.OPAQUE, new byte[] {'y'});
            }
        }
    }

    @Override
    public void close() {
        forgetParent();
        root.close();
        arena.close();
    }

    /** Notes of the same kind counted together, with one example. */
    private static final class Notes {
        private final Map<String, long[]> counts = new java.util.LinkedHashMap<>();
        private final Map<String, String> examples = new java.util.HashMap<>();

        void add(String kind, String example) {
            if (counts.size() < 50 || counts.containsKey(kind)) {
                counts.computeIfAbsent(kind, k -> new long[1])[0]++;
                examples.putIfAbsent(kind, example);
            }
        }

        List<String> lines() {
            return counts.entrySet().stream()
                    .map(e -> e.getKey() + ": " + e.getValue()[0] + ", such as " + examples.get(e.getKey()))
                    .toList();
        }
    }
}
