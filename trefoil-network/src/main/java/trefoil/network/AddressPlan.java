package trefoil.network;

import java.math.BigInteger;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import trefoil.linux.ErrnoException;
import trefoil.linux.netlink.InterfaceAddress;
import trefoil.linux.netlink.Route;
import trefoil.linux.netlink.RouteSocket;

/** Which addresses a new network and a new server get. Looks at the host, changes nothing. Thread-safe. */
final class AddressPlan {
    static final String NONE = "none";
    private static final int ATTEMPTS = 4096;
    private static final int SUBNET4 = 22; // 1,021 servers; a bridge has room for 1,023 ports (BR_MAX_PORTS)
    private static final int SUBNET6 = 64;

    private final RouteSocket host;
    private final InterfaceNames names;
    private final RandomGenerator random;

    AddressPlan(RouteSocket host, InterfaceNames names, RandomGenerator random) {
        this.host = host;
        this.names = names;
        this.random = random;
    }

    AddressPlan(RouteSocket host, InterfaceNames names) {
        this(host, names, new SecureRandom());
    }

    NetworkSpec choose(String name, String ipv4, String ipv6, boolean nat, String domain, Set<String> taken)
            throws NetworkException {
        List<Prefix> used = used(taken);
        String bridge = names.bridge(name);
        NetworkSpec spec = new NetworkSpec(
                name,
                bridge,
                NONE.equals(ipv4) ? null : ipv4 == null ? free4(used) : free(ipv4, used),
                NONE.equals(ipv6) ? null : ipv6 == null ? free6(used) : free(ipv6, used),
                nat,
                domain == null ? "trefoil" : domain);
        SpecRules.check(spec);
        return spec;
    }

    private List<Prefix> used(Set<String> taken) throws NetworkException {
        List<Prefix> used = new ArrayList<>();
        try {
            for (InterfaceAddress address : host.addresses()) {
                used.add(new Prefix(address.address(), address.prefix()));
            }
            for (Route route : host.routes()) {
                if (route.prefix() > 0) {
                    used.add(new Prefix(route.destination(), route.prefix()));
                }
            }
        } catch (ErrnoException e) {
            throw new NetworkException("the host's addresses cannot be read: " + e.getMessage(), null, e);
        }
        for (String text : taken) {
            if (text != null && !text.isEmpty() && !text.equals(NONE)) {
                used.add(takenPrefix(text));
            }
        }
        return used;
    }

    private static Prefix takenPrefix(String text) {
        if (text.indexOf('/') >= 0) {
            return Prefix.parse(text);
        }
        InetAddress address = Prefix.literal(text);
        return new Prefix(address, address.getAddress().length * 8);
    }

    private static boolean clashes(Prefix candidate, List<Prefix> used) {
        return used.stream().anyMatch(candidate::overlaps);
    }

    private String free4(List<Prefix> used) throws NetworkException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            byte[] bytes = {10, (byte) random.nextInt(256), (byte) (random.nextInt(256) & 0xfc), 1};
            Prefix candidate = new Prefix(Prefix.of(bytes), SUBNET4);
            if (!clashes(candidate, used)) {
                return candidate.toString();
            }
        }
        throw new NetworkException(
                "no free 10.x.y.0/22 was found: the host's routes and addresses cover nearly all of 10.0.0.0/8",
                "name a free network yourself: trefoil network create NAME --ipv4 192.168.77.1/24",
                null);
    }

    /** RFC 4193, 3.1 and 3.2.2: fd, 40 random bits of global id, here subnet 0. Chosen also where the host has IPv6 off: see HostForwarding. */
    private String free6(List<Prefix> used) throws NetworkException {
        if (!HostForwarding.ipv6Supported()) {
            return null;
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            byte[] bytes = new byte[16];
            byte[] global = new byte[5];
            random.nextBytes(global);
            bytes[0] = (byte) 0xfd;
            System.arraycopy(global, 0, bytes, 1, 5);
            bytes[15] = 1;
            Prefix candidate = new Prefix(Prefix.of(bytes), SUBNET6);
            if (!clashes(candidate, used)) {
                return candidate.toString();
            }
        }
        throw new NetworkException(
                "no free unique local IPv6 network was found: the host routes nearly all of fd00::/8",
                "name one yourself with --ipv6, or none with --ipv6 none",
                null);
    }

    private static String free(String wanted, List<Prefix> used) throws NetworkException {
        Prefix prefix;
        try {
            prefix = Prefix.parse(wanted);
        } catch (IllegalArgumentException e) {
            throw new NetworkException(e.getMessage(), "give the gateway's address, as in 10.77.0.1/24", e);
        }
        for (Prefix other : used) {
            if (prefix.overlaps(other)) {
                throw new NetworkException(
                        prefix + " clashes with " + other.cidr() + ", which the host or another network uses",
                        "choose another, or leave it out and a free one is chosen",
                        null);
            }
        }
        return prefix.toString();
    }

    /**
     * The lowest free IPv4 address and, by the hardware address that follows from it, the IPv6 address that stateless
     * autoconfiguration would form too (RFC 4291, appendix A). A server in the same place as a former one thus has the
     * same addresses of all kinds, so neighbours' caches and leases stay true.
     */
    Attachment place(NetworkSpec network, String serverName, Set<String> taken) throws NetworkException {
        SpecRules.check(network);
        SpecRules.checkServerName(serverName);
        Set<InetAddress> held = new HashSet<>();
        taken.stream().filter(AddressPlan::isAddress).map(Prefix::literal).forEach(held::add);
        String ipv4 = network.ipv4() == null ? null : freeHost(network, Prefix.parse(network.ipv4()), held);
        for (int attempt = 0; ; attempt++) {
            String mac = names.mac(network.name(), ipv4 != null ? ipv4 : serverName + "/" + attempt);
            InetAddress ipv6 = network.ipv6() == null ? null : autoconfigured(Prefix.parse(network.ipv6()), mac);
            if (ipv6 == null || !held.contains(ipv6) || ipv4 != null) {
                return new Attachment(network.name(), serverName, names.hostInterface(ipv4, mac), mac, ipv4,
                        ipv6 == null ? null : Prefix.text(ipv6));
            }
        }
    }

    /** Sets of what others hold may carry their hardware addresses and whole networks too. */
    private static boolean isAddress(String text) {
        return text != null && text.indexOf('/') < 0 && !text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");
    }

    private static String freeHost(NetworkSpec network, Prefix subnet, Set<InetAddress> held) throws NetworkException {
        long last = (1L << (32 - subnet.length())) - 2;
        for (long n = 1; n <= last; n++) {
            InetAddress candidate = subnet.host(BigInteger.valueOf(n));
            if (!candidate.equals(subnet.address()) && !held.contains(candidate)) {
                return Prefix.text(candidate);
            }
        }
        throw new NetworkException(
                "network " + network.name() + " (" + subnet.cidr() + ") is full: all " + Math.max(0, last - 1)
                        + " addresses are held by servers",
                "delete servers, or make a larger network: trefoil network create NAME --ipv4 10.99.0.1/16",
                null);
    }

    /** The address in the network that a host with this hardware address gives itself (RFC 4862, 5.5.3; modified EUI-64). */
    static InetAddress autoconfigured(Prefix network, String mac) {
        byte[] address = network.network().getAddress();
        byte[] hardware = HexFormat.ofDelimiter(":").parseHex(mac);
        byte[] identifier = {
            (byte) (hardware[0] ^ 2), hardware[1], hardware[2], (byte) 0xff, (byte) 0xfe, hardware[3], hardware[4], hardware[5]
        };
        System.arraycopy(identifier, 0, address, 8, 8);
        return Prefix.of(address);
    }

    /** The link-local address of that hardware address. */
    static InetAddress linkLocal(String mac) {
        return autoconfigured(Prefix.parse("fe80::/64"), mac);
    }

    /** Every address of the attachment's server that DNS answers for. */
    static List<String> addresses(Attachment attachment) {
        return Stream.of(attachment.ipv4(), attachment.ipv6()).filter(a -> a != null).toList();
    }
}
