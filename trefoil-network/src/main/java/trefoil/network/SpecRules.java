package trefoil.network;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What names and addresses may look like. Everything checked here is written into dnsmasq's and nft's input, so a
 * value that passes cannot leave its place there.
 */
final class SpecRules {
    private static final Pattern NETWORK = Pattern.compile("[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?");
    private static final Pattern BRIDGE = Pattern.compile("[a-z][a-z0-9-]{0,14}");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern MAC = Pattern.compile("[0-9a-f][02468ace](:[0-9a-f]{2}){5}");

    private SpecRules() {}

    static void check(NetworkSpec spec) throws NetworkException {
        require(spec.name() != null && NETWORK.matcher(spec.name()).matches(),
                "network name '" + spec.name() + "'", "1–15 characters of a-z 0-9 -, no hyphen at either end");
        require(spec.bridge() != null && BRIDGE.matcher(spec.bridge()).matches(),
                "bridge name '" + spec.bridge() + "'", "1–15 characters of a-z 0-9 -, a letter first");
        require(isDomain(spec.domain()), "domain '" + spec.domain() + "'",
                "labels of a-z 0-9 - joined by dots, together at most 253 characters");
        require(spec.ipv4() != null || spec.ipv6() != null, "network '" + spec.name() + "' without any address",
                "IPv4, IPv6 or both");
        checkIpv4(spec.ipv4());
        checkIpv6(spec.ipv6());
    }

    private static void checkIpv4(String ipv4) throws NetworkException {
        if (ipv4 == null) {
            return;
        }
        Prefix prefix = parse(ipv4);
        InetAddress address = prefix.address();
        require(prefix.isIpv4() && prefix.length() >= 8 && prefix.length() <= 30, "IPv4 network " + ipv4,
                "an IPv4 address with a prefix length of 8–30");
        require(!address.equals(prefix.network()) && !address.equals(prefix.last()), "IPv4 gateway " + ipv4,
                "a host's address, neither the network's own nor its broadcast address");
        require(unicast(address), "IPv4 gateway " + ipv4, "a unicast address, best of 10.0.0.0/8");
    }

    private static void checkIpv6(String ipv6) throws NetworkException {
        if (ipv6 == null) {
            return;
        }
        Prefix prefix = parse(ipv6);
        require(!prefix.isIpv4() && prefix.length() == 64, "IPv6 network " + ipv6,
                "an IPv6 address with prefix length 64, which stateless autoconfiguration needs (RFC 4862)");
        require(!prefix.address().equals(prefix.network()) && unicast(prefix.address()), "IPv6 gateway " + ipv6,
                "a unicast host address, best a unique local one (fd00::/8, RFC 4193)");
    }

    private static boolean unicast(InetAddress a) {
        return !a.isMulticastAddress() && !a.isLoopbackAddress() && !a.isAnyLocalAddress() && !a.isLinkLocalAddress();
    }

    private static Prefix parse(String text) throws NetworkException {
        try {
            return Prefix.parse(text);
        } catch (IllegalArgumentException e) {
            throw new NetworkException(e.getMessage(), "give an address with prefix length, as in 10.77.0.1/24", e);
        }
    }

    private static boolean isDomain(String domain) {
        if (domain == null || domain.isEmpty() || domain.length() > 253) {
            return false;
        }
        for (String label : domain.split("\\.", -1)) {
            if (!LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }

    static void checkServerName(String name) throws NetworkException {
        require(name != null && LABEL.matcher(name.toLowerCase(Locale.ROOT)).matches(), "server name '" + name + "'",
                "a DNS label (RFC 1123, 2.1): 1–63 letters, digits and hyphens, no hyphen at either end");
    }

    static void check(NetworkSpec spec, Attachment attachment, InterfaceNames names) throws NetworkException {
        checkServerName(attachment.serverName());
        require(attachment.network().equals(spec.name()), "an attachment to network '" + attachment.network() + "'",
                "one to network '" + spec.name() + "'");
        require(attachment.mac() != null && MAC.matcher(attachment.mac()).matches(), "MAC '" + attachment.mac() + "'",
                "six bytes in lower-case hexadecimal, not a multicast address");
        require(attachment.hostInterface() != null
                        && attachment.hostInterface().matches("tf" + names.tag() + "[0-9a-z]{7}"),
                "host interface '" + attachment.hostInterface() + "'", "a name that place() gave");
        checkInside(spec.ipv4(), attachment.ipv4());
        checkInside(spec.ipv6(), attachment.ipv6());
    }

    private static void checkInside(String network, String address) throws NetworkException {
        if (address == null) {
            return;
        }
        boolean inside;
        try {
            inside = network != null && Prefix.parse(network).contains(Prefix.literal(address));
        } catch (IllegalArgumentException e) {
            throw new NetworkException(e.getMessage(), null, e);
        }
        require(inside, "address " + address, "one inside " + network);
    }

    private static void require(boolean holds, String what, String needed) throws NetworkException {
        if (!holds) {
            throw new NetworkException(what + " is not allowed: it must be " + needed, null, null);
        }
    }
}
