package trefoil.daemon.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.eclipse.jetty.websocket.api.Session;
import trefoil.api.ApiError;
import trefoil.api.Envelope;
import trefoil.api.JsonTypes;
import trefoil.api.Operation;
import trefoil.daemon.operation.OperationRun;

/** What an endpoint answers. */
public sealed interface Reply {
    /** JSON in the envelope. */
    record Enveloped(Envelope envelope, Map<String, String> headers) implements Reply {}

    /** JSON in the envelope, the connection's last answer; {@code then} runs when the kernel has all of it. */
    record Farewell(Enveloped last, Runnable then) implements Reply {}

    /** Octets, written as they come. */
    record Octets(String contentType, Map<String, String> headers, Writer writer) implements Reply {}

    /** Becomes a WebSocket, whose listener is made when the request is known to ask for one, before it is told so. */
    record Socket(Supplier<Opening> opening) implements Reply {}

    /**
     * What a WebSocket begins with.
     *
     * @param headers of the answer that switches to it
     */
    record Opening(Session.Listener listener, Map<String, String> headers) {}

    /** Writes octets. */
    @FunctionalInterface
    interface Writer {
        void to(OutputStream out) throws IOException, InterruptedException;
    }

    /** A record of the API. */
    static <T> Enveloped json(Class<T> type, T value) {
        return sync(JsonTypes.of(type).toJson(value), Map.of());
    }

    /** A record of the API that changes, and the tag of its state. */
    static <T> Enveloped json(Class<T> type, T value, String etag) {
        return sync(JsonTypes.of(type).toJson(value), Map.of("ETag", '"' + etag + '"'));
    }

    /** A list of records of the API. */
    static <T> Enveloped list(Class<T> type, List<T> values) {
        return sync(JsonTypes.of(type).list().toJson(values), Map.of());
    }

    /** Becomes a WebSocket, and has no header of its own. */
    static Socket socket(Supplier<Session.Listener> listener) {
        return new Socket(() -> new Opening(listener.get(), Map.of()));
    }

    /** Done, and nothing to say. */
    static Enveloped done() {
        return sync("null", Map.of());
    }

    /** JSON as it is. */
    static Enveloped sync(String metadata, Map<String, String> headers) {
        return new Enveloped(new Envelope("sync", 200, null, metadata, null), headers);
    }

    /** The work goes on in the background. */
    static Enveloped async(OperationRun run) {
        return new Enveloped(
                new Envelope("async", 202, run.path(), JsonTypes.of(Operation.class).toJson(run.view()), null),
                Map.of("Location", run.path()));
    }

    /** It failed. */
    static Enveloped error(ApiError error) {
        return new Enveloped(new Envelope("error", error.status(), null, null, error), Map.of());
    }
}
