package trefoil.daemon.resource;

import java.io.IOException;
import java.lang.System.Logger.Level;
import org.eclipse.jetty.websocket.api.exceptions.WebSocketException;

/** What ends a WebSocket from the other side: a client may leave at any moment, and is no trouble of the daemon's. */
final class Departure {
    private static final System.Logger LOG = System.getLogger(Departure.class.getName());

    private Departure() {}

    /** Notes why a socket ended; only what cannot come from the client is an error. */
    static void note(String socket, Throwable cause) {
        boolean client = cause instanceof IOException || cause instanceof WebSocketException;
        LOG.log(client ? Level.DEBUG : Level.ERROR, "a client's connection to " + socket + " ended", cause);
    }
}
