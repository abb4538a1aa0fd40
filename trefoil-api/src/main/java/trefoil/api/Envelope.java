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
        metadata = ascii(metadata);
    }

    /** Characters beyond ASCII stand in JSON's strings only, so that each can be replaced by its escape where it stands. */
    private static String ascii(String json) {
        if (json == null) {
            return null;
        }
        int first = 0;
        while (first < json.length() && json.charAt(first) < 0x80) {
            first++;
        }
        return first == json.length() ? json : escaped(json, first);
    }

    private static String escaped(String json, int first) {
        StringBuilder out = new StringBuilder(json.length() + 64).append(json, 0, first);
        for (int i = first; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c < 0x80) {
                out.append(c);
            } else {
                out.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    out.append(Character.forDigit(c >> shift & 15, 16));
                }
            }
        }
        return out.toString();
    }
}
