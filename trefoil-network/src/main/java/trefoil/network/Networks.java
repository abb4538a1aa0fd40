package trefoil.network;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.NftChain;
import trefoil.linux.netlink.NftSocket;
import trefoil.linux.netlink.RouteSocket;

/**
 * The host's side of all networks of one daemon: bridges, veth pairs, taps, the nftables tables, one dnsmasq per network.
 * Thread-safe. The daemon's database says what should be; this class makes it so and is idempotent: what is there
 * already is adopted (a daemon that restarts finds bridges, veths, taps and dnsmasq alive), what is missing is made.
 *
 * <p>All calls concern the network namespace of the thread that called {@link #open}; calls that run tools, change
 * kernel settings or make taps ({@code up}, {@code down}, {@code attachTap}, {@code forwards}, {@code doctor}, {@code purge}) must come from threads of
 * that namespace, as all threads of an ordinary process are.
 */
public final class Networks implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Networks.class.getName());
    private static final String PUBLISHED_RULES = "ruleset";

    private final String tag;
    private final InterfaceNames names;
    private final RouteSocket host;
    private final LinkRemoval removal;
    private final NftSocket nft;
    private final PortGuard guard;
    private final NetworkRecords records;
    private final HostForwarding forwarding;
    private final Bridge bridge;
    private final Ruleset ruleset;
    private final AddressPlan plan;
    private final Cable cable;

    /** Read: one server comes, goes or changes. Write: networks, rules, published ports. Taken before any socket's lock. */
    private final ReentrantReadWriteLock structure = new ReentrantReadWriteLock();

    private Networks(String tag, NetworkRecords records, RouteSocket host, LinkRemoval removal, NftSocket nft, PortGuard guard) {
        this.tag = tag;
        this.records = records;
        this.host = host;
        this.removal = removal;
        this.nft = nft;
        this.guard = guard;
        this.names = new InterfaceNames(tag);
        this.forwarding = new HostForwarding(records.root().resolve("forwarding"));
        this.bridge = new Bridge(host, names);
        this.ruleset = new Ruleset(tag);
        this.plan = new AddressPlan(host, names);
        this.cable = new Cable(host, removal, records, guard, new Shaper(host, names), new Taps(host, removal, names));
    }

    /**
     * @param runDirectory for dnsmasq's files and pids; made where missing
     * @param tag short word (0–6 characters of {@code a-z 0-9}) that keeps bridges, tables and interfaces of several daemons on one host apart; empty for the host's own
     * @throws NetworkException when the directory or the kernel's netlink cannot be used
     */
    public static Networks open(Path runDirectory, String tag) throws NetworkException {
        if (!tag.matches("[a-z0-9]{0,6}")) {
            throw new IllegalArgumentException("a tag has 0–6 characters of a-z 0-9: " + tag);
        }
        NetworkRecords records = NetworkRecords.open(runDirectory);
        RouteSocket host = null;
        LinkRemoval removal = null;
        NftSocket nft = null;
        try {
            host = RouteSocket.open();
            removal = new LinkRemoval(new LinkRemoval.Socket(RouteSocket.open()));
            nft = NftSocket.open();
            return new Networks(tag, records, host, removal, nft, new PortGuard(nft, NftSocket.open(), tag));
        } catch (ErrnoException e) {
            if (host != null) {
                host.close();
            }
            if (removal != null) {
                removal.close();
            }
            if (nft != null) {
                nft.close();
            }
            throw new NetworkException("the kernel's netlink cannot be used: " + e.getMessage(), null, e);
        }
    }

    /**
     * A free private IPv4 and a random unique local IPv6 gateway address that clash with no route or address of the
     * host, nor with {@code taken}.
     *
     * @param name 1–15 characters of {@code a-z 0-9 -}; {@code default} is the network that every host has
     * @param ipv4 gateway with prefix length, {@code none}, or {@code null} for a chosen /22 below 10.0.0.0/8
     * @param ipv6 gateway with prefix length 64, {@code none}, or {@code null} for a chosen one (none where the kernel has no IPv6)
     * @param domain {@code null} for {@code trefoil}
     * @param taken addresses or networks that must be left alone, with or without prefix length
     * @throws NetworkException for a malformed or clashing wish, or when nothing is free
     */
    public NetworkSpec choose(String name, String ipv4, String ipv6, boolean nat, String domain, Set<String> taken)
            throws NetworkException {
        return plan.choose(name, ipv4, ipv6, nat, domain, taken);
    }

    /**
     * Makes the bridge, its addresses, rules and dnsmasq, or adopts what is there. Logs a warning for each foreign
     * firewall rule that will swallow the servers' traffic, see {@link #doctor}.
     */
    public void up(NetworkSpec network) throws NetworkException {
        SpecRules.check(network);
        NetworkSpec spec = possible(network);
        structure.writeLock().lock();
        try {
            records.add(spec);
            forwarding.on(spec.ipv4() != null, spec.ipv6() != null);
            int mtu = bridge.mtu();
            loadRules(); // before the bridge can carry anything
            Link link = bridge.make(spec, mtu);
            bridge.gather(link, records.attachments(spec.name()));
            routeLocalhost(records.published());
            new Dnsmasq(spec, records.of(spec.name())).start(mtu);
        } finally {
            structure.writeLock().unlock();
        }
        for (Check check : new ForeignFirewalls(nft, tag).look(spec)) {
            LOG.log(System.Logger.Level.WARNING, "{0}; to mend it: {1}", check.message(), check.next());
        }
    }

    /** The network as far as this kernel can carry it: without IPv6 where it knows none. */
    private static NetworkSpec possible(NetworkSpec spec) throws NetworkException {
        if (spec.ipv6() == null || HostForwarding.ipv6Supported()) {
            return spec;
        }
        if (spec.ipv4() == null) {
            throw new NetworkException("network " + spec.name() + " has IPv6 only, and IPv6 is off in this host's kernel",
                    "boot without ipv6.disable=1, or create the network with IPv4", null);
        }
        LOG.log(System.Logger.Level.WARNING, "network {0} goes without IPv6: it is off in this host''s kernel", spec.name());
        return new NetworkSpec(spec.name(), spec.bridge(), spec.ipv4(), null, spec.nat(), spec.domain());
    }

    /** Loads the rules for all networks with a record, unless exactly these are loaded already. */
    private void loadRules() throws NetworkException {
        List<NetworkSpec> networks = records.networks();
        String stamp = NetworkRecords.hash(Ruleset.version() + networks);
        if (stamp.equals(records.stored(PUBLISHED_RULES)) && rulesLoaded()) {
            return;
        }
        List<Attachment> attachments = new ArrayList<>();
        for (NetworkSpec each : networks) {
            attachments.addAll(records.attachments(each.name()));
        }
        NftTool.load(ruleset.load(networks, attachments, records.published(), names));
        records.store(PUBLISHED_RULES, stamp);
    }

    private boolean rulesLoaded() throws NetworkException {
        try {
            String table = Ruleset.tableName(tag);
            Set<String> chains = new HashSet<>();
            for (NftChain chain : nft.baseChains()) {
                if (chain.table().equals(table)) {
                    chains.add(chain.name());
                }
            }
            return chains.containsAll(Ruleset.BASE_CHAINS);
        } catch (ErrnoException e) {
            throw new NetworkException("the host's nftables cannot be read: " + e.getMessage(), null, e);
        }
    }

    private void routeLocalhost(List<Forward> forwards) throws NetworkException {
        for (NetworkSpec network : records.networks()) {
            if (network.ipv4() != null) {
                Prefix subnet = Prefix.parse(network.ipv4());
                boolean wanted = forwards.stream().anyMatch(f ->
                        PublishedPorts.onLocalhost(f) && subnet.contains(Prefix.literal(f.serverAddress())));
                HostForwarding.routeLocalhost(network.bridge(), wanted);
            }
        }
    }

    /** Removes all that {@link #up} made, and the cables of servers that are still attached. Idempotent. */
    public void down(NetworkSpec network) throws NetworkException {
        SpecRules.check(network);
        structure.writeLock().lock();
        try {
            new Dnsmasq(network, records.of(network.name())).stop();
            for (Attachment attachment : records.attachments(network.name())) {
                cable.pull(attachment);
            }
            deleteBridge(network);
            records.remove(network.name());
            if (records.networks().isEmpty()) {
                cleared();
            } else {
                loadRules();
            }
        } finally {
            structure.writeLock().unlock();
        }
    }

    private void deleteBridge(NetworkSpec network) throws NetworkException {
        try {
            if (host.link(network.bridge()).filter(link -> bridge.isOurs(network, link)).isPresent()) {
                bridge.delete(network.bridge());
            }
        } catch (ErrnoException e) {
            throw new NetworkException("bridge " + network.bridge() + " cannot be looked up: " + e.getMessage(), null, e);
        }
    }

    /** The last network is gone: so are rules, records and what was changed for forwarding. */
    private void cleared() throws NetworkException {
        NftTool.load(ruleset.unload());
        forwarding.restore();
        records.removeAll();
    }

    /**
     * A free place on the network for a server: the lowest free IPv4 address, and hardware and IPv6 addresses that
     * follow from it.
     *
     * @param taken are the addresses that other servers hold
     * @throws NetworkException when the network is full or the name is no DNS label
     */
    public Attachment place(NetworkSpec network, String serverName, Set<String> taken) throws NetworkException {
        return plan.place(network, serverName, taken);
    }

    /**
     * Makes the veth pair with its inner end {@code eth0} born inside the network namespace, addresses, routes and
     * loopback configured there, the outer end on the bridge, rates applied, name and lease known to dnsmasq. A cable
     * that a former run left is replaced. What fails leaves nothing.
     */
    public void attach(NetworkSpec network, Attachment attachment, FileDescriptor networkNamespace, Rates rates)
            throws NetworkException {
        connect(network, attachment, rates, () -> cable.plug(network, attachment, networkNamespace, rates));
    }

    /**
     * Makes a persistent tap interface named {@link Attachment#hostInterface}, up, on the bridge, with a hardware address of its own; rates applied, name and lease known to dnsmasq, the guard set. The process of a virtual
     * machine takes it up by name (root alone may), and the guest, whose card has {@link Attachment#mac}, gets its IPv4 address by DHCP and forms its IPv6 address from the router's advertisements; or it is told both.
     *
     * <p>One that is there is kept, held or not: calling this for a machine that runs (after the daemon's restart) mends what is missing and disturbs nobody. What fails leaves nothing, unless a machine holds it.
     *
     * @throws NetworkException also when the kernel has no taps
     */
    public void attachTap(NetworkSpec network, Attachment attachment, Rates rates) throws NetworkException {
        connect(network, attachment, rates, () -> cable.plugTap(network, attachment, rates));
    }

    /** Whether the server's tap is there, and whether its machine's process holds it. */
    public TapState tap(Attachment attachment) throws NetworkException {
        return cable.tap(attachment);
    }

    @FunctionalInterface
    private interface Plugging {
        boolean plug() throws NetworkException;
    }

    private void connect(NetworkSpec network, Attachment attachment, Rates rates, Plugging plugging) throws NetworkException {
        SpecRules.check(network, attachment, names);
        Shaper.check(rates);
        mend(network);
        if (!plug(plugging)) {
            restoreRules();
            if (!plug(plugging)) {
                throw new NetworkException("the nftables rules of Trefoil vanish as soon as they are loaded",
                        "find what flushes them: nft monitor", null);
            }
        }
    }

    /** Restarts dnsmasq where it died, and makes a bridge that somebody deleted, with the ports that lost it. */
    private void mend(NetworkSpec network) throws NetworkException {
        Dnsmasq dnsmasq = new Dnsmasq(network, records.of(network.name()));
        if (dnsmasq.running().isEmpty() || lost(network)) {
            up(network);
        }
    }

    private boolean lost(NetworkSpec network) throws NetworkException {
        try {
            return host.link(network.bridge()).isEmpty();
        } catch (ErrnoException e) {
            throw new NetworkException("bridge " + network.bridge() + " cannot be looked up: " + e.getMessage(), null, e);
        }
    }

    private boolean plug(Plugging plugging) throws NetworkException {
        structure.readLock().lock();
        try {
            return plugging.plug();
        } finally {
            structure.readLock().unlock();
        }
    }

    private void restoreRules() throws NetworkException {
        LOG.log(System.Logger.Level.WARNING, "Trefoil's nftables rules were removed by someone; they are loaded again");
        structure.writeLock().lock();
        try {
            records.store(PUBLISHED_RULES, "");
            loadRules();
        } finally {
            structure.writeLock().unlock();
        }
    }

    /**
     * Gives a server that is attached another name.
     *
     * @param after the same place under the new name
     */
    public void rename(NetworkSpec network, Attachment before, Attachment after) throws NetworkException {
        SpecRules.check(network, after, names);
        if (!after.hostInterface().equals(before.hostInterface()) || !after.mac().equals(before.mac())) {
            throw new IllegalArgumentException(after + " is another place than " + before);
        }
        structure.readLock().lock();
        try {
            records.rename(network, after);
        } finally {
            structure.readLock().unlock();
        }
    }

    /** Removes the veth pair (gone by itself when the namespace is) or the tap (a machine that still holds it has no network from then on), the name and the lease. Idempotent. */
    public void detach(NetworkSpec network, Attachment attachment) throws NetworkException {
        SpecRules.check(network, attachment, names);
        structure.readLock().lock();
        try {
            cable.pull(attachment);
        } finally {
            structure.readLock().unlock();
        }
    }

    /** Changes the rates of an attached server. */
    public void rates(Attachment attachment, Rates rates) throws NetworkException {
        Shaper.check(rates);
        structure.readLock().lock();
        try {
            cable.rates(attachment, rates);
        } finally {
            structure.readLock().unlock();
        }
    }

    /**
     * Makes the forwards of all servers be exactly these, at once. Refuses a host port that something else listens on,
     * and one that is wanted twice; then nothing changes. A forward without host address answers on all addresses of the
     * host in the server address's IP version, 127.0.0.1 included, [::1] not: the kernel cannot route that one.
     *
     * <p>While a port is published on 127.0.0.1, the bridge's {@code route_localnet} setting is on, and Trefoil's rules
     * drop what servers send to 127.0.0.0/8 of the host. A server does not reach itself by its published port where the
     * host has {@code net.bridge.bridge-nf-call-iptables} on: the bridge sends no frame back where it came from.
     */
    public void forwards(List<Forward> forwards) throws NetworkException {
        structure.writeLock().lock();
        try {
            PublishedPorts.check(forwards, records.published());
            if (forwards.isEmpty() && !rulesLoaded()) {
                return;
            }
            loadRules();
            NftTool.load(ruleset.publish(forwards));
            records.publish(forwards);
            routeLocalhost(forwards);
        } finally {
            structure.writeLock().unlock();
        }
    }

    /** What the server received and sent. */
    public Traffic traffic(Attachment attachment) throws NetworkException {
        return cable.traffic(attachment);
    }

    /** The global addresses that the server's interface {@code eth0} has now, as its namespace shows them; none where it has no such interface. */
    public List<String> addresses(FileDescriptor networkNamespace) throws NetworkException {
        return cable.addresses(networkNamespace);
    }

    /** What would keep servers from the network: missing tools, forwarding off, a firewall that drops, clashing routes. */
    public List<Check> doctor(List<NetworkSpec> networks) {
        structure.readLock().lock();
        try {
            return new NetworkDoctor(host, nft, records, bridge, tag).examine(networks);
        } finally {
            structure.readLock().unlock();
        }
    }

    /** Removes everything of this tag from the host: bridges, cables, tables, dnsmasq, records. */
    public void purge(List<NetworkSpec> networks) throws NetworkException {
        Set<NetworkSpec> all = new HashSet<>(networks);
        all.addAll(records.networks());
        for (NetworkSpec network : all) {
            down(network);
        }
        structure.writeLock().lock();
        try {
            for (Link link : host.links()) {
                boolean orphan = link.kind().equals("bridge") && names.isBridge(link.name());
                if (orphan || names.isPort(link)) {
                    bridge.delete(link.name());
                }
            }
            cleared();
        } catch (ErrnoException e) {
            throw new NetworkException("the host's interfaces cannot be listed: " + e.getMessage(), null, e);
        } finally {
            structure.writeLock().unlock();
        }
    }

    /** Leaves all networks up. */
    @Override
    public void close() {
        host.close();
        removal.close();
        guard.close();
        nft.close();
    }
}
