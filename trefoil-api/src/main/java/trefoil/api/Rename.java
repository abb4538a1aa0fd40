package trefoil.api;

import io.avaje.jsonb.Json;

/** Body of {@code POST /1.0/servers/{name}/rename}. */
@Json
public record Rename(String name) {}
