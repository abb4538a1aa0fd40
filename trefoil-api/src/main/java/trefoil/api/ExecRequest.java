package trefoil.api;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Map;

/**
 * Body of {@code POST /1.0/servers/{name}/exec}. The answer is an operation whose metadata holds {@code websocket},
 * the path of the WebSocket that carries the streams (see {@link StreamFrame}), and, at its end, {@code exitStatus}.
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
        Boolean interactive) {}
