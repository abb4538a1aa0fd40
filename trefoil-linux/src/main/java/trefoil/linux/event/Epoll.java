package trefoil.linux.event;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/**
 * epoll(7): one thread waits for many descriptors; {@link #wake} calls it back from any other thread (an eventfd(2)
 * that it watches itself). Adding, removing and waking are thread-safe; {@link #await} is for one thread.
 */
public final class Epoll implements AutoCloseable {
    public static final int EPOLLIN = 0x1;
    public static final int EPOLLOUT = 0x4;
    public static final int EPOLLERR = 0x8;
    public static final int EPOLLHUP = 0x10;
    public static final int EPOLLRDHUP = 0x2000;
    public static final int EPOLLONESHOT = 0x40000000;
    /** Edge-triggered. */
    public static final int EPOLLET = 0x80000000;

    private static final int SYS_READ = 0;
    private static final int SYS_WRITE = 1;
    private static final int SYS_EPOLL_WAIT = 232;
    private static final int SYS_EPOLL_CTL = 233;
    private static final int SYS_EVENTFD2 = 290;
    private static final int SYS_EPOLL_CREATE1 = 291;
    private static final int CLOEXEC = 0x80000;
    private static final int NONBLOCK = 0x800;
    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int CTL_MOD = 3;
    private static final int MOST_EVENTS = 128;
    private static final int EVENT_SIZE = 12; // struct epoll_event is packed on x86-64
    private static final long WAKE_KEY = Long.MIN_VALUE;
    private static final ValueLayout.OfLong UNALIGNED = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt UNALIGNED_INT = ValueLayout.JAVA_INT_UNALIGNED;

    private final FileDescriptor epoll;
    private final FileDescriptor wake;
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment events = arena.allocate((long) MOST_EVENTS * EVENT_SIZE, 8);
    private final MemorySegment counter = arena.allocate(8, 8);
    private final MemorySegment one = arena.allocate(8, 8);

    /** Told what a descriptor is ready for. */
    @FunctionalInterface
    public interface Ready {
        /**
         * @param key what the descriptor was added with
         * @param events {@code EPOLL…}
         */
        void ready(long key, int events);
    }

    /** A new set that watches nothing. */
    public Epoll() throws ErrnoException {
        epoll = new FileDescriptor((int) Syscall.call("epoll_create1", SYS_EPOLL_CREATE1, CLOEXEC, 0, 0), "epoll");
        try {
            long eventfd = Syscall.call("eventfd2", SYS_EVENTFD2, 0, CLOEXEC | NONBLOCK, 0);
            wake = new FileDescriptor((int) eventfd, "eventfd");
            control("EPOLL_CTL_ADD", CTL_ADD, wake, EPOLLIN, WAKE_KEY);
        } catch (ErrnoException e) {
            epoll.close();
            throw e;
        }
        one.set(ValueLayout.JAVA_LONG, 0, 1);
    }

    /** Watches a descriptor. {@code key} comes back with its events; any number but {@code Long.MIN_VALUE}. */
    public void add(FileDescriptor fd, int events, long key) throws ErrnoException {
        control("EPOLL_CTL_ADD", CTL_ADD, fd, events, key);
    }

    /** Watches it for other events. */
    public void modify(FileDescriptor fd, int events, long key) throws ErrnoException {
        control("EPOLL_CTL_MOD", CTL_MOD, fd, events, key);
    }

    /** Watches it no more. Do so before closing it: a duplicate elsewhere would keep it in the set. */
    public void remove(FileDescriptor fd) throws ErrnoException {
        control("EPOLL_CTL_DEL", CTL_DEL, fd, 0, 0);
    }

    private void control(String name, int operation, FileDescriptor fd, int wanted, long key) throws ErrnoException {
        try (Arena local = Arena.ofConfined()) {
            MemorySegment event = local.allocate(16, 8);
            event.set(UNALIGNED_INT, 0, wanted);
            event.set(UNALIGNED, 4, key);
            String call = "epoll_ctl(" + name + ", " + fd + ")";
            Syscall.call(call, SYS_EPOLL_CTL, epoll.number(), operation, fd.number(), event.address(), 0, 0);
        }
    }

    /**
     * Waits for events and tells them.
     *
     * @param milliseconds at most; −1 for ever, 0 not at all
     * @return how many were told; 0 after the time, an interruption or a {@link #wake}
     */
    public int await(int milliseconds, Ready each) throws ErrnoException {
        long count =
                Syscall.raw(SYS_EPOLL_WAIT, epoll.number(), events.address(), MOST_EVENTS, milliseconds, 0, 0);
        if (count < 0 && count != -Errno.EINTR) {
            throw new ErrnoException("epoll_wait", (int) -count);
        }
        int told = 0;
        for (int i = 0; i < count; i++) {
            long key = events.get(UNALIGNED, (long) i * EVENT_SIZE + 4);
            if (key == WAKE_KEY) {
                Syscall.raw(SYS_READ, wake.number(), counter.address(), 8);
            } else {
                each.ready(key, events.get(UNALIGNED_INT, (long) i * EVENT_SIZE));
                told++;
            }
        }
        return told;
    }

    /** Makes the current or next {@link #await} return at once. */
    public void wake() {
        Syscall.raw(SYS_WRITE, wake.number(), one.address(), 8);
    }

    /** The set's own descriptor: readable when something in it is ready. */
    public FileDescriptor descriptor() {
        return epoll;
    }

    /** Ends it; the descriptors in it stay open. */
    @Override
    public void close() {
        wake.close();
        epoll.close();
    }
}
