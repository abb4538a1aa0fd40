package trefoil.network;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.netlink.InterfaceAddress;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.Route;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;

/**
 * The bridges of the host's side. One is known to be Trefoil's by its hardware address, which follows from the tag and
 * the network's name and is given in the message that makes it. Not thread-safe.
 */
final class Bridge {
    private static final int ETHERNET_MTU = 1500;
    private static final int LEAST_MTU = 1280; // RFC 8200, 5
    private static final int MAIN_TABLE = 254;

    private final RouteSocket host;
    private final InterfaceNames names;

    Bridge(RouteSocket host, InterfaceNames names) {
        this.host = host;
        this.names = names;
    }

    String mac(NetworkSpec spec) {
        return names.mac(spec.name(), "bridge");
    }

    /** Makes the bridge as the specification says, or mends the one that is there; returns it. */
    Link make(NetworkSpec spec, int mtu) throws NetworkException {
        try {
            Link link = host.link(spec.bridge()).orElse(null);
            if (link == null) {
                host.run(new RouteBatch().bridge(spec.bridge(), mac(spec), mtu));
                link = host.link(spec.bridge()).orElseThrow(() -> new ErrnoException("get " + spec.bridge(), Errno.ENODEV));
            }
            refuseForeign(spec, link);
            HostForwarding.prepareBridge(spec.bridge(), spec.ipv6() != null);
            configure(spec, link, mtu);
            return link;
        } catch (ErrnoException e) {
            throw new NetworkException("bridge " + spec.bridge() + " of network " + spec.name() + " cannot be made: " + e.getMessage(),
                    e.errno() == Errno.EPERM ? "run the daemon as root" : null, e);
        }
    }

    private void refuseForeign(NetworkSpec spec, Link link) throws NetworkException {
        if (!isOurs(spec, link)) {
            throw new NetworkException(
                    "an interface named " + spec.bridge() + " exists and is not Trefoil's",
                    "remove it if nothing uses it (ip link delete " + spec.bridge() + "), or give the network another name",
                    null);
        }
    }

    boolean isOurs(NetworkSpec spec, Link link) {
        return link.kind().equals("bridge") && link.mac().equals(mac(spec));
    }

    private void configure(NetworkSpec spec, Link link, int mtu) throws ErrnoException {
        RouteBatch batch = new RouteBatch();
        if (link.mtu() != mtu) {
            batch.mtu(link.index(), mtu);
        }
        Set<Prefix> wanted = new HashSet<>();
        for (String gateway : new String[] {spec.ipv4(), spec.ipv6()}) {
            if (gateway != null) {
                wanted.add(Prefix.parse(gateway));
            }
        }
        for (InterfaceAddress a : host.addresses()) {
            boolean global = a.index() == link.index() && a.scope() == InterfaceAddress.GLOBAL;
            if (global && !wanted.contains(new Prefix(a.address(), a.prefix()))) {
                batch.deleteAddress(link.index(), a.address(), a.prefix());
            }
        }
        for (Prefix gateway : wanted) {
            batch.address(link.index(), gateway.address(), gateway.length());
        }
        host.run(batch.up(link.index()));
    }

    /** Servers whose ends are on no bridge, because somebody deleted it, become ports again. */
    void gather(Link bridge, List<Attachment> attachments) throws NetworkException {
        try {
            for (Attachment a : attachments) {
                Link port = host.link(a.hostInterface()).orElse(null);
                if (port != null && port.master() != bridge.index()) {
                    host.run(new RouteBatch().master(port.index(), bridge.index()).up(port.index()));
                    host.link(a.hostInterface()); // see RouteSocket.link: the bridge forwards at once,
                    host.link(bridge.name()); // and its own queue opens
                }
            }
        } catch (ErrnoException e) {
            throw new NetworkException("a server cannot be put on bridge " + bridge.name() + ": " + e.getMessage(), null, e);
        }
    }

    /** Removes the interface; nothing where there is none. */
    void delete(String name) throws NetworkException {
        try {
            host.run(new RouteBatch().deleteLink(name));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENODEV) {
                throw new NetworkException("interface " + name + " cannot be removed: " + e.getMessage(), "ip link delete " + name, e);
            }
        }
    }

    /** Largest packet that the way out carries whole: what the interface of the default route does, at most Ethernet's 1500. */
    int mtu() throws NetworkException {
        try {
            int mtu = ETHERNET_MTU;
            List<Link> links = host.links();
            for (Route route : host.routes()) {
                if (route.prefix() == 0 && route.table() == MAIN_TABLE) {
                    mtu = Math.min(mtu, links.stream().filter(l -> l.index() == route.index()).mapToInt(Link::mtu).findFirst().orElse(mtu));
                }
            }
            return Math.max(mtu, LEAST_MTU);
        } catch (ErrnoException e) {
            throw new NetworkException("the host's routes cannot be read: " + e.getMessage(), null, e);
        }
    }
}
