package trefoil.linux.netlink;

import java.net.InetAddress;

/**
 * An address of an interface.
 *
 * @param index the interface's number
 * @param address IPv4 or IPv6
 * @param prefix length of the network part in bits
 * @param scope {@link #GLOBAL}, {@link #LINK} or another of {@code ip-address(8)}
 */
public record InterfaceAddress(int index, InetAddress address, int prefix, int scope) {
    /** Valid everywhere. */
    public static final int GLOBAL = 0;
    /** Valid on its link only. */
    public static final int LINK = 253;
}
