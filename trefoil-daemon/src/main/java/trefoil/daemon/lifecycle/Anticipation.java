package trefoil.daemon.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.container.Container;

/**
 * Has a process wait in each server that a command has just been run in, for the next: a health check, or a tool that
 * configures a server, runs one after the other. Within twice {@link #AGE} of the last there is none. Thread-safe.
 */
public final class Anticipation implements AutoCloseable {
    private static final Duration AGE = Duration.ofSeconds(10);
    private static final int MOST = 16;

    private final Delay delay;
    private final boolean on;

    /** Guards what follows; held only while it is looked at. */
    private final ReentrantLock lock = new ReentrantLock();

    /** How many commands have been run in a server since it has one that waits; the longest unused first. */
    private final Map<Container, Long> used = new LinkedHashMap<>(MOST, 0.75f, true);

    private boolean closed;

    /** @param on whether anything is begun ahead of need */
    Anticipation(Delay delay, boolean on) {
        this.delay = delay;
        this.on = on;
    }

    /** A command has been run in a server. */
    public void used(Container container) {
        if (!on) {
            return;
        }
        Container left = null;
        boolean first;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            first = used.merge(container, 1L, Long::sum) == 1;
            if (used.size() > MOST) {
                left = used.keySet().iterator().next();
                used.remove(left);
            }
        } finally {
            lock.unlock();
        }
        if (left != null) {
            left.relax();
        }
        container.anticipate();
        if (first) {
            delay.after(AGE, () -> look(container, 1));
        }
    }

    /** Ends what waits in a server where no command has been run since {@code before} had been. */
    private void look(Container container, long before) {
        Long now;
        boolean unused;
        lock.lock();
        try {
            now = used.get(container);
            unused = now != null && now == before && used.remove(container, now);
        } finally {
            lock.unlock();
        }
        if (unused) {
            container.relax();
        } else if (now != null) {
            delay.after(AGE, () -> look(container, now));
        }
    }

    /** Ends all that waits, and begins nothing more. */
    @Override
    public void close() {
        List<Container> all;
        lock.lock();
        try {
            closed = true;
            all = new ArrayList<>(used.keySet());
            used.clear();
        } finally {
            lock.unlock();
        }
        all.forEach(Container::relax);
    }
}
