package trefoil.api;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Map;

/**
 * What a server is to be: the body of {@code POST /1.0/servers}, and kept with the server. Only {@code name} and
 * {@code image} are required.
 *
 * <p>As the body of {@code PATCH /1.0/servers/{name}} it holds what changes: {@code null} leaves a component as it is;
 * {@code ports}, {@code command} and {@code environment} replace the whole list or map, so that an empty one clears it; an empty
 * {@code description} clears that; see {@link Limits} for its own.
 *
 * @param name 1–63 characters of {@code a-z 0-9 -}, beginning with a letter, not ending with {@code -}: a DNS label (RFC 1123)
 * @param image alias ({@code debian:12}) or fingerprint of an image
 * @param kind {@code auto} where not set
 * @param limits guarantees and caps
 * @param network name of the network it is attached to; {@code default} where not set, {@code none} for no network
 * @param ports forwarded ports
 * @param command what runs as process 1; the image's own init where not set
 * @param environment variables of process 1
 * @param autostart started with the daemon
 * @param restart what happens when its process 1 ends by itself; {@code on-failure} where not set
 * @param nesting grants what containers inside need (mounts of proc and overlay in user namespaces); named and off by default
 * @param ephemeral deleted when it stops
 * @param description free text
 */
@Json
public record ServerConfig(
        String name,
        String image,
        ServerKind kind,
        Limits limits,
        String network,
        List<PortForward> ports,
        List<String> command,
        Map<String, String> environment,
        Boolean autostart,
        RestartPolicy restart,
        Boolean nesting,
        Boolean ephemeral,
        String description) {}
