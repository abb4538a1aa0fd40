package trefoil.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import trefoil.linux.ErrnoException;
import trefoil.linux.netlink.InterfaceAddress;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.NftChain;
import trefoil.linux.netlink.NftSocket;
import trefoil.linux.netlink.Route;
import trefoil.linux.netlink.RouteSocket;

/** Looks for what would keep servers from the network, changes nothing, and words each finding with its remedy. */
final class NetworkDoctor {
    private static final int MAIN_TABLE = 254;

    private final RouteSocket host;
    private final NftSocket nft;
    private final NetworkRecords records;
    private final Bridge bridge;
    private final String tag;
    private final List<Check> checks = new ArrayList<>();

    NetworkDoctor(RouteSocket host, NftSocket nft, NetworkRecords records, Bridge bridge, String tag) {
        this.host = host;
        this.nft = nft;
        this.records = records;
        this.bridge = bridge;
        this.tag = tag;
    }

    /** One line for each thing that was looked at. */
    List<Check> examine(List<NetworkSpec> networks) {
        tool("nft", "nftables");
        tool("dnsmasq", "dnsmasq-base");
        if (networks.isEmpty()) {
            return checks;
        }
        attempt("forwarding", () -> forwarding(networks));
        attempt("rules", this::rules);
        for (NetworkSpec network : networks) {
            attempt("network " + network.name(), () -> network(network));
            attempt("firewall", () -> firewall(network));
        }
        return checks;
    }

    @FunctionalInterface
    private interface Examination {
        void run() throws NetworkException, ErrnoException;
    }

    /** What cannot be examined is a finding too. */
    private void attempt(String name, Examination examination) {
        try {
            examination.run();
        } catch (NetworkException e) {
            checks.add(new Check(name, "error", e.getMessage(), e.next()));
        } catch (ErrnoException e) {
            checks.add(new Check(name, "error", e.getMessage(), "run the daemon as root"));
        }
    }

    private void ok(String name, String message) {
        checks.add(new Check(name, "ok", message, null));
    }

    private void tool(String tool, String debianPackage) {
        Command.find(tool).ifPresentOrElse(
                path -> ok(tool, path.toString()),
                () -> checks.add(new Check(tool, "error", "the program " + tool + " is not installed", "apt install " + debianPackage)));
    }

    private void forwarding(List<NetworkSpec> networks) throws NetworkException {
        if (networks.stream().anyMatch(n -> n.ipv4() != null) && !HostForwarding.ipv4On()) {
            checks.add(new Check("forwarding", "error", "the host does not forward IPv4: servers reach nothing beyond it",
                    "sysctl -w net.ipv4.ip_forward=1"));
        } else {
            ok("forwarding", "the host forwards IPv4");
        }
        if (networks.stream().noneMatch(n -> n.ipv6() != null)) {
            return;
        }
        if (!HostForwarding.ipv6Supported()) {
            checks.add(new Check("ipv6", "warning", "IPv6 is off in the host's kernel: servers go without",
                    "boot without ipv6.disable=1, or create networks with --ipv6 none"));
        } else if (!HostForwarding.ipv6On()) {
            checks.add(new Check("ipv6", "error", "the host does not forward IPv6: servers reach nothing beyond it by IPv6",
                    "sysctl -w net.ipv6.conf.all.forwarding=1"));
        } else {
            ok("ipv6", "the host forwards IPv6");
        }
    }

    private void rules() throws ErrnoException {
        String table = Ruleset.tableName(tag);
        Set<String> chains = nft.baseChains().stream()
                .filter(chain -> chain.table().equals(table)).map(NftChain::name).collect(Collectors.toSet());
        if (chains.containsAll(Ruleset.BASE_CHAINS)) {
            ok("rules", "nftables tables inet and bridge " + table + " are loaded");
        } else {
            checks.add(new Check("rules", "error",
                    "nftables tables inet and bridge " + table + " are missing or incomplete: somebody flushed them, and servers"
                            + " have no way out and no guard",
                    "restart the daemon, which loads them again; find what flushes them (nft monitor; /etc/nftables.conf)"));
        }
    }

    private void network(NetworkSpec network) throws NetworkException, ErrnoException {
        String name = "network " + network.name();
        Optional<Link> link = host.link(network.bridge());
        if (link.isEmpty()) {
            checks.add(new Check(name, "error", "bridge " + network.bridge() + " is missing", "restart the daemon, which makes it"));
            return;
        }
        if (!bridge.isOurs(network, link.get())) {
            checks.add(new Check(name, "error", network.bridge() + " is not Trefoil's", "ip link show " + network.bridge()));
            return;
        }
        if (!link.get().up()) {
            checks.add(new Check(name, "error", "bridge " + network.bridge() + " is down", "ip link set " + network.bridge() + " up"));
            return;
        }
        if (new Dnsmasq(network, records.of(network.name())).running().isEmpty()) {
            checks.add(new Check(name, "error", "dnsmasq of network " + network.name() + " does not run: no names, no leases",
                    "restart the daemon, which starts it; see: journalctl -t dnsmasq"));
            return;
        }
        clash(network, link.get()).ifPresentOrElse(checks::add, () -> ok(name, "bridge " + network.bridge() + " and dnsmasq are up"));
    }

    /** Somebody, a VPN perhaps, took the same addresses after the network was made. */
    private Optional<Check> clash(NetworkSpec network, Link link) throws ErrnoException {
        for (String gateway : new String[] {network.ipv4(), network.ipv6()}) {
            if (gateway == null) {
                continue;
            }
            Prefix own = Prefix.parse(gateway);
            for (Route route : host.routes()) {
                Prefix other = new Prefix(route.destination(), route.prefix());
                if (route.table() == MAIN_TABLE && route.prefix() > 0 && route.index() != link.index() && own.overlaps(other)) {
                    return Optional.of(clash(network, "route " + other.cidr()));
                }
            }
            for (InterfaceAddress address : host.addresses()) {
                Prefix other = new Prefix(address.address(), address.prefix());
                if (address.index() != link.index() && own.overlaps(other)) {
                    return Optional.of(clash(network, "address " + other));
                }
            }
        }
        return Optional.empty();
    }

    private static Check clash(NetworkSpec network, String other) {
        return new Check("network " + network.name(), "error",
                "network " + network.name() + " shares addresses with the host's " + other,
                "remove that, or delete the network and create it with other addresses");
    }

    private void firewall(NetworkSpec network) throws NetworkException {
        List<Check> found = new ForeignFirewalls(nft, tag).look(network);
        checks.addAll(found);
        if (found.isEmpty()) {
            ok("firewall", "no other firewall rules stand in the way of " + network.bridge());
        }
    }
}
