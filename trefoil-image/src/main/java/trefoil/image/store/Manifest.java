package trefoil.image.store;

import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What an image is; its fingerprint is taken over this.
 *
 * @param layers keys of its layers, lowest first
 * @param workingDirectory where an OCI image wants its process to start; empty where it does not say
 * @param user whom an OCI image wants it to run as; empty where it does not say
 */
@Json
public record Manifest(
        int version,
        String os,
        String osId,
        String architecture,
        String source,
        List<String> layers,
        List<String> command,
        Map<String, String> environment,
        String workingDirectory,
        String user) {
    /** SHA-256 over the manifest's JSON, 64 hexadecimal digits. */
    public String fingerprint(Jsonb jsonb) {
        return Digest.sha256(jsonb.type(Manifest.class).toJson(this).getBytes(StandardCharsets.UTF_8)).hex();
    }
}
