package trefoil.daemon.operation;

import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.Operation;
import trefoil.daemon.event.Events;

/** All operations that run or ended within the last five minutes. Thread-safe. */
public final class Operations {
    private static final long KEPT_MILLIS = 5 * 60 * 1000;
    private static final long SWEEP_MILLIS = 5000;
    private static final int IDLE_SECONDS = 10;

    private final ConcurrentHashMap<String, OperationRun> runs = new ConcurrentHashMap<>();
    private final Events events;
    private final Failures failures;
    /**
     * Platform threads, which are used again: the work is system calls, some of which only a thread of the kernel's can make,
     * and each is charged to its server by that thread's time.
     */
    private final ExecutorService threads = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("operation-", 0).factory());
    private final AtomicLong nextSweep = new AtomicLong();
    private volatile boolean ending;

    /** @param failures turns what a task throws into what the client is told */
    public Operations(Events events, Failures failures) {
        this.events = events;
        this.failures = failures;
    }

    /** Starts work on a thread of its own. */
    public OperationRun start(String description, List<String> resources, Task task) {
        if (ending) {
            throw new ApiException(ErrorCode.CONFLICT, "the daemon is ending", "try again in a moment");
        }
        forgetOldNowAndThen();
        OperationRun run = new OperationRun(UUID.randomUUID().toString(), description, resources, this::tell);
        runs.put(run.id(), run);
        tell(run);
        threads.execute(() -> work(run, task));
        return run;
    }

    private void work(OperationRun run, Task task) {
        try {
            task.work(run);
            run.end(null);
        } catch (IOException | RuntimeException | InterruptedException | Error e) {
            run.end(run.wasCancelled() ? OperationRun.cancelledByClient().error() : error(run, e));
        }
    }

    private ApiError error(OperationRun run, Throwable thrown) {
        return failures.explain(run.description(), thrown);
    }

    private void tell(OperationRun run) {
        if (!events.heard("operation")) {
            return;
        }
        Operation now = run.view();
        String phase = now.progress() == null ? "" : now.progress().phase();
        String action = now.done() ? "operation-" + now.status() : phase.isEmpty() ? "operation-started" : "operation-progress";
        events.publish("operation", run.path(), action, Map.of("description", now.description(), "phase", phase));
    }

    /** All are looked at for it, thousands where commands are executed without pause: so not at every start. */
    private void forgetOldNowAndThen() {
        long now = System.currentTimeMillis();
        long due = nextSweep.get();
        if (now >= due && nextSweep.compareAndSet(due, now + SWEEP_MILLIS)) {
            forgetOld();
        }
    }

    private void forgetOld() {
        long limit = System.currentTimeMillis() - KEPT_MILLIS;
        runs.values().removeIf(run -> run.endedBefore(limit));
    }

    /** Those that run and those that ended lately, oldest first. */
    public List<Operation> list() {
        forgetOld();
        return runs.values().stream()
                .map(OperationRun::view)
                .sorted(Comparator.comparingLong(Operation::created).thenComparing(Operation::id))
                .toList();
    }

    /** The one with this id. */
    public OperationRun find(String id) {
        OperationRun run = runs.get(id);
        if (run == null) {
            throw new ApiException(
                    ErrorCode.NOT_FOUND,
                    "there is no operation " + id + "; operations are forgotten five minutes after their end",
                    "trefoil query /1.0/operations");
        }
        return run;
    }

    /** Cancels it where it can be. */
    public void cancel(String id) {
        find(id).cancel();
    }

    /** Takes no more work, cancels what can be cancelled, and gives the rest some time before it is interrupted. */
    public void end(Duration grace) throws InterruptedException {
        ending = true;
        threads.shutdown();
        runs.values().forEach(OperationRun::cancelIfPossible);
        if (!threads.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
            threads.shutdownNow();
            threads.awaitTermination(1, TimeUnit.SECONDS);
        }
    }
}
