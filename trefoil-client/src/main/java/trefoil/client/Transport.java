package trefoil.client;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.Envelope;
import trefoil.api.JsonTypes;
import trefoil.api.JsonValue;

/**
 * Sends requests to one socket over kept connections and unwraps {@link Envelope}s. Thread-safe: each exchange has a
 * connection to itself.
 */
final class Transport implements Closeable {
    private static final int MAX_IDLE = 4;

    /** A request that must not be sent twice goes over a kept connection only while that is this fresh, in nanoseconds. */
    private static final long FRESH = 5_000_000_000L;

    private final Path socket;
    private final Trace trace;
    private final Watchman watchman = new Watchman();

    /** Guarded by itself. */
    private final Deque<HttpConnection> idle = new ArrayDeque<>();

    private boolean closed;
    private int upgrades;

    Transport(Path socket, Trace trace) {
        this.socket = socket;
        this.trace = trace;
    }

    /** Sends a request and returns the answer, its body unread; an error status is thrown. */
    HttpAnswer open(HttpRequest request, Duration timeout) throws IOException {
        HttpAnswer answer = exchange(request, timeout).answer;
        trace.answered(request.method(), request.target(), answer.status());
        if (answer.status() >= 400) {
            throw refusal(request, answer);
        }
        return answer;
    }

    /** Sends a request whose answer is an {@link Envelope}; returns its metadata, {@code null} where there is none. */
    JsonValue metadata(HttpRequest request, Duration timeout) throws IOException {
        return metadata(request, open(request, timeout));
    }

    /** Reads an answer that is an {@link Envelope}; returns its metadata, {@code null} where there is none. */
    JsonValue metadata(HttpRequest request, HttpAnswer answer) throws IOException {
        byte[] body = answer.octets();
        try {
            JsonValue envelope = JsonValue.of(body);
            if (envelope.isObject()) {
                return envelope.member("metadata");
            }
        } catch (IllegalArgumentException e) {
            throw notOfTheApi(request, e);
        }
        throw notOfTheApi(request, null);
    }

    private static ProtocolException notOfTheApi(HttpRequest request, Exception cause) {
        return new ProtocolException(
                "the answer to " + request.method() + " " + request.target() + " is not JSON of the Trefoil API", cause);
    }

    /** Has a kept connection, made now where there is none. */
    void ensureConnected() throws DaemonUnreachableException {
        synchronized (idle) {
            if (!idle.isEmpty()) {
                return;
            }
        }
        HttpConnection connection = HttpConnection.open(socket, watchman);
        connection.finish(() -> give(connection));
    }

    /**
     * Sends a request to become a WebSocket; a refusal is thrown.
     *
     * @return the connection, which is the caller's, and its answer, whose status is 101
     */
    Exchanged upgrade(HttpRequest request, Duration timeout) throws IOException {
        synchronized (idle) {
            upgrades++;
        }
        Exchanged switched = exchange(request, timeout);
        if (switched.answer.status() != 101) {
            throw refusal(request, switched.answer);
        }
        return switched;
    }

    /**
     * Told when a WebSocket is closed, which leaves no connection behind. A client that opened several is likely to open another:
     * that finds a connection which the daemon has taken up already.
     */
    void upgradeEnded() {
        synchronized (idle) {
            if (closed || upgrades < 2) {
                return;
            }
        }
        try {
            ensureConnected();
        } catch (DaemonUnreachableException e) {
            // Whoever asks next is told.
            return;
        }
    }

    /** A connection with the answer that came over it. */
    record Exchanged(HttpConnection connection, HttpAnswer answer) {}

    /** What an error answer says. */
    ApiException refusal(HttpRequest request, HttpAnswer answer) throws IOException {
        String text = answer.text();
        try {
            ApiError error = JsonTypes.lenient(Envelope.class).fromJson(text).error();
            if (error != null && error.message() != null) {
                return new ApiException(error);
            }
        } catch (RuntimeException e) {
            // Not of the API, such as a page of the HTTP server itself: told below by its status.
            trace.answered(request.method(), request.target(), answer.status());
        }
        String message = "the daemon answered " + request.method() + " " + request.target() + " with HTTP status " + answer.status();
        return new ApiException(new ApiError("http-" + answer.status(), answer.status(), message, null, null));
    }

    private Exchanged exchange(HttpRequest request, Duration timeout) throws IOException {
        HttpConnection kept = take(request.repeatable());
        if (kept != null) {
            try {
                return exchange(kept, request, timeout);
            } catch (AnswerTimeoutException e) {
                throw e;
            } catch (IOException e) {
                // The daemon may have closed a kept connection at the same moment (RFC 9112, section 9.3.1).
                if (kept.answerBegun() || !request.repeatable()) {
                    throw e;
                }
            }
        }
        return exchange(HttpConnection.open(socket, watchman), request, timeout);
    }

    private Exchanged exchange(HttpConnection connection, HttpRequest request, Duration timeout) throws IOException {
        boolean begun = false;
        try {
            HttpAnswer answer = connection.exchange(request, timeout, () -> give(connection));
            begun = true;
            return new Exchanged(connection, answer);
        } finally {
            if (!begun) {
                connection.close();
            }
        }
    }

    private HttpConnection take(boolean repeatable) {
        synchronized (idle) {
            HttpConnection kept = idle.peekLast();
            if (kept == null || !repeatable && kept.idleNanos() > FRESH) {
                return null;
            }
            return idle.pollLast();
        }
    }

    private void give(HttpConnection connection) {
        synchronized (idle) {
            if (!closed && idle.size() < MAX_IDLE) {
                idle.addLast(connection);
                return;
            }
        }
        connection.close();
    }

    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            idle.forEach(HttpConnection::close);
            idle.clear();
        }
    }
}
