package trefoil.network;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * The two nftables tables of a daemon as text for {@code nft -f} ({@code nft(8)}), which loads it as one transaction:
 * whatever was there before is replaced, nothing is ever half there.
 *
 * <p>The rules never name a network or a server; they look things up in sets. Of those, {@code ports}, {@code macs},
 * {@code v4}, {@code v6}, {@code held6}, {@code targets} and {@code heldtargets} change with every server and are
 * updated by netlink, without a process ({@link PortGuard}).
 *
 * <p>What the guard lets a server send: ARP about its own IPv4 address; IPv4 from its own address, and the first
 * DHCP request; IPv6 from its own addresses, from link-local ones and from others of the network that are nobody's
 * (privacy addresses, RFC 8981), neighbour advertisements for these only. Never: another's hardware address, router
 * advertisements and redirects (RFC 6105; behind extension headers too, since nftables looks past those), DHCP answers,
 * frames of other protocols, VLAN tags among them. Group membership reports (RFC 3810) stop here: the bridge floods
 * multicast, nobody would read them, and a thousand servers' reports to each other are a storm.
 */
final class Ruleset {
    /** What must be there for the rules to be in force. */
    static final Set<String> BASE_CHAINS =
            Set.of("localhost", "prerouting", "output", "input", "forward", "postrouting", "guard");

    private static final String INET = """
            set bridges { type ifname; }
            set natted { type ifname; }
            set inside { type ifname . ifname; }
            set subnets4 { type ipv4_addr; flags interval; }
            set subnets6 { type ipv6_addr; flags interval; }
            set home4 { type ipv4_addr . ifname; flags interval; }
            set home6 { type ipv6_addr . ifname; flags interval; }
            set gateways4 { type ipv4_addr; }
            set gateways6 { type ipv6_addr; }
            set own4 { type ifname . ipv4_addr; }
            set own6 { type ifname . ipv6_addr; }
            chain publish {
            }
            chain localhost {
            \ttype filter hook prerouting priority raw; policy accept;
            \tiifname @bridges ip daddr 127.0.0.0/8 drop
            }
            chain prerouting {
            \ttype nat hook prerouting priority dstnat; policy accept;
            \tfib daddr type local jump publish
            }
            chain output {
            \ttype nat hook output priority -100; policy accept;
            \tip6 daddr ::1 accept
            \tfib daddr type local jump publish
            }
            chain input {
            \ttype filter hook input priority filter; policy accept;
            \tiifname "lo" accept
            \tiifname @bridges ip daddr @gateways4 iifname . ip daddr != @own4 drop
            \tiifname @bridges ip6 daddr @gateways6 iifname . ip6 daddr != @own6 drop
            \tiifname != @bridges ip daddr @gateways4 meta l4proto { tcp, udp } th dport 53 drop
            \tiifname != @bridges ip6 daddr @gateways6 meta l4proto { tcp, udp } th dport 53 drop
            }
            chain forward {
            \ttype filter hook forward priority filter; policy accept;
            \tiifname != @bridges oifname != @bridges accept
            \tiifname . oifname @inside accept
            \tct status dnat accept
            \tiifname @bridges oifname @bridges drop
            \toifname @natted ct state established,related accept
            \toifname @natted drop
            }
            chain postrouting {
            \ttype nat hook postrouting priority srcnat; policy accept;
            \tip saddr @subnets4 oifname != @bridges masquerade
            \tip6 saddr @subnets6 oifname != @bridges masquerade
            \tct status dnat ip saddr . oifname @home4 masquerade
            \tct status dnat ip6 saddr . oifname @home6 masquerade
            \tct status dnat ip saddr 127.0.0.0/8 oifname @bridges masquerade
            }
            """;

    private static final String GUARD = """
            set ports { type ifname; }
            set macs { type ifname . ether_addr; }
            set v4 { type ifname . ipv4_addr; }
            set v6 { type ifname . ipv6_addr; }
            set held6 { type ipv6_addr; }
            set targets { typeof iifname . @th,64,128; }
            set heldtargets { typeof @th,64,128; }
            set prefixes6 { type ipv6_addr; flags interval; }
            chain guard_arp {
            \tiifname . arp saddr ether != @macs drop
            \tarp saddr ip 0.0.0.0 accept
            \tiifname . arp saddr ip @v4 accept
            \tdrop
            }
            chain guard_ip4 {
            \tudp sport 67 drop
            \tip protocol igmp drop
            \tiifname . ip saddr @v4 accept
            \tip saddr 0.0.0.0 udp sport 68 udp dport 67 accept
            \tdrop
            }
            chain guard_advert {
            \tiifname . @th,64,128 @targets return
            \t@th,64,128 @heldtargets drop
            }
            chain guard_ip6 {
            \ticmpv6 type { nd-router-advert, nd-redirect, mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } drop
            \tudp sport 547 drop
            \ticmpv6 type nd-neighbor-advert jump guard_advert
            \tiifname . ip6 saddr @v6 accept
            \tip6 saddr @held6 drop
            \tip6 saddr fe80::/10 accept
            \tip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit } accept
            \tip6 saddr @prefixes6 accept
            \tdrop
            }
            chain guard {
            \ttype filter hook prerouting priority -300; policy accept;
            \tiifname != @ports accept
            \tiifname . ether saddr != @macs drop
            \tether type vmap { arp : goto guard_arp, ip : goto guard_ip4, ip6 : goto guard_ip6 }
            \tdrop
            }
            """;

    private final String table;

    Ruleset(String tag) {
        this.table = tableName(tag);
    }

    static String tableName(String tag) {
        return tag.isEmpty() ? "trefoil" : "trefoil_" + tag;
    }

    /** What differs between two versions of these rules, networks aside. */
    static String version() {
        return INET + GUARD;
    }

    /** Both tables anew, with all that is known. */
    String load(List<NetworkSpec> networks, List<Attachment> attachments, List<Forward> forwards, InterfaceNames names) {
        StringBuilder text = new StringBuilder();
        remove(text);
        text.append("table inet ").append(table).append(" {\n").append(INET).append("}\n");
        text.append("table bridge ").append(table).append(" {\n").append(GUARD).append("}\n");
        elements(text, "inet", inetElements(networks));
        elements(text, "bridge", guardElements(networks, attachments, names));
        publish(text, forwards);
        return text.toString();
    }

    /** Takes both tables away, whether they are there or not. */
    String unload() {
        StringBuilder text = new StringBuilder();
        remove(text);
        return text.toString();
    }

    private void remove(StringBuilder text) {
        for (String family : List.of("inet", "bridge")) { // nft 1.0.6 has no "destroy": add makes delete succeed
            text.append("add table ").append(family).append(' ').append(table).append('\n');
            text.append("delete table ").append(family).append(' ').append(table).append('\n');
        }
    }

    /** The published ports alone. */
    String publish(List<Forward> forwards) {
        StringBuilder text = new StringBuilder();
        publish(text, forwards);
        return text.toString();
    }

    private void publish(StringBuilder text, List<Forward> forwards) {
        text.append("flush chain inet ").append(table).append(" publish\n");
        for (Forward f : forwards) {
            InetAddress server = Prefix.literal(f.serverAddress());
            boolean ipv4 = server.getAddress().length == 4;
            text.append("add rule inet ").append(table).append(" publish ");
            text.append(ipv4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ");
            if (PublishedPorts.hostAddress(f) != null) {
                text.append(ipv4 ? "ip daddr " : "ip6 daddr ").append(Prefix.text(PublishedPorts.hostAddress(f))).append(' ');
            }
            text.append(f.protocol()).append(" dport ").append(f.hostPort());
            text.append(ipv4 ? " dnat ip to " + Prefix.text(server) : " dnat ip6 to [" + Prefix.text(server) + "]");
            text.append(':').append(f.serverPort()).append('\n');
        }
    }

    private static TreeMap<String, List<String>> inetElements(List<NetworkSpec> networks) {
        TreeMap<String, List<String>> sets = new TreeMap<>();
        for (NetworkSpec n : networks) {
            String bridge = '"' + n.bridge() + '"';
            put(sets, "bridges", bridge);
            put(sets, "inside", bridge + " . " + bridge);
            if (n.nat()) {
                put(sets, "natted", bridge);
            }
            addressElements(sets, n.ipv4(), "4", bridge, n.nat());
            addressElements(sets, n.ipv6(), "6", bridge, n.nat());
        }
        return sets;
    }

    private static void addressElements(
            TreeMap<String, List<String>> sets, String gateway, String version, String bridge, boolean nat) {
        if (gateway == null) {
            return;
        }
        Prefix prefix = Prefix.parse(gateway);
        String address = Prefix.text(prefix.address());
        put(sets, "gateways" + version, address);
        put(sets, "own" + version, bridge + " . " + address);
        put(sets, "home" + version, prefix.cidr() + " . " + bridge);
        if (nat) {
            put(sets, "subnets" + version, prefix.cidr());
        }
    }

    private static TreeMap<String, List<String>> guardElements(
            List<NetworkSpec> networks, List<Attachment> attachments, InterfaceNames names) {
        TreeMap<String, List<String>> sets = new TreeMap<>();
        for (NetworkSpec n : networks) {
            List<InetAddress> held = new ArrayList<>();
            held.add(AddressPlan.linkLocal(names.mac(n.name(), "bridge")));
            if (n.ipv6() != null) {
                put(sets, "prefixes6", Prefix.parse(n.ipv6()).cidr());
                held.add(Prefix.parse(n.ipv6()).address());
            }
            for (InetAddress address : held) {
                put(sets, "held6", Prefix.text(address));
                put(sets, "heldtargets", hexadecimal(address));
            }
        }
        for (Attachment a : attachments) {
            String port = '"' + a.hostInterface() + '"';
            put(sets, "ports", port);
            put(sets, "macs", port + " . " + a.mac());
            if (a.ipv4() != null) {
                put(sets, "v4", port + " . " + a.ipv4());
            }
            for (InetAddress address : PortGuard.ipv6(a)) {
                put(sets, "v6", port + " . " + Prefix.text(address));
                put(sets, "held6", Prefix.text(address));
                put(sets, "targets", port + " . " + hexadecimal(address));
                put(sets, "heldtargets", hexadecimal(address));
            }
        }
        return sets;
    }

    private static String hexadecimal(InetAddress address) {
        return "0x" + HexFormat.of().formatHex(address.getAddress());
    }

    private static void put(TreeMap<String, List<String>> sets, String set, String element) {
        sets.computeIfAbsent(set, name -> new ArrayList<>()).add(element);
    }

    private void elements(StringBuilder text, String family, TreeMap<String, List<String>> sets) {
        sets.forEach((set, elements) -> text.append("add element ").append(family).append(' ').append(table).append(' ')
                .append(set).append(" { ").append(String.join(", ", elements)).append(" }\n"));
    }
}
