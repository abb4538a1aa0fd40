package trefoil.api;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Map;

/**
 * Long work that the daemon does in the background: {@code GET /1.0/operations/{id}}.
 *
 * @param id UUID
 * @param description what it does, for people
 * @param status {@code running}, {@code success} or {@code failure}
 * @param resources paths of the resources it is about
 * @param progress where it stands; {@code null} when nothing is known
 * @param metadata results by name, such as {@code exitStatus} of an exec; never {@code null}
 * @param error why it failed; {@code null} unless it did
 * @param created when it began
 * @param ended when it ended; {@code null} while running
 */
@Json
public record Operation(
        String id,
        String description,
        String status,
        List<String> resources,
        Progress progress,
        Map<String, String> metadata,
        ApiError error,
        long created,
        Long ended) {

    /** Whether it is over, well or badly. */
    public boolean done() {
        return !"running".equals(status);
    }
}
