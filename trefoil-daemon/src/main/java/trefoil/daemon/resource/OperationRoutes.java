package trefoil.daemon.resource;

import java.util.List;
import java.util.Map;
import trefoil.api.JsonTypes;
import trefoil.api.Operation;
import trefoil.daemon.http.Call;
import trefoil.daemon.http.Reply;
import trefoil.daemon.http.Route;
import trefoil.daemon.operation.OperationRun;
import trefoil.daemon.operation.Operations;

/** {@code /1.0/operations}. */
public final class OperationRoutes {
    private static final long LONGEST_WAIT_SECONDS = 3600;

    private final Operations operations;

    /** Over these operations. */
    public OperationRoutes(Operations operations) {
        this.operations = operations;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/1.0/operations", "lists operations, running and recently ended", call -> Reply.list(Operation.class, operations.list())),
                new Route("GET", "/1.0/operations/{id}", "describes an operation", call -> reply(operations.find(call.path("id")))),
                new Route("GET", "/1.0/operations/{id}/wait", "waits for an operation's end", this::await),
                new Route("DELETE", "/1.0/operations/{id}", "cancels an operation where it can be", this::cancel));
    }

    private Reply await(Call call) throws InterruptedException {
        OperationRun run = operations.find(call.path("id"));
        long seconds = call.number("timeout", LONGEST_WAIT_SECONDS, 0, LONGEST_WAIT_SECONDS);
        run.await(seconds * 1000, call.number("seen", -1, 0, Long.MAX_VALUE));
        return reply(run);
    }

    private Reply cancel(Call call) {
        operations.cancel(call.path("id"));
        return Reply.done();
    }

    private static Reply reply(OperationRun run) {
        // The tag first: should the operation change in between, the tag is old and the next wait returns at once.
        long version = run.version();
        String json = JsonTypes.of(Operation.class).toJson(run.view());
        return Reply.sync(json, Map.of("ETag", "\"" + version + '"'));
    }
}
