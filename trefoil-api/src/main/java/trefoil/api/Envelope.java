package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * What every JSON answer is wrapped in.
 *
 * @param type {@code sync}: {@code metadata} is the answer; {@code async}: {@code operation} is the path of the
 *     {@link Operation} that does the work and {@code metadata} that operation; {@code error}: see {@code error}
 * @param status HTTP status
 * @param operation path of the operation; {@code null} unless async
 * @param metadata JSON of the answer; held with every character beyond ASCII escaped (RFC 8259, section 7), because the JSON
 *     library writes only the low eight bits of each character of a raw member
 * @param error what went wrong; {@code null} unless it did
 */
@Json
public record Envelope(String type, int status, String operation, @Json.Raw String metadata, ApiError error) {
    /** Escapes what is not ASCII. */
    public Envelope {
        metadata = metadata == null ? null : JsonText.ascii(metadata);
    }
}
