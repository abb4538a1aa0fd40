package trefoil.network;

/**
 * A server's place on a network, decided before it starts and kept with it.
 *
 * @param network name of the network
 * @param serverName name that DNS gives it
 * @param hostInterface name of the host's end of its cable, veth or tap, at most 15 characters
 * @param mac the server's hardware address, such as {@code 02:54:66:00:00:01}
 * @param ipv4 its address without prefix; {@code null} where the network has no IPv4
 * @param ipv6 its address without prefix; {@code null} where the network has no IPv6
 */
public record Attachment(
        String network, String serverName, String hostInterface, String mac, String ipv4, String ipv6) {}
