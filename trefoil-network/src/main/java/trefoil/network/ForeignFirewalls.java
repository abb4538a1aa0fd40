package trefoil.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import trefoil.linux.ErrnoException;
import trefoil.linux.netlink.NftBatch;
import trefoil.linux.netlink.NftChain;
import trefoil.linux.netlink.NftSocket;

/**
 * Rules of others that would swallow servers' traffic. nf_tables lets a packet pass a hook only when every base chain
 * there lets it pass, so Trefoil's own rules cannot overrule Docker's or an administrator's: they can only be told of.
 * Looks at nf_tables (which iptables-nft and firewalld use too) and at iptables-legacy.
 */
final class ForeignFirewalls {
    private static final Pattern UNCONDITIONAL_END =
            Pattern.compile("^(counter packets \\d+ bytes \\d+ )?(drop|reject( .*)?)( comment .*)?$");
    private static final Path LEGACY = Path.of("/proc/thread-self/net/ip_tables_names");

    private final NftSocket nft;
    private final String ownTable;

    ForeignFirewalls(NftSocket nft, String tag) {
        this.nft = nft;
        this.ownTable = Ruleset.tableName(tag);
    }

    /** One finding for each foreign chain that stands in the way of this network. */
    List<Check> look(NetworkSpec network) throws NetworkException {
        List<Check> checks = new ArrayList<>();
        try {
            for (NftChain chain : nft.baseChains()) {
                inspect(network, chain).ifPresent(checks::add);
            }
        } catch (ErrnoException e) {
            throw new NetworkException("the host's firewall cannot be read: " + e.getMessage(), null, e);
        }
        legacy(network).ifPresent(checks::add);
        return checks;
    }

    private Optional<Check> inspect(NetworkSpec network, NftChain chain) throws NetworkException {
        boolean ip = chain.family() == NftBatch.INET || chain.family() == NftBatch.IPV4 && network.ipv4() != null
                || chain.family() == NftBatch.IPV6 && network.ipv6() != null;
        boolean hook = chain.hook() == NftChain.FORWARD || chain.hook() == NftChain.INPUT;
        if (!ip || !hook || chain.table().equals(ownTable) || chain.table().startsWith("trefoil")) {
            return Optional.empty();
        }
        String family = family(chain.family());
        String rules = NftTool.chain(family, chain.table(), chain.name());
        boolean drops = chain.drops() || endsInDrop(rules);
        if (!drops || admits(rules, family, chain, network.bridge())) {
            return Optional.empty();
        }
        String what = chain.hook() == NftChain.FORWARD ? "drops forwarded traffic" : "drops traffic to the host, DHCP and DNS included";
        return Optional.of(new Check(
                "firewall", chain.hook() == NftChain.FORWARD ? "error" : "warning",
                "chain " + chain.name() + " of nftables table " + family + " " + chain.table() + " " + what
                        + (HostForwarding.bridgeCallsIptables() && chain.hook() == NftChain.FORWARD
                                ? " (between servers too: net.bridge.bridge-nf-call-iptables is 1)" : "")
                        + " and makes no exception for " + network.bridge() + " of network " + network.name(),
                remedy(chain, family, network.bridge())));
    }

    private static String family(int family) {
        return switch (family) {
            case NftBatch.INET -> "inet";
            case NftBatch.IPV4 -> "ip";
            default -> "ip6";
        };
    }

    private static boolean endsInDrop(String rules) {
        return rules.lines().map(String::strip).anyMatch(rule -> UNCONDITIONAL_END.matcher(rule).matches());
    }

    /** Looks one jump deep, which is where Docker (DOCKER-USER), ufw and administrators put exceptions. */
    private static boolean admits(String rules, String family, NftChain chain, String bridge) throws NetworkException {
        if (acceptsBoth(rules, chain, bridge)) {
            return true;
        }
        for (String line : (Iterable<String>) rules.lines().map(String::strip)::iterator) {
            int jump = line.indexOf("jump ");
            if (jump >= 0) {
                String target = line.substring(jump + 5).split(" ")[0];
                if (acceptsBoth(NftTool.chain(family, chain.table(), target), chain, bridge)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean acceptsBoth(String rules, NftChain chain, String bridge) {
        boolean in = accepts(rules, "iifname", bridge);
        return chain.hook() == NftChain.INPUT ? in : in && (accepts(rules, "oifname", bridge) || answers(rules));
    }

    private static boolean accepts(String rules, String side, String bridge) {
        return rules.lines().map(String::strip).anyMatch(rule -> rule.matches(".*\\b" + side + " (\\{ .*)?\"" + Pattern.quote(bridge) + "\".*\\baccept.*"));
    }

    private static boolean answers(String rules) {
        return rules.lines().anyMatch(rule -> rule.contains("established") && rule.contains("accept"));
    }

    private static String remedy(NftChain chain, String family, String bridge) {
        if (chain.table().equals("firewalld")) {
            return "firewall-cmd --permanent --zone=trusted --add-interface=" + bridge + " && firewall-cmd --reload";
        }
        if (chain.hook() == NftChain.INPUT) {
            return "nft insert rule " + family + " " + chain.table() + " " + chain.name() + " iifname \"" + bridge + "\" accept";
        }
        boolean iptables = chain.table().equals("filter") && chain.name().equals("FORWARD") && !family.equals("inet");
        if (iptables && Command.find("iptables").isPresent()) {
            return iptables(family.equals("ip6") ? "ip6tables" : "iptables", dockerChain(family) ? "DOCKER-USER" : "FORWARD", bridge);
        }
        String rule = "nft insert rule " + family + " " + chain.table() + " " + chain.name();
        return rule + " iifname \"" + bridge + "\" accept && " + rule + " oifname \"" + bridge + "\" accept";
    }

    private static boolean dockerChain(String family) {
        try {
            return !NftTool.chain(family, "filter", "DOCKER-USER").isEmpty();
        } catch (NetworkException e) {
            return false; // without nft nothing is known of Docker, and FORWARD is right too
        }
    }

    private static String iptables(String tool, String chain, String bridge) {
        return tool + " -I " + chain + " -i " + bridge + " -j ACCEPT && " + tool + " -I " + chain + " -o " + bridge + " -j ACCEPT";
    }

    /** The former kernel interface: seen only by its own tool, and only where a table was ever made. */
    private static Optional<Check> legacy(NetworkSpec network) throws NetworkException {
        Optional<Path> tool = Command.find("iptables-legacy");
        try {
            if (tool.isEmpty() || !Files.exists(LEGACY) || !Files.readString(LEGACY).contains("filter")) {
                return Optional.empty();
            }
        } catch (IOException e) {
            throw new NetworkException("cannot read " + LEGACY + ": " + e.getMessage(), null, e);
        }
        String rules = Command.run("", tool.get().toString(), "-S", "FORWARD").output();
        boolean drops = rules.contains("-P FORWARD DROP") || rules.lines().anyMatch(r -> r.matches("-A FORWARD -j (DROP|REJECT.*)"));
        boolean admits = rules.lines().anyMatch(r -> r.matches(".*-i " + Pattern.quote(network.bridge()) + " -j ACCEPT"));
        return !drops || admits ? Optional.empty() : Optional.of(new Check("firewall", "error",
                "iptables-legacy drops forwarded traffic and makes no exception for " + network.bridge(),
                iptables("iptables-legacy", "FORWARD", network.bridge())));
    }
}
