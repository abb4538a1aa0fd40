package trefoil.linux.fanotify;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayDeque;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/** The thread that answers one group: makes what is old, allows every read, ignores the file for the age of its content. */
final class Answerer {
    private static final System.Logger LOG = System.getLogger(MadeOnRead.class.getName());
    private static final int SYS_WRITE = 1;
    private static final int SYS_POLL = 7;
    private static final int SYS_EVENTFD2 = 290;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final short POLLIN = 1;
    private static final long AGE_NANOS = MadeOnRead.AGE_MILLIS * 1_000_000;

    private final PermissionGroup group;
    private final Files files;
    private final Runnable noticed;
    private final FileDescriptor wake;
    private final Thread thread;
    private final ArrayDeque<Ignored> ignored = new ArrayDeque<>();
    private volatile long busySince; // System.nanoTime(), 0 when idle
    private volatile MadeFile busyWith;
    private volatile boolean stopped;
    private volatile long made;

    private record Ignored(Path file, long until) {}

    /** Finds a file by its inode number; {@code null} for one that is not made. */
    @FunctionalInterface
    interface Files {
        MadeFile find(long inode);
    }

    /** @param noticed called whenever work begins */
    Answerer(PermissionGroup group, Files files, Runnable noticed) throws ErrnoException {
        this.group = group;
        this.files = files;
        this.noticed = noticed;
        this.wake = new FileDescriptor((int) Syscall.call("eventfd2", SYS_EVENTFD2, 0, EFD_CLOEXEC, 0), "wake");
        this.thread = Thread.ofPlatform().daemon().name("made-on-read").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    long made() {
        return made;
    }

    boolean idle() {
        return busySince == 0;
    }

    long busyMillis() {
        long since = busySince;
        return since == 0 ? 0 : (System.nanoTime() - since) / 1_000_000;
    }

    Path busyWith() {
        MadeFile file = busyWith;
        return file == null ? null : file.path();
    }

    /** Ends it while it is stuck: the group's last descriptor goes, and the kernel allows all. */
    void abandon() {
        stopped = true;
        group.close();
    }

    /** Ends it from its sleep. */
    void stop() {
        stopped = true;
        if (!wake.isOpen()) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
            Syscall.raw(SYS_WRITE, wake.number(), one.address(), 8);
        }
    }

    private void run() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfds = arena.allocate(16, 4); // struct pollfd { int fd; short events; short revents; } [2]
            pollfds.set(ValueLayout.JAVA_INT, 0, group.descriptor().number());
            pollfds.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
            pollfds.set(ValueLayout.JAVA_INT, 8, wake.number());
            pollfds.set(ValueLayout.JAVA_SHORT, 12, POLLIN);
            while (!stopped) {
                Syscall.raw(SYS_POLL, pollfds.address(), 2, untilNextHeeding());
                if (!stopped) {
                    heed();
                    answer();
                }
            }
        } catch (IOException e) {
            if (!stopped) {
                LOG.log(System.Logger.Level.ERROR, "no file is made anew from now on: " + e.getMessage(), e);
            }
        } catch (IllegalStateException e) { // the group was closed: abandoned, and stuck no more
            if (!stopped) {
                throw e;
            }
        } finally {
            group.close();
            wake.close();
        }
    }

    private long untilNextHeeding() {
        Ignored first = ignored.peek();
        return first == null ? -1 : Math.max(0, (first.until - System.nanoTime()) / 1_000_000 + 1);
    }

    private void heed() throws ErrnoException {
        while (!ignored.isEmpty() && ignored.peek().until - System.nanoTime() <= 0) {
            group.heed(ignored.remove().file.toString());
        }
    }

    private void answer() throws ErrnoException {
        var asked = group.read();
        if (asked.isEmpty()) {
            return;
        }
        busySince = System.nanoTime() | 1;
        noticed.run();
        for (PermissionGroup.Asked question : asked) {
            MadeFile file = files.find(question.inode());
            if (file != null && file.old()) {
                make(file);
            }
            answer(question);
        }
        busyWith = null;
        busySince = 0;
    }

    private void answer(PermissionGroup.Asked question) throws ErrnoException {
        if (stopped) {
            new FileDescriptor(question.fd(), "read file").close(); // abandoned: the kernel has answered
        } else {
            group.allow(question);
        }
    }

    private void make(MadeFile file) throws ErrnoException {
        busyWith = file;
        try {
            file.make();
            made++;
        } catch (ErrnoException e) {
            boolean gone = e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV;
            LOG.log(gone ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING, file.path() + " keeps its old content", e);
        } catch (IOException | RuntimeException e) { // readers must go on whatever a content does
            LOG.log(System.Logger.Level.WARNING, file.path() + " keeps its old content", e);
        }
        if (!stopped) {
            ignore(file.path());
        }
    }

    private void ignore(Path file) throws ErrnoException {
        try {
            group.ignore(file.toString());
            ignored.add(new Ignored(file, System.nanoTime() + AGE_NANOS));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) { // removed this moment
                throw e;
            }
        }
    }
}
