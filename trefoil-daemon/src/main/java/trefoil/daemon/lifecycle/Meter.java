package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Does work for a server on a platform thread, the caller's own where it is one, and charges the server for the CPU time of that thread: the first figure
 * of {@code /proc/thread-self/schedstat}, nanoseconds on the CPU (Linux {@code Documentation/scheduler/sched-stats.rst}).
 * Time that the garbage collector and the compiler spend is nobody's.
 */
final class Meter implements AutoCloseable {
    private static final Path SCHEDSTAT = Path.of("/proc/thread-self/schedstat");

    private static final int MOST_THREADS = 32;

    /** An idle thread is used again before another is made; the semaphore is what bounds them. */
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("server-work-", 0).factory());

    private final Semaphore turns = new Semaphore(MOST_THREADS);

    /** Work that makes something. */
    @FunctionalInterface
    interface Making<T> {
        T make() throws IOException;
    }

    /** Does it and charges {@code account}. */
    <T> T charge(AtomicLong account, Making<T> work) throws IOException {
        turns.acquireUninterruptibly();
        try {
            return Thread.currentThread().isVirtual()
                    ? result(threads.submit(() -> measured(account, work)))
                    : measured(account, work);
        } finally {
            turns.release();
        }
    }

    private static <T> T measured(AtomicLong account, Making<T> work) throws IOException {
        long before = onCpu();
        try {
            return work.make();
        } finally {
            account.addAndGet(onCpu() - before);
        }
    }

    private static <T> T result(Future<T> future) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    // The work is short and must not be left half done: finish it, then pass the interrupt on.
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException runtime -> throw runtime;
                case Error error -> throw error;
                case null, default -> throw new IOException(e.getCause());
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static long onCpu() {
        try {
            String figures = Files.readString(SCHEDSTAT, StandardCharsets.ISO_8859_1);
            return Long.parseLong(figures, 0, figures.indexOf(' '), 10);
        } catch (IOException e) {
            return 0; // a kernel without CONFIG_SCHED_INFO: nothing can be charged
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
