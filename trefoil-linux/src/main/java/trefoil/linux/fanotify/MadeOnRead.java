package trefoil.linux.fanotify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;

/**
 * A small tmpfs of files that are made when they are read. Two threads, both asleep as long as nobody reads: one answers,
 * one watches it. Thread-safe.
 *
 * <p>A file takes no page of memory until it is first read; from then on it keeps its last content, which is what
 * readers get while no daemon lives.
 *
 * <p>Should making a content take more than {@link #PATIENCE_MILLIS}, the watcher closes the fanotify group, upon which the
 * kernel lets all waiting reads go on with the old content, and starts anew with a fresh group and thread. A daemon that
 * is stopped altogether (SIGSTOP) is the one case in which readers wait; SIGKILL, to them or to it, ends that.
 */
public final class MadeOnRead implements AutoCloseable {
    /** Age from which a content is made anew, milliseconds. */
    public static final long AGE_MILLIS = 100;

    /** How long making one content may take, milliseconds. */
    static final long PATIENCE_MILLIS = 1000;

    private static final System.Logger LOG = System.getLogger(MadeOnRead.class.getName());

    private final Path directory;
    private final Map<Long, MadeFile> byInode = new ConcurrentHashMap<>();
    /** Taken up from an earlier process and not read since: nobody has asked for their inode numbers. */
    private final Map<Path, MadeFile> unread = new ConcurrentHashMap<>();
    private final Thread watcher;
    private volatile Answerer answerer;
    private volatile boolean closed;
    private volatile boolean watcherSleeps;

    /** Makes a file's content; called on the answering thread, so it must not wait for anything but the kernel. */
    @FunctionalInterface
    public interface Content {
        /**
         * The whole content.
         *
         * @throws IOException and readers get the content as it was
         */
        String make() throws IOException;
    }

    private MadeOnRead(Path directory) throws IOException {
        this.directory = directory;
        this.answerer = new Answerer(PermissionGroup.of(directory.toString()), this::find, this::noticed);
        this.watcher = Thread.ofPlatform().daemon().name("made-on-read-watcher").unstarted(this::watch);
    }

    /**
     * Mounts a tmpfs on the directory, unless an earlier process has: its files are then still there, and are served again
     * once {@link #serve} or {@link #takeUp} is called for them.
     *
     * @throws ErrnoException EPERM without CAP_SYS_ADMIN; EINVAL when the kernel has no permission events
     */
    public static MadeOnRead open(Path directory) throws IOException {
        SmallTmpfs.mountUnlessThere(directory.toAbsolutePath());
        MadeOnRead files = new MadeOnRead(directory.toAbsolutePath());
        files.answerer.start();
        files.watcher.start();
        return files;
    }

    /** Makes a file, or takes up one that is there, whose content is made when it is read. Its directory is made too. */
    public void serve(String name, Content content) throws IOException {
        Path file = directory.resolve(name);
        byInode.put(touch(file), new MadeFile(file, content));
    }

    /** Serves a file that an earlier process made, if it is there. Costs no system call until it is read. */
    public void takeUp(String name, Content content) {
        Path file = directory.resolve(name);
        unread.put(file, new MadeFile(file, content));
    }

    /** Called on the answering thread. */
    private MadeFile find(long inode) {
        MadeFile known = byInode.get(inode);
        if (known != null || unread.isEmpty()) {
            return known;
        }
        for (Map.Entry<Path, MadeFile> each : unread.entrySet()) {
            if (unread.remove(each.getKey(), each.getValue())) {
                SmallTmpfs.inode(each.getKey()).ifPresent(number -> byInode.put(number, each.getValue()));
            }
        }
        return byInode.get(inode);
    }

    private static long touch(Path file) throws IOException {
        try {
            return SmallTmpfs.touch(file);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            Files.createDirectories(file.getParent());
            return SmallTmpfs.touch(file);
        }
    }

    /** A new detached read-only mount of one of the files; the caller closes it. */
    public FileDescriptor detached(String name) throws ErrnoException {
        return SmallTmpfs.clone(directory.resolve(name));
    }

    /** Forgets and removes all files of a directory, and it; no-op when it is not there. Mounts of them keep their last content. */
    public void remove(String name) throws IOException {
        Path gone = directory.resolve(name);
        unread.keySet().removeIf(file -> file.startsWith(gone));
        byInode.values().removeIf(file -> file.path().startsWith(gone));
        try (Stream<Path> files = Files.list(gone)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            return;
        }
        Files.deleteIfExists(gone);
    }

    /** Names of the directories that there are, of an earlier process too. */
    public List<String> directories() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** Contents made so far. */
    public long made() {
        return answerer.made();
    }

    private void noticed() {
        if (watcherSleeps) {
            LockSupport.unpark(watcher);
        }
    }

    /** Wakes when reads come in, looks twice a second as long as they do, sleeps when they end. */
    private void watch() {
        while (!closed) {
            Answerer watched = answerer;
            watcherSleeps = true;
            if (watched.idle()) {
                LockSupport.park(this);
            }
            watcherSleeps = false;
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS / 2));
            if (!closed && watched.busyMillis() > PATIENCE_MILLIS) {
                replace(watched);
            }
        }
    }

    private void replace(Answerer stuck) {
        LOG.log(System.Logger.Level.WARNING, "making {0} takes too long: readers get its old content", stuck.busyWith());
        stuck.abandon();
        try {
            Answerer fresh = new Answerer(PermissionGroup.of(directory.toString()), this::find, this::noticed);
            answerer = fresh;
            fresh.start();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "no file is made anew from now on: " + e.getMessage(), e);
            closed = true;
        }
    }

    /** Stops making; the files stay as they are, for the next process. */
    @Override
    public void close() {
        closed = true;
        answerer.stop();
        LockSupport.unpark(watcher);
    }

    /** Closes and unmounts; bound files live on where they are bound. */
    public void dispose() throws IOException {
        close();
        SmallTmpfs.unmount(directory);
        Files.deleteIfExists(directory);
    }
}
