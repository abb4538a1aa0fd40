package trefoil.daemon.database;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import trefoil.network.Attachment;

/** A server's {@link Attachment}, as it is kept. */
@Json
public record Place(String network, String serverName, String hostInterface, String mac, String ipv4, String ipv6) {
    /** The same, as kept. */
    public static Place of(Attachment a) {
        return new Place(a.network(), a.serverName(), a.hostInterface(), a.mac(), a.ipv4(), a.ipv6());
    }

    /** The same, as the networks want it. */
    public Attachment attachment() {
        return new Attachment(network, serverName, hostInterface, mac, ipv4, ipv6);
    }

    /** Its addresses, those it has. */
    public List<String> addresses() {
        return Stream.of(ipv4, ipv6).filter(Objects::nonNull).toList();
    }
}
