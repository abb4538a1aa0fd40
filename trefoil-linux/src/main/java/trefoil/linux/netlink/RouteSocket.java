package trefoil.linux.netlink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/**
 * rtnetlink of one network namespace: that of the thread that opened it, for life. Thread-safe.
 */
public final class RouteSocket implements AutoCloseable {
    private static final int NETLINK_ROUTE = 0;
    private static final int RTN_UNICAST = 1;
    private static final int STATS64_RX_BYTES = 16; // struct rtnl_link_stats64: rx_packets, tx_packets, rx_bytes, tx_bytes
    private static final int STATS64_TX_BYTES = 24;

    private final NetlinkSocket socket;

    private RouteSocket(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** A socket in the calling thread's network namespace. */
    public static RouteSocket open() throws ErrnoException {
        return new RouteSocket(NetlinkSocket.open(NETLINK_ROUTE, "NETLINK_ROUTE"));
    }

    /**
     * Makes the changes.
     *
     * @throws ErrnoException the first one that the kernel refused; the others have been tried
     */
    public void run(RouteBatch batch) throws ErrnoException {
        socket.run(batch);
    }

    /**
     * The interface of that name, with its statistics. Since Linux 6.8 the question has an effect too: a change of
     * carrier that the kernel's link watch would work through later, up to a second, is worked through before the answer,
     * so that a bridge forwards by a port whose other end just came up ({@code linkwatch_sync_dev()}).
     */
    public Optional<Link> link(String name) throws ErrnoException {
        // The dump filters nothing by name; a plain request does, and is answered by one message of the same sequence.
        RouteBatch request = new RouteBatch();
        request.begin(RouteBatch.RTM_GETLINK, 0, "get interface " + name);
        request.linkHeader(0, 0, 0);
        request.attribute(RouteBatch.IFLA_IFNAME, name);
        List<Link> found = new ArrayList<>(1);
        try {
            socket.query(request, (type, payload) -> addLink(found, type, payload));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
        return found.stream().findFirst();
    }

    /** All interfaces. */
    public List<Link> links() throws ErrnoException {
        RouteBatch request = new RouteBatch();
        request.begin(RouteBatch.RTM_GETLINK, NetlinkBatch.NLM_F_DUMP, "list interfaces");
        request.linkHeader(0, 0, 0);
        List<Link> links = new ArrayList<>();
        socket.dump(request, links::clear, (type, payload) -> addLink(links, type, payload));
        return links;
    }

    private static void addLink(List<Link> links, int type, ByteBuffer payload) {
        if (type != RouteBatch.RTM_NEWLINK || payload.remaining() < 16) {
            return;
        }
        int start = payload.position();
        int index = payload.getInt(start + 4);
        int flags = payload.getInt(start + 8);
        payload.position(start + 16);
        Attributes attributes = new Attributes(payload);
        String kind = attributes.nested(RouteBatch.IFLA_LINKINFO).string(RouteBatch.IFLA_INFO_KIND);
        byte[] mac = attributes.bytes(RouteBatch.IFLA_ADDRESS);
        byte[] statistics = attributes.bytes(RouteBatch.IFLA_STATS64);
        links.add(new Link(
                index,
                attributes.string(RouteBatch.IFLA_IFNAME),
                kind == null ? "" : kind,
                mac == null ? "" : HexFormat.ofDelimiter(":").formatHex(mac),
                attributes.int32(RouteBatch.IFLA_MTU, 0),
                attributes.int32(RouteBatch.IFLA_MASTER, 0),
                (flags & RouteBatch.IFF_UP) != 0,
                (flags & RouteBatch.IFF_LOWER_UP) != 0,
                counter(statistics, STATS64_RX_BYTES),
                counter(statistics, STATS64_TX_BYTES)));
    }

    private static long counter(byte[] statistics, int offset) {
        return statistics == null || statistics.length < offset + 8
                ? 0
                : ByteBuffer.wrap(statistics).order(ByteOrder.nativeOrder()).getLong(offset);
    }

    /** All addresses of all interfaces. */
    public List<InterfaceAddress> addresses() throws ErrnoException {
        RouteBatch request = new RouteBatch();
        request.begin(RouteBatch.RTM_GETADDR, NetlinkBatch.NLM_F_DUMP, "list addresses");
        request.putInt(RouteBatch.AF_UNSPEC);
        request.putInt(0);
        List<InterfaceAddress> addresses = new ArrayList<>();
        socket.dump(request, addresses::clear, (type, payload) -> addAddress(addresses, type, payload));
        return addresses;
    }

    private static void addAddress(List<InterfaceAddress> addresses, int type, ByteBuffer payload) {
        if (type != RouteBatch.RTM_NEWADDR || payload.remaining() < 8) {
            return;
        }
        int start = payload.position();
        int prefix = Byte.toUnsignedInt(payload.get(start + 1));
        int scope = Byte.toUnsignedInt(payload.get(start + 3));
        int index = payload.getInt(start + 4);
        payload.position(start + 8);
        Attributes attributes = new Attributes(payload);
        byte[] local = attributes.bytes(RouteBatch.IFA_LOCAL);
        byte[] address = local == null ? attributes.bytes(RouteBatch.IFA_ADDRESS) : local;
        if (address != null) {
            addresses.add(new InterfaceAddress(index, inet(address), prefix, scope));
        }
    }

    /** All unicast routes of all tables. */
    public List<Route> routes() throws ErrnoException {
        RouteBatch request = new RouteBatch();
        request.begin(RouteBatch.RTM_GETROUTE, NetlinkBatch.NLM_F_DUMP, "list routes");
        request.putInt(RouteBatch.AF_UNSPEC);
        request.putInt(0);
        request.putInt(0);
        List<Route> routes = new ArrayList<>();
        socket.dump(request, routes::clear, (type, payload) -> addRoute(routes, type, payload));
        return routes;
    }

    private static void addRoute(List<Route> routes, int type, ByteBuffer payload) {
        int start = payload.position();
        if (type != RouteBatch.RTM_NEWROUTE || payload.remaining() < 12 || payload.get(start + 7) != RTN_UNICAST) {
            return;
        }
        int family = payload.get(start);
        if (family != RouteBatch.AF_INET && family != RouteBatch.AF_INET6) {
            return;
        }
        int prefix = Byte.toUnsignedInt(payload.get(start + 1));
        int table = Byte.toUnsignedInt(payload.get(start + 4));
        payload.position(start + 12);
        Attributes attributes = new Attributes(payload);
        byte[] destination = attributes.bytes(RouteBatch.RTA_DST);
        byte[] gateway = attributes.bytes(RouteBatch.RTA_GATEWAY);
        routes.add(new Route(
                inet(destination == null ? new byte[family == RouteBatch.AF_INET ? 4 : 16] : destination),
                prefix,
                attributes.int32(RouteBatch.RTA_TABLE, table),
                attributes.int32(RouteBatch.RTA_OIF, 0),
                gateway == null ? null : inet(gateway)));
    }

    private static InetAddress inet(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the kernel sent an address of " + address.length + " bytes", e);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
