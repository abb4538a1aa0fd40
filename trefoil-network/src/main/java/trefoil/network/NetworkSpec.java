package trefoil.network;

/**
 * What a network is to be.
 *
 * @param name 1–15 characters of {@code a-z 0-9 -}
 * @param bridge name of the host's bridge, at most 15 characters
 * @param ipv4 gateway address with prefix length, such as {@code 10.77.0.1/24}; {@code null} for no IPv4
 * @param ipv6 gateway address with prefix length, a unique local address (RFC 4193); {@code null} for no IPv6
 * @param nat masquerade what leaves the host
 * @param domain DNS domain
 */
public record NetworkSpec(String name, String bridge, String ipv4, String ipv6, boolean nat, String domain) {}
