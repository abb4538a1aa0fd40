package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * Body of {@code PUT /1.0/servers/{name}/state}.
 *
 * @param action {@code start}, {@code stop}, {@code restart}, {@code pause} or {@code resume}
 * @param force stop or restart at once, without asking the guest
 * @param timeoutSeconds seconds the guest is given to stop before it fails (or, forced, before it is killed); 30 where not set
 */
@Json
public record StateChange(String action, Boolean force, Integer timeoutSeconds) {}
