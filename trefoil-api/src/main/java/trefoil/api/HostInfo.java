package trefoil.api;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * Answer of {@code GET /1.0}.
 *
 * @param version version of the daemon
 * @param pid process id of the daemon
 * @param started when it started
 * @param directory its state directory
 * @param kinds kinds of server that this host runs today
 * @param os pretty name of the host's operating system
 * @param kernel release of the running kernel
 * @param architecture Debian's word for it
 */
@Json
public record HostInfo(
        String version,
        long pid,
        long started,
        String directory,
        List<String> kinds,
        String os,
        String kernel,
        String architecture) {}
