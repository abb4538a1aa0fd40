package trefoil.container;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.Sizes;
import trefoil.linux.file.Contents;
import trefoil.linux.file.Directories;
import trefoil.linux.file.FileSystems;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;
import trefoil.linux.loop.Ext4;
import trefoil.linux.loop.LoopDevice;

/**
 * Where a container's changes to its image lie: the {@code upper} and {@code work} directories of its overlay.
 *
 * <p>Without a limit they are plain directories in the container's own directory. With one they are on an ext4 file system in
 * the sparse file {@code root.img} there, as large as the limit: a container that fills it gets ENOSPC, and nobody else does. The file
 * system is mounted detached from a loop device, so it lives exactly as long as the descriptor that {@link #open} gives or the
 * overlay made from it, whichever process holds it; after a restart of the daemon {@link #open} finds the mounted
 * one again. Files that are deleted inside give their room back to the host.
 *
 * <p>Methods may be called from any thread and process: {@code flock} on {@code root.img} keeps two from attaching it twice.
 */
public final class RootDisk {
    /** The least a limited disk may have, bytes: the journal alone takes 4 MiB. */
    public static final long LEAST = 16L << 20;

    private static final String IMAGE = "root.img";
    private static final String UNFINISHED = "root.img.new";
    private static final int BLOCK = 4096;
    private static final long DETACHED_NANOS = 3_000_000_000L;
    private static final long DETACHED_PAUSE_NANOS = 5_000_000;
    private static final int LOOK = Open.O_RDONLY | Open.O_DIRECTORY | Open.O_NOFOLLOW;
    private static final DiskUsage USAGE = new DiskUsage();

    private RootDisk() {}

    /** When a disk has its new size. */
    public enum Growth {
        /** At once. */
        NOW,
        /** When the container starts next: this process has no CAP_SYS_RESOURCE, which growing a mounted ext4 takes. */
        AT_NEXT_START
    }

    /**
     * Makes the disk of a new container. Leaves nothing behind when it fails.
     *
     * @param directory the container's own; made when missing
     * @param bytes the limit, at least {@link #LEAST}; {@code null} for none
     */
    public static void create(Path directory, Long bytes) throws IOException {
        Files.createDirectories(directory);
        if (bytes != null) {
            createImage(directory, bytes);
            return;
        }
        if (Files.exists(directory.resolve(IMAGE), LinkOption.NOFOLLOW_LINKS)) {
            throw new ContainerException("there is a disk already: " + directory.resolve(IMAGE), null, null);
        }
        try (FileDescriptor holder = Open.open(directory.toString(), LOOK, 0)) {
            makeDirectories(holder);
        }
    }

    private static void createImage(Path directory, long bytes) throws IOException {
        Path image = directory.resolve(IMAGE);
        if (bytes < LEAST) {
            throw new ContainerException(
                    "a disk of " + Sizes.words(bytes) + " is too small", "ask for " + Sizes.words(LEAST) + " or more", null);
        }
        if (Files.exists(image, LinkOption.NOFOLLOW_LINKS)
                || Files.exists(directory.resolve("upper"), LinkOption.NOFOLLOW_LINKS)) {
            throw new ContainerException("there is a disk already in " + directory, null, null);
        }
        Path unfinished = directory.resolve(UNFINISHED);
        try {
            Files.deleteIfExists(unfinished);
            int flags = Open.O_RDWR | Open.O_CREAT | Open.O_EXCL | Open.O_NOFOLLOW;
            try (FileDescriptor file = Open.open(unfinished.toString(), flags, 0600)) {
                Contents.ftruncate(file, roundUp(bytes));
                format(unfinished);
                try (FileDescriptor mount = mount(file, unfinished)) {
                    makeDirectories(mount);
                }
            }
            Files.move(unfinished, image);
        } catch (IOException e) {
            Files.deleteIfExists(unfinished);
            throw e;
        }
    }

    private static void format(Path image) throws IOException {
        run(List.of("mke2fs", "-q", "-F", "-t", "ext4", "-b", "" + BLOCK, "-m", "0", "-J", "size=4", "-E",
                "lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0", image.toString()), 0);
    }

    /** Makes {@code upper} and {@code work}, owned by root inside; nothing when they are there. */
    private static void makeDirectories(FileDescriptor holder) throws ErrnoException {
        for (String name : List.of("upper", "work")) {
            try {
                Directories.mkdirat(holder, name, 0755);
                Inodes.fchmodat(holder, name, 0755); // whatever the umask
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
        }
    }

    /** As {@link #open(Path)}, after {@link #create} when there is no disk yet. */
    public static FileDescriptor open(Path directory, Long bytes) throws IOException {
        boolean made = Files.exists(directory.resolve(IMAGE), LinkOption.NOFOLLOW_LINKS)
                || Files.exists(directory.resolve("upper"), LinkOption.NOFOLLOW_LINKS);
        if (!made) {
            create(directory, bytes);
        }
        return open(directory);
    }

    /**
     * A directory that holds {@code upper} and {@code work}, owned by 0:0 as inside. Of a limited disk it is an {@code O_PATH} descriptor
     * of a new detached mount, which lasts while the descriptor or a mount made from it does.
     */
    public static FileDescriptor open(Path directory) throws IOException {
        Optional<FileDescriptor> image = image(directory, Open.LOCK_EX);
        if (image.isEmpty()) {
            FileDescriptor plain = Open.open(directory.toString(), LOOK, 0);
            try {
                makeDirectories(plain);
                return plain;
            } catch (ErrnoException e) {
                plain.close();
                throw e;
            }
        }
        try (FileDescriptor file = image.get()) {
            return mount(file, directory.resolve(IMAGE));
        }
    }

    /** The image, locked until it is closed; empty when there is no limit. */
    private static Optional<FileDescriptor> image(Path directory, int lock) throws IOException {
        FileDescriptor image;
        try {
            image = Open.open(directory.resolve(IMAGE).toString(), Open.O_RDWR | Open.O_NOFOLLOW, 0);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
        try {
            Open.flock(image, lock);
            return Optional.of(image);
        } catch (ErrnoException e) {
            image.close();
            throw e;
        }
    }

    private static FileDescriptor mount(FileDescriptor image, Path path) throws IOException {
        Optional<LoopDevice> attached = LoopDevice.find(image);
        if (attached.isPresent() && hasToGrow(image)) {
            attached = awaitDetached(image, attached.get());
        }
        if (attached.isEmpty()) {
            growUnmounted(image, path);
        }
        try (LoopDevice device = attached.isPresent() ? attached.get() : attach(path)) {
            return Ext4.mount(device);
        }
    }

    /** The device keeps the open file, and with it a flock, as long as it is attached: so it gets one of its own. */
    private static LoopDevice attach(Path path) throws IOException {
        try (FileDescriptor file = Open.open(path.toString(), Open.O_RDWR | Open.O_NOFOLLOW, 0)) {
            return LoopDevice.attach(file, path.toString(), BLOCK);
        }
    }

    private static boolean hasToGrow(FileDescriptor image) throws IOException {
        return Inodes.fstat(image).size() - Ext4.superblock(image).size() >= BLOCK;
    }

    /** The kernel takes a mount down a moment after its last user has gone. What is mounted by somebody else after that stays as small as it is. */
    private static Optional<LoopDevice> awaitDetached(FileDescriptor image, LoopDevice device) throws IOException {
        long deadline = System.nanoTime() + DETACHED_NANOS;
        Optional<LoopDevice> attached = Optional.of(device);
        while (attached.isPresent() && System.nanoTime() < deadline) {
            attached.get().close(); // itself a user
            LockSupport.parkNanos(DETACHED_PAUSE_NANOS);
            attached = LoopDevice.find(image);
        }
        return attached;
    }

    private static void growUnmounted(FileDescriptor image, Path path) throws IOException {
        if (hasToGrow(image)) {
            run(List.of("e2fsck", "-f", "-p", path.toString()), 1); // 1: mended
            run(List.of("resize2fs", "-f", path.toString()), 0);
        }
    }

    /** The limit in bytes; {@code null} for none. */
    public static Long limit(Path directory) throws IOException {
        try {
            return Files.size(directory.resolve(IMAGE));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * Bytes that the disk holds. Cheap: with a limit, what the file system counts; without, a figure at most
     * 30 s old or, for large trees, 20 times the duration of the walk ({@link DiskUsage}); −1 when it is not known yet.
     */
    public static long used(Path directory) throws IOException {
        Optional<FileDescriptor> image = image(directory, Open.LOCK_SH);
        if (image.isEmpty()) {
            return USAGE.bytes(directory.resolve("upper"));
        }
        try (FileDescriptor file = image.get()) {
            Optional<LoopDevice> attached = LoopDevice.find(file);
            if (attached.isPresent()) {
                try (LoopDevice device = attached.get();
                        FileDescriptor mount = Ext4.mount(device)) {
                    return FileSystems.fstatfs(mount).usedBytes();
                }
            }
            return Ext4.superblock(file).used();
        }
    }

    /**
     * Grows a limited disk, whether the container runs or not.
     *
     * @throws ContainerException when it would shrink, or has no limit
     */
    public static Growth resize(Path directory, long bytes) throws IOException {
        Optional<FileDescriptor> image = image(directory, Open.LOCK_EX);
        if (image.isEmpty()) {
            throw new ContainerException(
                    "the disk has no limit, and one can be given only on creation",
                    "copy what it holds to a new server with --disk " + bytes,
                    null);
        }
        try (FileDescriptor file = image.get()) {
            long wanted = roundUp(bytes);
            long now = Inodes.fstat(file).size();
            if (wanted < now) {
                throw new ContainerException(
                        "a disk can only grow: it has " + Sizes.words(now) + ", not to become " + Sizes.words(bytes),
                        "ask for more than " + Sizes.words(now),
                        null);
            }
            Contents.ftruncate(file, wanted);
            return grow(file, directory.resolve(IMAGE), wanted);
        }
    }

    private static Growth grow(FileDescriptor image, Path path, long bytes) throws IOException {
        if (!hasToGrow(image)) {
            return Growth.NOW;
        }
        Optional<LoopDevice> attached = LoopDevice.find(image);
        if (attached.isEmpty()) {
            growUnmounted(image, path);
            return Growth.NOW;
        }
        try (LoopDevice device = attached.get();
                FileDescriptor mount = Ext4.mount(device)) {
            device.readCapacity();
            Ext4.resize(mount, bytes / BLOCK);
            return Growth.NOW;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EPERM) {
                return Growth.AT_NEXT_START;
            }
            throw e;
        }
    }

    /**
     * Lets go of what this class holds of a disk whose container has ended: its loop device is detached as soon as nobody
     * has it mounted. Idempotent.
     */
    public static void close(Path directory) throws IOException {
        USAGE.forget(directory.resolve("upper"));
        Optional<FileDescriptor> image = image(directory, Open.LOCK_EX);
        if (image.isPresent()) {
            try (FileDescriptor file = image.get()) {
                Optional<LoopDevice> attached = LoopDevice.find(file);
                if (attached.isPresent()) {
                    try (LoopDevice device = attached.get()) {
                        device.detach();
                    }
                }
            }
        }
    }

    /** Removes the container's directory with all in it, whatever the container has put there. It must have ended. Idempotent. */
    public static void delete(Path directory) throws IOException {
        close(directory);
        FileTree.delete(directory);
    }

    private static long roundUp(long bytes) {
        return Math.ceilDiv(bytes, (long) BLOCK) * BLOCK;
    }

    private static void run(List<String> command, int mostStatus) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true);
        builder.environment().put("PATH", "/usr/sbin:/sbin:/usr/bin:/bin");
        builder.environment().put("LC_ALL", "C");
        Path program = Path.of("/usr/sbin", command.getFirst());
        if (!Files.isExecutable(program)) {
            program = Path.of("/sbin", command.getFirst());
        }
        if (!Files.isExecutable(program)) {
            throw new ContainerException(
                    command.getFirst() + " is not installed, and a disk with a limit needs it",
                    "apt-get install e2fsprogs",
                    null);
        }
        builder.command().set(0, program.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            int status = process.waitFor();
            if (status > mostStatus) {
                throw new ContainerException(
                        String.join(" ", command) + " ended with " + status + ": " + said, null, null);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("while " + command.getFirst() + " ran");
        }
    }
}
