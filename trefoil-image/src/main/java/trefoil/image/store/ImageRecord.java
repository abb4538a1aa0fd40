package trefoil.image.store;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * An image as the catalogue keeps it.
 *
 * @param size bytes on disk
 * @param created ISO 8601, when it entered the store
 * @param notes what was left out or changed when it was unpacked
 */
@Json
public record ImageRecord(Manifest manifest, long size, String created, List<String> notes) {}
