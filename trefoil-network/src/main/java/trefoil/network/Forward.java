package trefoil.network;

import java.net.InetAddress;

/**
 * A port of the host that leads to a server's.
 *
 * @param protocol {@code tcp} or {@code udp}
 * @param hostAddress address to listen on; {@code null} for all
 * @param hostPort 1–65535
 * @param serverAddress IPv4 or IPv6 address of the server
 * @param serverPort 1–65535
 */
public record Forward(String protocol, String hostAddress, int hostPort, String serverAddress, int serverPort) {
    /**
     * Refuses what is no address of the host that a port can be published on: a name, an interface's address, and {@code ::1}.
     * A packet for {@code ::1} that does not come from the host itself must be dropped (RFC 4291, section 2.5.3), and Linux
     * has nothing like IPv4's {@code route_localnet} to spare the server's answers, whose address is translated back to it.
     *
     * @throws IllegalArgumentException why not
     */
    public static void checkHostAddress(String address) {
        InetAddress literal = Prefix.literal(address);
        if (literal.isLoopbackAddress() && literal.getAddress().length == 16) {
            throw new IllegalArgumentException(
                    "no port can be published on [::1]: the kernel drops what comes for ::1 from another interface, the server's answers "
                            + "too (RFC 4291, section 2.5.3)");
        }
    }
}
