package trefoil.network;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The host as a router: the {@code net.ipv4.ip_forward} and {@code net.ipv6.conf.all.forwarding} settings of the
 * calling thread's network namespace ({@code Documentation/networking/ip-sysctl.rst}). What was changed is remembered
 * in a file, once, and put back when the last network goes. Not thread-safe: its caller holds the structure lock.
 *
 * <p>A host that forwards IPv6 ignores router advertisements unless {@code accept_ra} is 2; without care it would lose
 * its own default route. Interfaces that listen to advertisements now are therefore told to go on doing so.
 */
final class HostForwarding {
    private static final Path SYSCTL = Path.of("/proc/sys/net");
    private static final Path IPV4 = SYSCTL.resolve("ipv4/ip_forward");
    private static final Path IPV6_CONF = SYSCTL.resolve("ipv6/conf");
    private static final Path IPV6 = IPV6_CONF.resolve("all/forwarding");

    private final Path memory;

    /** @param memory file that keeps the former values, one {@code path=value} a line */
    HostForwarding(Path memory) {
        this.memory = memory;
    }

    /** Whether the kernel speaks IPv6 at all. */
    static boolean ipv6Supported() {
        return Files.isDirectory(IPV6_CONF);
    }

    static boolean ipv4On() throws NetworkException {
        return read(IPV4).equals("1");
    }

    static boolean ipv6On() throws NetworkException {
        return read(IPV6).equals("1");
    }

    void on(boolean ipv4, boolean ipv6) throws NetworkException {
        if (ipv4 && !ipv4On()) {
            set(IPV4, "1");
        }
        if (ipv6 && !ipv6On()) {
            keepListeningToAdvertisements();
            set(IPV6, "1");
        }
    }

    private void keepListeningToAdvertisements() throws NetworkException {
        try (DirectoryStream<Path> interfaces = Files.newDirectoryStream(IPV6_CONF)) {
            for (Path each : interfaces) {
                Path accept = each.resolve("accept_ra");
                boolean group = each.endsWith("all") || each.endsWith("default") || each.endsWith("lo");
                if (!group && read(accept).equals("1") && read(each.resolve("forwarding")).equals("0")) {
                    set(accept, "2");
                }
            }
        } catch (IOException e) {
            throw new NetworkException("the host's IPv6 settings cannot be read: " + e.getMessage(), null, e);
        }
    }

    /** Puts back what {@link #on} changed, as far as nobody has changed it since. */
    void restore() throws NetworkException {
        Map<Path, String[]> changes = remembered();
        for (Map.Entry<Path, String[]> change : changes.entrySet()) {
            Path path = change.getKey();
            if (Files.exists(path) && read(path).equals(change.getValue()[1])) {
                write(path, change.getValue()[0]);
            }
        }
        try {
            Files.deleteIfExists(memory);
        } catch (IOException e) {
            throw new NetworkException("cannot delete " + memory + ": " + e.getMessage(), null, e);
        }
    }

    private void set(Path path, String value) throws NetworkException {
        String former = read(path);
        Map<Path, String[]> changes = remembered();
        changes.putIfAbsent(path, new String[] {former, value});
        StringBuilder text = new StringBuilder();
        changes.forEach((p, v) -> text.append(p).append('=').append(v[0]).append('>').append(v[1]).append('\n'));
        try {
            NetworkRecords.write(memory, text.toString()); // before the change: a crash between the two is harmless
        } catch (IOException e) {
            throw new NetworkException("cannot write " + memory + ": " + e.getMessage(), null, e);
        }
        write(path, value);
    }

    private Map<Path, String[]> remembered() throws NetworkException {
        Map<Path, String[]> changes = new LinkedHashMap<>();
        try {
            for (String line : Files.exists(memory) ? Files.readAllLines(memory) : List.<String>of()) {
                int equals = line.indexOf('=');
                int greater = line.indexOf('>', equals);
                if (equals > 0 && greater > equals && line.startsWith(SYSCTL + "/")) {
                    changes.put(Path.of(line.substring(0, equals)),
                            new String[] {line.substring(equals + 1, greater), line.substring(greater + 1)});
                }
            }
        } catch (IOException e) {
            throw new NetworkException("cannot read " + memory + ": " + e.getMessage(), null, e);
        }
        return changes;
    }

    /** Settings of the bridge itself: IPv6 on even where the host's default is off, and no autoconfiguration of the host by servers. */
    static void prepareBridge(String bridge, boolean ipv6) throws NetworkException {
        Path conf = IPV6_CONF.resolve(bridge);
        if (Files.isDirectory(conf)) {
            write(conf.resolve("accept_ra"), "0");
            write(conf.resolve("autoconf"), "0");
            write(conf.resolve("disable_ipv6"), ipv6 ? "0" : "1");
        }
        Path v4 = SYSCTL.resolve("ipv4/conf").resolve(bridge);
        write(v4.resolve("accept_redirects"), "0");
        write(v4.resolve("send_redirects"), "0");
    }

    /**
     * Whether the host's 127.0.0.1 may be the source of what goes to servers, which publishing a port on localhost
     * needs. The ruleset drops what comes from servers with such a destination.
     */
    static void routeLocalhost(String bridge, boolean on) throws NetworkException {
        Path path = SYSCTL.resolve("ipv4/conf").resolve(bridge).resolve("route_localnet");
        if (Files.exists(path) && !read(path).equals(on ? "1" : "0")) {
            write(path, on ? "1" : "0");
        }
    }

    /** Whether frames between ports of one bridge pass the host's IP firewall too (br_netfilter). */
    static boolean bridgeCallsIptables() {
        Path path = SYSCTL.resolve("bridge/bridge-nf-call-iptables");
        try {
            return Files.exists(path) && read(path).equals("1");
        } catch (NetworkException e) {
            return false; // unreadable in this namespace: nothing that could be reported
        }
    }

    /** In one read(2): the kernel answers a second one, at an offset, with nothing ({@code proc_dointvec()}). */
    private static String read(Path path) throws NetworkException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] value = new byte[64];
            return new String(value, 0, Math.max(0, in.read(value)), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw new NetworkException("the kernel setting " + path + " cannot be read: " + e.getMessage(), null, e);
        }
    }

    private static void write(Path path, String value) throws NetworkException {
        try {
            Files.writeString(path, value);
        } catch (IOException e) {
            throw new NetworkException(
                    "the kernel setting " + path + " cannot be set to " + value + ": " + e.getMessage(),
                    "run the daemon as root, outside a container with read-only /proc/sys",
                    e);
        }
    }
}
