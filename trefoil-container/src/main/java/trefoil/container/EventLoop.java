package trefoil.container;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.event.Epoll;

/**
 * One thread that waits for descriptors on behalf of all others, so that no virtual thread blocks in the kernel and holds
 * its carrier. Thread-safe.
 */
final class EventLoop implements AutoCloseable {
    private final Epoll epoll;
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
    private final AtomicLong keys = new AtomicLong();
    private final Thread thread;
    private final ReentrantLock closing = new ReentrantLock();
    private volatile boolean closed;

    private record Waiting(FileDescriptor fd, Runnable then) {}

    EventLoop(String name) throws ErrnoException {
        epoll = new Epoll();
        thread = Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    private void run() {
        try {
            while (!closed) {
                epoll.await(-1, (key, events) -> ready(key));
            }
        } catch (ErrnoException e) {
            throw new IllegalStateException("epoll_wait cannot fail on a set of our own", e);
        } finally {
            closing.lock(); // not while it is being woken
            epoll.close();
            closing.unlock();
        }
    }

    private void ready(long key) {
        Waiting one = waiting.remove(key);
        if (one != null) {
            forget(one.fd());
            one.then().run();
        }
    }

    private void forget(FileDescriptor fd) {
        try {
            epoll.remove(fd);
        } catch (ErrnoException | IllegalStateException e) {
            // closed meanwhile: then it is out of the set
        }
    }

    /**
     * Runs something on the loop's thread once a descriptor is ready; it must be short.
     *
     * @param events {@code Epoll.EPOLL…}
     * @return for {@link #cancel}
     */
    long once(FileDescriptor fd, int events, Runnable then) throws ErrnoException {
        long key = keys.getAndIncrement();
        waiting.put(key, new Waiting(fd, then));
        try {
            epoll.add(fd, events | Epoll.EPOLLONESHOT, key);
        } catch (ErrnoException | RuntimeException e) {
            waiting.remove(key);
            throw e;
        }
        return key;
    }

    /** Takes back what {@link #once} asked for; whether it was in time. */
    boolean cancel(long key) {
        Waiting one = waiting.remove(key);
        if (one == null) {
            return false;
        }
        forget(one.fd());
        return true;
    }

    /** Parks the calling thread until a descriptor is ready. */
    void await(FileDescriptor fd, int events) throws IOException {
        CountDownLatch latch = new CountDownLatch(1);
        long key = once(fd, events, latch::countDown);
        try {
            latch.await();
        } catch (InterruptedException e) {
            cancel(key);
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        }
    }

    /** Whether an error says "not now". */
    static boolean again(ErrnoException e) {
        return e.errno() == Errno.EAGAIN;
    }

    @Override
    public void close() {
        closing.lock();
        try {
            if (!closed) {
                closed = true;
                epoll.wake();
            }
        } finally {
            closing.unlock();
        }
        if (Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
