package trefoil.daemon.operation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.Operation;
import trefoil.api.Progress;

/**
 * An operation from its begin to some minutes after its end. Thread-safe. Each change that is worth telling raises
 * {@link #version}; progress within one phase is told at most every 100 ms.
 */
public final class OperationRun {
    private static final long QUIET_NANOS = 100_000_000;

    private final String id;
    private final String description;
    private final List<String> resources;
    private final long created = System.currentTimeMillis();
    private final Consumer<OperationRun> changed;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private Progress progress;
    private long told;
    private long version = 1;
    private String status = "running";
    private ApiError error;
    private Long ended;
    private Thread cancellable;
    private boolean cancelled;

    OperationRun(String id, String description, List<String> resources, Consumer<OperationRun> changed) {
        this.id = id;
        this.description = description;
        this.resources = List.copyOf(resources);
        this.changed = changed;
    }

    /** Its UUID. */
    public String id() {
        return id;
    }

    /** What it does, for people. */
    public String description() {
        return description;
    }

    /** Its path. */
    public String path() {
        return trefoil.api.Routes.ROOT + "/operations/" + id;
    }

    /** Where it stands now. */
    public Operation view() {
        lock.lock();
        try {
            return new Operation(
                    id, description, status, resources, progress, Map.copyOf(metadata), error, created, ended);
        } finally {
            lock.unlock();
        }
    }

    /** Grows with each change. */
    public long version() {
        lock.lock();
        try {
            return version;
        } finally {
            lock.unlock();
        }
    }

    /** Tells where it stands. A new phase is told at once. */
    public void progress(String phase, long done, long total, String unit) {
        lock.lock();
        try {
            boolean samePhase = progress != null && progress.phase().equals(phase);
            progress = new Progress(phase, done, total, unit == null ? "" : unit);
            long now = System.nanoTime();
            if (samePhase && now - told < QUIET_NANOS && done != total) {
                return;
            }
            told = now;
            version++;
            news.signalAll();
        } finally {
            lock.unlock();
        }
        changed.accept(this);
    }

    /** Enters a phase of unknown length. */
    public void phase(String phase) {
        progress(phase, 0, 0, "");
    }

    /** Sets one of its results. */
    public void result(String name, String value) {
        lock.lock();
        try {
            metadata.put(name, value);
            version++;
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on, until {@link #notCancellable}, a cancellation interrupts the calling thread. */
    public void cancellable() {
        lock.lock();
        try {
            cancellable = Thread.currentThread();
        } finally {
            lock.unlock();
        }
    }

    /** From now on it can no longer be cancelled. Throws when it already was. */
    public void notCancellable() {
        lock.lock();
        try {
            cancellable = null;
            if (cancelled) {
                Thread.interrupted();
                throw cancelledByClient();
            }
        } finally {
            lock.unlock();
        }
    }

    static ApiException cancelledByClient() {
        return new ApiException(ErrorCode.CANCELLED, "it was cancelled", null);
    }

    /** Asks it to stop; says in words when it cannot. */
    void cancel() {
        lock.lock();
        try {
            if (ended != null) {
                throw new ApiException(ErrorCode.CONFLICT, "the operation has already ended", null);
            }
            if (cancellable == null) {
                throw new ApiException(
                        ErrorCode.CONFLICT, "the operation '" + description + "' cannot be cancelled now",
                        "wait for it: trefoil query " + path() + "/wait");
            }
            cancelled = true;
            cancellable.interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** The daemon is ending: it is cancelled where it can be. */
    void cancelIfPossible() {
        lock.lock();
        try {
            if (ended == null && cancellable != null) {
                cancelled = true;
                cancellable.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean wasCancelled() {
        lock.lock();
        try {
            return cancelled;
        } finally {
            lock.unlock();
        }
    }

    void end(ApiError failure) {
        lock.lock();
        try {
            cancellable = null;
            status = failure == null ? "success" : "failure";
            error = failure;
            ended = System.currentTimeMillis();
            version++;
            news.signalAll();
        } finally {
            lock.unlock();
        }
        changed.accept(this);
    }

    boolean endedBefore(long instant) {
        lock.lock();
        try {
            return ended != null && ended < instant;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until it has ended, or has changed since {@code seen} (ignored when negative), or the time is over.
     *
     * @return where it stands then
     */
    public Operation await(long millis, long seen) throws InterruptedException {
        long left = TimeUnit.MILLISECONDS.toNanos(millis);
        lock.lockInterruptibly();
        try {
            while (ended == null && (seen < 0 || version == seen) && left > 0) {
                left = news.awaitNanos(left);
            }
            return view();
        } finally {
            lock.unlock();
        }
    }
}
