package trefoil.container;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * How much directory trees occupy, without walking them at each question: a figure is taken on a thread of its own, is
 * good for 30 seconds or, where the walk takes long, for 20 times as long as it took (so that walking never takes more than a
 * twentieth of a processor), and the old one is told while a new one is taken. Thread-safe.
 */
final class DiskUsage {
    private static final Duration GOOD_FOR = Duration.ofSeconds(30);
    private static final int TIMES = 20;
    private static final Duration FIRST_WAIT = Duration.ofMillis(200);

    private final Map<Path, Figure> figures = new ConcurrentHashMap<>();

    /** Bytes; −1 while the first walk lasts longer than anybody wants to wait, or when it failed. */
    long bytes(Path tree) {
        return figures.computeIfAbsent(tree, Figure::new).bytes();
    }

    /** Forgets a tree that is gone. */
    void forget(Path tree) {
        figures.remove(tree);
    }

    private static final class Figure {
        private final Path tree;
        private final CountDownLatch first = new CountDownLatch(1);
        private boolean walking;
        private long bytes = -1;
        private long goodUntil = System.nanoTime();

        Figure(Path tree) {
            this.tree = tree;
        }

        long bytes() {
            synchronized (this) {
                if (!walking && System.nanoTime() - goodUntil >= 0) {
                    walking = true;
                    Thread.ofPlatform().daemon().name("disk usage of " + tree).start(this::walk);
                }
            }
            try {
                first.await(FIRST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            synchronized (this) {
                return bytes;
            }
        }

        private void walk() {
            long begin = System.nanoTime();
            long found = -1;
            try {
                found = FileTree.occupied(tree);
            } catch (IOException e) {
                System.getLogger(DiskUsage.class.getName())
                        .log(System.Logger.Level.WARNING, "cannot measure " + tree, e);
            } finally {
                took(System.nanoTime() - begin, found);
            }
        }

        private synchronized void took(long nanos, long found) {
            bytes = found;
            walking = false;
            goodUntil = System.nanoTime() + Math.max(GOOD_FOR.toNanos(), TIMES * nanos);
            first.countDown();
        }
    }
}
