package trefoil.api;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * A network of servers: a bridge of the host with DHCP, DNS and, unless {@code nat} is off, a way out.
 *
 * @param name 1–15 characters of {@code a-z 0-9 -}
 * @param ipv4 gateway address with prefix length, such as {@code 10.77.0.1/24}; chosen by the daemon where {@code null}; {@code none} for none
 * @param ipv6 the same for IPv6
 * @param nat servers reach what the host reaches, behind the host's address; true where not set
 * @param domain DNS domain; {@code trefoil} where not set
 * @param bridge the host's bridge; set by the daemon
 * @param usedBy servers attached to it; set by the daemon
 * @param description free text
 */
@Json
public record Network(
        String name,
        String ipv4,
        String ipv6,
        Boolean nat,
        String domain,
        String bridge,
        List<String> usedBy,
        String description) {}
