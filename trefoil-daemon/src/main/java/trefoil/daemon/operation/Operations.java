package trefoil.daemon.operation;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.Operation;
import trefoil.daemon.event.Events;

/** All operations that run or ended within the last five minutes. Thread-safe. */
public final class Operations {
    private static final long KEPT_MILLIS = 5 * 60 * 1000;

    private final ConcurrentHashMap<String, OperationRun> runs = new ConcurrentHashMap<>();
    private final Events events;
    private final Failures failures;

    /** @param failures turns what a task throws into what the client is told */
    public Operations(Events events, Failures failures) {
        this.events = events;
        this.failures = failures;
    }

    /** Starts work on a virtual thread of its own. */
    public OperationRun start(String description, List<String> resources, Task task) {
        forgetOld();
        OperationRun run = new OperationRun(UUID.randomUUID().toString(), description, resources, this::tell);
        runs.put(run.id(), run);
        tell(run);
        Thread.ofVirtual().name("operation " + description).start(() -> work(run, task));
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
        Operation now = run.view();
        String phase = now.progress() == null ? "" : now.progress().phase();
        String action = now.done() ? "operation-" + now.status() : phase.isEmpty() ? "operation-started" : "operation-progress";
        events.publish("operation", run.path(), action, Map.of("description", now.description(), "phase", phase));
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

    /** Whether any runs. */
    public boolean idle() {
        return runs.values().stream().allMatch(run -> run.view().done());
    }
}
