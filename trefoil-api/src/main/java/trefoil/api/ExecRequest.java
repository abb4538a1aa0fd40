package trefoil.api;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Map;

/**
 * What to run in a server, in the header {@code X-Trefoil-Exec} of the request for the WebSocket
 * {@code GET /1.0/servers/{name}/exec}, with characters beyond ASCII escaped, or, where that exceeds 24 KiB, as body of
 * {@code POST /1.0/servers/{name}/exec}, whose answer is an operation with {@code websocket} in its metadata, the path of the WebSocket.
 * That carries the streams (see {@link StreamFrame}); the operation's metadata has, at its end, {@code exitStatus}.
 *
 * @param command program and arguments
 * @param environment variables beside the server's own
 * @param user user name or numeric id inside; {@code root} where not set
 * @param directory working directory; the user's home where not set
 * @param terminal allocate a terminal
 * @param columns width of the terminal; 80 where not set
 * @param rows height of the terminal; 24 where not set
 * @param interactive whether standard input follows; otherwise it is empty
 */
@Json
public record ExecRequest(
        List<String> command,
        Map<String, String> environment,
        String user,
        String directory,
        Boolean terminal,
        Integer columns,
        Integer rows,
        Boolean interactive) {
    /** The header. */
    public static final String HEADER = "X-Trefoil-Exec";
    /** Most characters of the header: a server takes 32 KiB of all headers together. */
    public static final int LONGEST_HEADER = 24 << 10;
}
