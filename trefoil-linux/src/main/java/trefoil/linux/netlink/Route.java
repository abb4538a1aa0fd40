package trefoil.linux.netlink;

import java.net.InetAddress;

/**
 * A unicast route.
 *
 * @param destination first address of the destination; all zeros with prefix 0 for the default route
 * @param prefix length of the destination's network part in bits
 * @param table routing table, 254 the main one
 * @param index interface it leaves by; 0 where it has several or none
 * @param gateway next hop; {@code null} when the destination is on the link
 */
public record Route(InetAddress destination, int prefix, int table, int index, InetAddress gateway) {}
