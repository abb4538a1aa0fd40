package trefoil.network;

/**
 * A port of the host that leads to a server's.
 *
 * @param protocol {@code tcp} or {@code udp}
 * @param hostAddress address to listen on; {@code null} for all
 * @param hostPort 1–65535
 * @param serverAddress IPv4 or IPv6 address of the server
 * @param serverPort 1–65535
 */
public record Forward(String protocol, String hostAddress, int hostPort, String serverAddress, int serverPort) {}
