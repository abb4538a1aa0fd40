package trefoil.daemon.database;

import io.avaje.jsonb.Json;
import trefoil.network.NetworkSpec;

/** All that is kept of a network; see {@link NetworkSpec}. */
@Json
public record NetworkRecord(
        String name, String bridge, String ipv4, String ipv6, boolean nat, String domain, String description) {
    /** What is kept of it. */
    public static NetworkRecord of(NetworkSpec spec, String description) {
        return new NetworkRecord(
                spec.name(), spec.bridge(), spec.ipv4(), spec.ipv6(), spec.nat(), spec.domain(), description);
    }

    /** What the networks want to know of it. */
    public NetworkSpec spec() {
        return new NetworkSpec(name, bridge, ipv4, ipv6, nat, domain);
    }
}
