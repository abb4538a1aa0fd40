package trefoil.network;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Whether ports of the host can be published: the wish is well formed, no two wishes want the same port, and nothing on
 * the host listens there. Listeners are read from {@code /proc/thread-self/net} ({@code proc_pid_net(5)}), so of the
 * calling thread's network namespace.
 */
final class PublishedPorts {
    private static final Path NET = Path.of("/proc/thread-self/net");
    private static final String TCP_LISTEN = "0A";
    private static final String UDP_UNCONNECTED = "07";

    /** A socket of the host that waits for whoever comes. */
    private record Listener(String protocol, InetAddress address, int port) {}

    private PublishedPorts() {}

    /** The host's address that the forward is bound to; {@code null} for all. */
    static InetAddress hostAddress(Forward forward) {
        if (forward.hostAddress() == null || forward.hostAddress().isEmpty()) {
            return null;
        }
        InetAddress address = Prefix.literal(forward.hostAddress());
        return address.isAnyLocalAddress() ? null : address;
    }

    /** Whether it answers on the host's own 127.0.0.1. */
    static boolean onLocalhost(Forward forward) {
        InetAddress address = hostAddress(forward);
        return address == null || address.isLoopbackAddress();
    }

    /**
     * @param standing forwards in force already, whose ports need no second look at the host's listeners
     * @throws NetworkException for the first that cannot be published
     */
    static void check(List<Forward> forwards, List<Forward> standing) throws NetworkException {
        List<Forward> accepted = new ArrayList<>();
        List<Listener> listeners = null;
        for (Forward forward : forwards) {
            checkForm(forward);
            for (Forward other : accepted) {
                if (sameSide(forward, other)) {
                    throw new NetworkException(
                            forward.protocol() + " port " + forward.hostPort() + " of the host is wanted twice, for "
                                    + other.serverAddress() + " and for " + forward.serverAddress(),
                            "choose another host port for one of them", null);
                }
            }
            accepted.add(forward);
            if (!standing.contains(forward)) {
                listeners = listeners == null ? listeners() : listeners;
                checkFree(forward, listeners);
            }
        }
    }

    private static void checkForm(Forward f) throws NetworkException {
        if (!"tcp".equals(f.protocol()) && !"udp".equals(f.protocol())) {
            throw new NetworkException("protocol '" + f.protocol() + "' cannot be forwarded: it must be tcp or udp", null, null);
        }
        for (int port : new int[] {f.hostPort(), f.serverPort()}) {
            if (port < 1 || port > 65535) {
                throw new NetworkException("port " + port + " cannot be forwarded: ports are 1–65535", null, null);
            }
        }
        try {
            InetAddress server = Prefix.literal(f.serverAddress() == null ? "" : f.serverAddress());
            InetAddress host = hostAddress(f);
            if (host != null) {
                Forward.checkHostAddress(f.hostAddress());
            }
            if (host != null && host.getAddress().length != server.getAddress().length) {
                throw new NetworkException(
                        "host address " + f.hostAddress() + " and server address " + f.serverAddress()
                                + " are of different IP versions", "use the server's other address", null);
            }
        } catch (IllegalArgumentException e) {
            throw new NetworkException("a port cannot be forwarded: " + e.getMessage(), null, e);
        }
    }

    private static boolean sameSide(Forward a, Forward b) {
        return a.protocol().equals(b.protocol()) && a.hostPort() == b.hostPort()
                && Prefix.literal(a.serverAddress()).getAddress().length
                        == Prefix.literal(b.serverAddress()).getAddress().length
                && (hostAddress(a) == null || hostAddress(b) == null || hostAddress(a).equals(hostAddress(b)));
    }

    private static void checkFree(Forward f, List<Listener> listeners) throws NetworkException {
        InetAddress wanted = hostAddress(f);
        boolean ipv4 = Prefix.literal(f.serverAddress()).getAddress().length == 4;
        for (Listener l : listeners) {
            if (l.address.isLoopbackAddress() && l.address.getAddress().length == 16) {
                continue; // [::1] is never forwarded, so it stays the listener's
            }
            boolean any = l.address.isAnyLocalAddress(); // [::] usually takes IPv4 too (ipv6(7), IPV6_V6ONLY)
            boolean sameVersion = (l.address.getAddress().length == 4) == ipv4;
            boolean meets = any ? sameVersion || ipv4 : sameVersion && (wanted == null || wanted.equals(l.address));
            if (l.protocol.equals(f.protocol()) && l.port == f.hostPort() && meets) {
                throw new NetworkException(
                        f.protocol() + " port " + f.hostPort() + " of the host is in use: something listens on "
                                + Prefix.text(l.address),
                        "choose another host port, or find the program: ss -lnp '( sport = :" + f.hostPort() + " )'", null);
            }
        }
    }

    private static List<Listener> listeners() throws NetworkException {
        List<Listener> listeners = new ArrayList<>();
        for (String file : List.of("tcp", "tcp6", "udp", "udp6")) {
            Path path = NET.resolve(file);
            if (!Files.exists(path)) {
                continue; // a kernel without IPv6
            }
            try {
                for (String line : Files.readAllLines(path)) {
                    addListener(listeners, file.substring(0, 3), line.strip().split("\\s+"));
                }
            } catch (IOException e) {
                throw new NetworkException("the host's open ports cannot be read: " + e.getMessage(), null, e);
            }
        }
        return listeners;
    }

    private static void addListener(List<Listener> listeners, String protocol, String[] words) {
        String waiting = protocol.equals("tcp") ? TCP_LISTEN : UDP_UNCONNECTED;
        if (words.length < 4 || !words[0].endsWith(":") || !words[3].equals(waiting)) {
            return;
        }
        String[] local = words[1].split(":");
        byte[] raw = HexFormat.of().parseHex(local[0]); // 32-bit words in the host's order: little-endian here
        byte[] address = new byte[raw.length];
        for (int i = 0; i < raw.length; i++) {
            address[i] = raw[(i & ~3) + 3 - (i & 3)];
        }
        listeners.add(new Listener(protocol, Prefix.of(address), Integer.parseInt(local[1], 16)));
    }
}
