package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * Where long work stands.
 *
 * @param phase the visible phase, such as {@code unpacking} or {@code waiting for an address}
 * @param done units done
 * @param total units in all; 0 when unknown
 * @param unit {@code bytes}, {@code packages}, or empty
 */
@Json
public record Progress(String phase, long done, long total, String unit) {}
