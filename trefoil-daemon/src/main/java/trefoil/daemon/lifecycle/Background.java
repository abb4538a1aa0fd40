package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Work that nobody waits for, each on a virtual thread. Closing interrupts all of it and waits until it has ended. */
final class Background implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Background.class.getName());
    private static final int END_SECONDS = 5;

    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("background-", 0).factory());

    /** Work that may be interrupted. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** Starts work; {@code what} names it in the log. Nothing is started any more once this is closed. */
    void start(String what, Work work) {
        try {
            threads.execute(() -> run(what, work));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the daemon ends; not started: {0}", what);
        }
    }

    /** Does work on the calling thread, as if it were one of these, but uninterrupted; nothing any more once this is closed. */
    void here(String what, Work work) {
        if (!threads.isShutdown()) {
            run(what, work);
        }
    }

    private static void run(String what, Work work) {
        try {
            work.run();
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "the daemon ends; given up: {0}", what);
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, what + " failed", e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "some work did not end within {0} s of being interrupted", END_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
