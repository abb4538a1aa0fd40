package trefoil.daemon.lifecycle;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Does something later. Tests decide when later is. */
@FunctionalInterface
public interface Delay {
    /** By the clock, on a virtual thread. */
    Delay BY_CLOCK = (pause, work) -> {
        Executor virtual = task -> Thread.ofVirtual().start(task);
        CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, virtual).execute(work);
    };

    /** Runs {@code work} after the pause. */
    void after(Duration pause, Runnable work);
}
