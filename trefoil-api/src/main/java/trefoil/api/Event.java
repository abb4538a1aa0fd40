package trefoil.api;

import io.avaje.jsonb.Json;
import java.util.Map;

/**
 * One message of the WebSocket {@code /1.0/events}. A reader that is too slow is disconnected, never silently skipped.
 *
 * @param sequence grows by one with each event since the daemon started
 * @param at when
 * @param type {@code lifecycle}, {@code operation} or {@code warning}
 * @param resource path of the resource it is about
 * @param action what happened, such as {@code server-started}
 * @param details more, by name
 */
@Json
public record Event(long sequence, long at, String type, String resource, String action, Map<String, String> details) {}
