package trefoil.network;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.namespace.NetworkNamespace;
import trefoil.linux.netlink.InterfaceAddress;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;

/**
 * The cable between a server and its bridge: a veth pair, {@code veth(4)}, or the tap of a virtual machine. Thread-safe for different servers; one server's calls
 * come one after the other.
 */
final class Cable {
    /** Name of the server's end. */
    static final String INNER = "eth0";

    private final RouteSocket host;
    private final LinkRemoval removal;
    private final NetworkRecords records;
    private final PortGuard guard;
    private final Shaper shaper;
    private final Taps taps;

    /** Makes what connects a server. */
    @FunctionalInterface
    private interface Making {
        void make(Link bridge) throws NetworkException, ErrnoException;
    }

    Cable(RouteSocket host, LinkRemoval removal, NetworkRecords records, PortGuard guard, Shaper shaper, Taps taps) {
        this.host = host;
        this.removal = removal;
        this.records = records;
        this.guard = guard;
        this.shaper = shaper;
        this.taps = taps;
    }

    /**
     * Connects the server. The guard knows the port before the port exists, so that nothing unguarded ever leaves.
     *
     * @return false when the rules are not loaded; then nothing was done
     */
    boolean plug(NetworkSpec network, Attachment a, FileDescriptor namespace, Rates rates) throws NetworkException {
        return connect(network, a, rates, bridge -> {
            makePair(bridge, a, namespace);
            configureInside(network, a, namespace);
        });
    }

    /** As {@link #plug}, a virtual machine: by its tap. */
    boolean plugTap(NetworkSpec network, Attachment a, Rates rates) throws NetworkException {
        return connect(network, a, rates, bridge -> taps.make(bridge, a));
    }

    private boolean connect(NetworkSpec network, Attachment a, Rates rates, Making making) throws NetworkException {
        try {
            records.add(network, a); // first: whatever is made for the server has a record
            if (!admitted(network, a)) {
                forget(a);
                return false;
            }
            making.make(bridge(network));
            Link port = port(a); // asked for now that both ends are up: the bridge forwards by the port at once,
            bridge(network); // and, where it is the first, the bridge's own queue opens
            if (rates.receive() != null || rates.transmit() != null) {
                shaper.apply(port, rates);
            }
            return true;
        } catch (ErrnoException e) {
            NetworkException failure = failed(network, a, e);
            undo(a, failure);
            throw failure;
        } catch (NetworkException e) {
            undo(a, e);
            throw e;
        }
    }

    private boolean admitted(NetworkSpec network, Attachment a) throws ErrnoException {
        try {
            guard.admit(network.bridge(), a);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** Unless it is a machine's that runs: that one's record restores its guard with the other rules. */
    private void forget(Attachment a) throws NetworkException, ErrnoException {
        if (taps.state(a.hostInterface()) != TapState.HELD) {
            records.remove(a);
        }
    }

    private static NetworkException failed(NetworkSpec network, Attachment a, ErrnoException e) {
        return new NetworkException(
                "server " + a.serverName() + " cannot be connected to network " + network.name() + ": " + e.getMessage(),
                "trefoil doctor", e);
    }

    /** Leaves nothing, but a machine that runs its cable. */
    private void undo(Attachment a, NetworkException failure) {
        try {
            if (taps.state(a.hostInterface()) != TapState.HELD) {
                pull(a);
            }
        } catch (NetworkException | ErrnoException e) {
            failure.addSuppressed(e);
        }
    }

    private Link bridge(NetworkSpec network) throws NetworkException, ErrnoException {
        return host.link(network.bridge()).orElseThrow(() -> new NetworkException(
                "network " + network.name() + " is not up: there is no bridge " + network.bridge(),
                "restart the daemon, which brings its networks up", null));
    }

    private Link port(Attachment a) throws NetworkException, ErrnoException {
        return host.link(a.hostInterface()).orElseThrow(() -> new NetworkException(
                "server " + a.serverName() + " is not connected: there is no interface " + a.hostInterface(),
                "trefoil restart " + a.serverName(), null));
    }

    private void makePair(Link bridge, Attachment a, FileDescriptor namespace) throws ErrnoException {
        RouteBatch batch = new RouteBatch()
                .veth(a.hostInterface(), bridge.index(), bridge.mtu(), INNER, a.mac(), namespace);
        try {
            host.run(batch);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            removal.remove(a.hostInterface()); // a former run's, whose namespace the kernel has not yet taken apart
            host.run(batch);
        }
    }

    private static void configureInside(NetworkSpec network, Attachment a, FileDescriptor namespace) throws ErrnoException {
        try (RouteSocket inside = NetworkNamespace.routeSocket(namespace)) {
            int index = inside.link(INNER).orElseThrow(() -> new ErrnoException("get " + INNER, Errno.ENODEV)).index();
            RouteBatch batch = new RouteBatch().up("lo");
            if (a.ipv4() != null) {
                batch.address(index, Prefix.literal(a.ipv4()), Prefix.parse(network.ipv4()).length());
            }
            batch.up(index);
            if (a.ipv4() != null) {
                batch.defaultRoute(index, Prefix.parse(network.ipv4()).address());
            }
            inside.run(batch);
            if (a.ipv6() != null) {
                configureIpv6(inside, index, Prefix.parse(network.ipv6()), Prefix.literal(a.ipv6()));
            }
        }
    }

    /** A kernel told to leave IPv6 off ({@code ipv6.disable_ipv6=1}) refuses addresses: the server does without. */
    private static void configureIpv6(RouteSocket inside, int index, Prefix gateway, InetAddress address)
            throws ErrnoException {
        try {
            inside.run(new RouteBatch().address(index, address, gateway.length()).defaultRoute(index, gateway.address()));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EACCES && e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.EAFNOSUPPORT) {
                throw e;
            }
        }
    }

    /** Disconnects the server and forgets it; what is gone already does not matter. */
    void pull(Attachment a) throws NetworkException {
        try {
            if (!records.has(a) && host.link(a.hostInterface()).isEmpty()) {
                return; // pulled before
            }
            removal.remove(a.hostInterface(), shaper.block(a.hostInterface()));
            guard.dismiss(a); // after the port is gone: nothing unguarded ever leaves
            records.remove(a); // last: while anything is left there is a record
        } catch (ErrnoException e) {
            throw new NetworkException("server " + a.serverName() + " cannot be disconnected: " + e.getMessage(),
                    "ip link delete " + a.hostInterface(), e);
        }
    }

    TapState tap(Attachment a) throws NetworkException {
        try {
            return taps.state(a.hostInterface());
        } catch (ErrnoException e) {
            throw new NetworkException("interface " + a.hostInterface() + " of server " + a.serverName() + " cannot be looked up: " + e.getMessage(), null, e);
        }
    }

    void rates(Attachment a, Rates rates) throws NetworkException {
        try {
            shaper.apply(port(a), rates);
        } catch (ErrnoException e) {
            throw new NetworkException("the rates of server " + a.serverName() + " cannot be changed: " + e.getMessage(), null, e);
        }
    }

    /** What the host's end sent is what the server received. */
    Traffic traffic(Attachment a) throws NetworkException {
        try {
            Link port = port(a);
            return new Traffic(port.transmittedBytes(), port.receivedBytes());
        } catch (ErrnoException e) {
            throw new NetworkException("the traffic of server " + a.serverName() + " cannot be read: " + e.getMessage(), null, e);
        }
    }

    List<String> addresses(FileDescriptor namespace) throws NetworkException {
        try (RouteSocket inside = NetworkNamespace.routeSocket(namespace)) {
            Optional<Link> eth0 = inside.link(INNER);
            if (eth0.isEmpty()) {
                return List.of();
            }
            return inside.addresses().stream()
                    .filter(a -> a.index() == eth0.get().index() && a.scope() == InterfaceAddress.GLOBAL)
                    .map(a -> Prefix.text(a.address()))
                    .toList();
        } catch (ErrnoException e) {
            throw new NetworkException("the server's addresses cannot be read: " + e.getMessage(), null, e);
        }
    }
}
