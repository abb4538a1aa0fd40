package trefoil.container;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Work that another thread does meanwhile. Closing waits for its end, however it ends: used by one thread. */
final class Alongside implements AutoCloseable {
    private final Future<?> work;

    private Alongside(Future<?> work) {
        this.work = work;
    }

    static Alongside begin(ExecutorService threads, ContainerEngine.Meanwhile work) {
        return new Alongside(threads.submit(() -> {
            work.work();
            return null;
        }));
    }

    /** Waits for it, and fails with it. */
    void join() throws IOException {
        try {
            work.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                default -> throw new IOException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while something was done alongside");
        }
    }

    @Override
    public void close() {
        boolean interrupted = false;
        while (!work.isDone()) {
            try {
                work.get();
            } catch (ExecutionException e) {
                break; // join told, or something else failed first
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
