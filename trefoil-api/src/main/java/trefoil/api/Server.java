package trefoil.api;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * A server: {@code GET /1.0/servers/{name}}.
 *
 * @param name its name
 * @param kind which kind it is; never {@code auto}
 * @param status what it is doing
 * @param usable it has booted far enough to be worked with (see {@code launch --wait}); false unless running
 * @param lacking what it still lacks to be usable, in words; {@code null} unless it is running and not usable
 * @param image alias it was made from
 * @param fingerprint fingerprint of that image
 * @param os pretty name of its operating system
 * @param addresses IPv4 and IPv6 addresses, without prefix length
 * @param pid host's process id of its process 1; {@code null} unless running or paused
 * @param created when it was made
 * @param started when it was last started; {@code null} if never
 * @param usableAfterMillis milliseconds from start to usable; {@code null} until then
 * @param lastExit how it last ended; {@code null} if it never did
 * @param error why its status is {@code error}; {@code null} otherwise
 * @param config its configuration
 * @param pending components of the configuration that were changed and take effect at its next start, such as {@code limits.disk}; empty for none
 */
@Json
public record Server(
        String name,
        ServerKind kind,
        ServerStatus status,
        boolean usable,
        String lacking,
        String image,
        String fingerprint,
        String os,
        List<String> addresses,
        Integer pid,
        long created,
        Long started,
        Long usableAfterMillis,
        ExitRecord lastExit,
        String error,
        ServerConfig config,
        List<String> pending) {}
