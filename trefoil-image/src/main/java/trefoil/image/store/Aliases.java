package trefoil.image.store;

import io.avaje.jsonb.Json;
import java.util.Map;

/** Names of images: alias to fingerprint. */
@Json
public record Aliases(Map<String, String> aliases) {}
