package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * A port of the host that leads to a port of a server.
 *
 * @param protocol {@code tcp} or {@code udp}
 * @param hostAddress address of the host to listen on; all where {@code null}
 * @param hostPort 1–65535
 * @param serverPort 1–65535
 */
@Json
public record PortForward(String protocol, String hostAddress, int hostPort, int serverPort) {}
