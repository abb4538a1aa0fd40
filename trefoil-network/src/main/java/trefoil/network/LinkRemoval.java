package trefoil.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;

/**
 * Deletes interfaces. Each deletion waits for the kernel's grace periods, tens of milliseconds under a lock that all
 * changes of interfaces take; but one deletion of a whole group (IFLA_GROUP, rtnetlink(7)) waits once. So whoever comes
 * while one runs is gathered into the next. On a socket of its own, so that nobody else waits with it. Thread-safe.
 */
final class LinkRemoval implements AutoCloseable {
    /** "trefoil" in no alphabet; a group that nothing else uses is all that is asked of it. */
    private static final int GROUP = 0x7ef0_11ed;

    private static final int MOST = 200;

    private final RouteSocket socket;

    /** Guards what follows; not held while the kernel is waited for. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition done = lock.newCondition();
    private final Map<String, Removal> waiting = new LinkedHashMap<>();
    private boolean running;

    private static final class Removal {
        private boolean over;
        private ErrnoException failure;
    }

    LinkRemoval(RouteSocket socket) {
        this.socket = socket;
    }

    /** Deletes the interface and returns when it is gone; one that is not there does not matter. */
    void remove(String name) throws ErrnoException {
        lock.lock();
        try {
            Removal mine = waiting.computeIfAbsent(name, none -> new Removal());
            while (!mine.over) {
                if (running) {
                    done.awaitUninterruptibly();
                } else {
                    runNext();
                }
            }
            if (mine.failure != null) {
                throw mine.failure;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Runs the next deletion for all that wait. The caller holds the lock. */
    private void runNext() {
        Map<String, Removal> now = new LinkedHashMap<>();
        for (Map.Entry<String, Removal> each : waiting.entrySet()) {
            if (now.size() < MOST) {
                now.put(each.getKey(), each.getValue());
            }
        }
        waiting.keySet().removeAll(now.keySet());
        running = true;
        lock.unlock();
        Map<String, ErrnoException> failures = new LinkedHashMap<>();
        try {
            failures.putAll(delete(List.copyOf(now.keySet())));
        } finally {
            lock.lock();
            running = false;
            now.forEach((name, removal) -> {
                removal.over = true;
                removal.failure = failures.get(name);
            });
            done.signalAll();
        }
    }

    private Map<String, ErrnoException> delete(List<String> names) {
        if (names.size() > 1 && deleteGroup(names)) {
            return Map.of();
        }
        Map<String, ErrnoException> failures = new LinkedHashMap<>();
        for (String name : names) {
            try {
                socket.run(new RouteBatch().deleteLink(name));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENODEV) {
                    failures.put(name, e);
                }
            }
        }
        return failures;
    }

    /** Whether all went well; when not, each is deleted by itself, which tells what is wrong with which. */
    private boolean deleteGroup(List<String> names) {
        try {
            List<String> there = new ArrayList<>();
            for (String name : names) {
                if (joins(name)) {
                    there.add(name);
                }
            }
            if (!there.isEmpty()) {
                socket.run(new RouteBatch().deleteGroup(GROUP));
            }
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private boolean joins(String name) throws ErrnoException {
        try {
            socket.run(new RouteBatch().group(name, GROUP));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODEV) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
