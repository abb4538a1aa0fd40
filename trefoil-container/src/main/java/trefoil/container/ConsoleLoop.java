package trefoil.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.event.Epoll;

/**
 * The one thread that reads all consoles: an edge-triggered epoll(7) and one buffer, so that a thousand consoles cost a
 * thousand registrations and no more threads. A console that has much to say is served one buffer at a time, in turn with the
 * others. Thread-safe.
 */
final class ConsoleLoop {
    private static final int BUFFER = 64 * 1024;

    /** A console to serve. */
    @FunctionalInterface
    interface Source {
        /**
         * Reads at most one buffer. Called on the loop's thread; must not block.
         *
         * @return whether there may be more to read at once
         */
        boolean serve(MemorySegment buffer);
    }

    private static final class Shared {
        static final ConsoleLoop LOOP = new ConsoleLoop();
    }

    private final Epoll epoll;
    private final Map<Long, Source> sources = new ConcurrentHashMap<>();
    private final AtomicLong keys = new AtomicLong();

    private ConsoleLoop() {
        try {
            epoll = new Epoll();
        } catch (ErrnoException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().name("consoles").start(this::run);
    }

    /** The loop of this process; its thread starts with the first console. */
    static ConsoleLoop shared() {
        return Shared.LOOP;
    }

    /** Serves a descriptor until {@link #remove}; returns its key. */
    long add(FileDescriptor fd, Source source) throws IOException {
        long key = keys.incrementAndGet();
        sources.put(key, source);
        try {
            epoll.add(fd, Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLET, key);
        } catch (ErrnoException e) {
            sources.remove(key);
            throw e;
        }
        return key;
    }

    /** Serves it no more; one call that is under way may still end. */
    void remove(long key, FileDescriptor fd) throws IOException {
        sources.remove(key);
        epoll.remove(fd);
    }

    private void run() {
        MemorySegment buffer = Arena.ofAuto().allocate(BUFFER);
        Set<Long> ready = new LinkedHashSet<>();
        while (true) {
            try {
                epoll.await(ready.isEmpty() ? -1 : 0, (key, events) -> ready.add(key));
            } catch (ErrnoException e) {
                throw new UncheckedIOException("the consoles can no longer be read", e);
            }
            for (Iterator<Long> each = ready.iterator(); each.hasNext(); ) {
                Source source = sources.get(each.next());
                if (source == null || !source.serve(buffer)) {
                    each.remove();
                }
            }
        }
    }
}
