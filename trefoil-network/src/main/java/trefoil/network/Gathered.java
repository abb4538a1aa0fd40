package trefoil.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.linux.ErrnoException;

/**
 * Removals that cost the kernel as much for many things as for one: it waits for a grace period after each request.
 * Whoever comes while one request runs is gathered into the next, which one of those who wait makes for all. So a thing
 * that comes alone waits for nobody. Thread-safe.
 *
 * @param <T> what is removed; equal ones are one
 */
final class Gathered<T> {
    /** One request for several things. */
    @FunctionalInterface
    interface Removal<T> {
        /**
         * Removes all of them, as far as it can; never called by two threads at a time.
         *
         * @return why some were not removed
         */
        Map<T, ErrnoException> remove(List<T> all);
    }

    private final int most;
    private final Removal<T> removal;

    /** Guards what follows; not held while the kernel is waited for. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition done = lock.newCondition();
    private final Map<T, Outcome> waiting = new LinkedHashMap<>();
    private boolean running;

    private static final class Outcome {
        private boolean over;
        private ErrnoException failure;
    }

    /** @param most things in one request */
    Gathered(int most, Removal<T> removal) {
        this.most = most;
        this.removal = removal;
    }

    /** Returns when it is removed. */
    void remove(T one) throws ErrnoException {
        lock.lock();
        try {
            Outcome mine = waiting.computeIfAbsent(one, none -> new Outcome());
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

    /** Makes the next request for all that wait. The caller holds the lock. */
    private void runNext() {
        Map<T, Outcome> now = new LinkedHashMap<>();
        for (Map.Entry<T, Outcome> each : waiting.entrySet()) {
            if (now.size() < most) {
                now.put(each.getKey(), each.getValue());
            }
        }
        waiting.keySet().removeAll(now.keySet());
        running = true;
        lock.unlock();
        Map<T, ErrnoException> failures = Map.of();
        try {
            failures = removal.remove(List.copyOf(now.keySet()));
        } finally {
            lock.lock();
            running = false;
            for (Map.Entry<T, Outcome> each : now.entrySet()) {
                each.getValue().over = true;
                each.getValue().failure = failures.get(each.getKey());
            }
            done.signalAll();
        }
    }
}
