package trefoil.daemon.operation;

import java.io.IOException;

/** The work of an operation. */
@FunctionalInterface
public interface Task {
    /** Does it, telling {@code run} where it stands and what came of it. */
    void work(OperationRun run) throws IOException, InterruptedException;
}
