package trefoil.client;

import java.io.IOException;

/** What the other side sent is not HTTP, not a WebSocket, or not JSON of the API. */
public final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }

    ProtocolException(String message, Throwable cause) {
        super(message, cause);
    }
}
