package trefoil.client;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import trefoil.api.Event;
import trefoil.api.JsonTypes;

/** The daemon's events as they happen. For one thread; {@link #close} may come from any. */
public final class EventStream implements Closeable {
    private final WebSocket socket;

    EventStream(WebSocket socket) {
        this.socket = socket;
    }

    /**
     * Waits for the next event; {@code null} when the daemon ended the stream in good order.
     *
     * @throws ProtocolException when it ended otherwise, such as for reading too slowly; the message holds the daemon's words
     */
    public Event next() throws IOException {
        return switch (socket.receive()) {
            case WebSocket.Text(String text) -> parse(text);
            case WebSocket.Binary(ByteBuffer data) -> parse(StandardCharsets.UTF_8.decode(data).toString());
            case WebSocket.Closed(int code, String reason) -> ended(code, reason);
        };
    }

    private static Event parse(String json) throws ProtocolException {
        try {
            return JsonTypes.lenient(Event.class).fromJson(json);
        } catch (RuntimeException e) {
            throw new ProtocolException("an event is not JSON of the Trefoil API", e);
        }
    }

    private static Event ended(int code, String reason) throws ProtocolException {
        if (code == WebSocket.NORMAL || code == 1001) {
            return null;
        }
        String words = reason.isEmpty() ? "" : ": " + reason;
        throw new ProtocolException(
                code == WebSocket.ABNORMAL
                        ? "the daemon went away"
                        : "the daemon ended the stream of events with code " + code + words);
    }

    @Override
    public void close() {
        socket.close();
    }
}
