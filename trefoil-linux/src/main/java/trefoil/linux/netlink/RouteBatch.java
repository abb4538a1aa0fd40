package trefoil.linux.netlink;

import java.net.InetAddress;
import java.util.HexFormat;
import trefoil.linux.FileDescriptor;

/**
 * Changes to interfaces, addresses, routes and queueing, {@code rtnetlink(7)}. The kernel makes them in this order; one
 * that fails does not keep it from the next ones, {@link RouteSocket#run} reports the first failure.
 */
public final class RouteBatch extends NetlinkBatch {
    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    private static final int RTM_SETLINK = 19;
    static final int RTM_GETLINK = 18;
    static final int RTM_NEWADDR = 20;
    static final int RTM_DELADDR = 21;
    static final int RTM_GETADDR = 22;
    static final int RTM_NEWROUTE = 24;
    static final int RTM_GETROUTE = 26;
    private static final int RTM_NEWQDISC = 36;
    private static final int RTM_DELQDISC = 37;
    private static final int RTM_NEWTFILTER = 44;

    static final int IFLA_ADDRESS = 1;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_MASTER = 10;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_STATS64 = 23;
    static final int IFLA_EXT_MASK = 29;
    static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_GROUP = 27;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_INFO_DATA = 2;
    private static final int IFLA_BR_MCAST_SNOOPING = 23;
    private static final int VETH_INFO_PEER = 1;
    static final int IFF_UP = 1;
    static final int IFF_LOWER_UP = 0x10000;

    static final int IFA_ADDRESS = 1;
    static final int IFA_LOCAL = 2;
    private static final int IFA_BROADCAST = 4;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_F_NODAD = 2;

    static final int RTA_DST = 1;
    static final int RTA_OIF = 4;
    static final int RTA_GATEWAY = 5;
    static final int RTA_TABLE = 15;
    static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_STATIC = 4;
    private static final int RTN_UNICAST = 1;

    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TC_H_ROOT = 0xffffffff;
    private static final int TC_H_INGRESS = 0xfffffff1;
    private static final int INGRESS_HANDLE = 0xffff0000;

    static final int AF_UNSPEC = 0;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    void linkHeader(int index, int flags, int change) {
        putByte(AF_UNSPEC);
        putByte(0);
        putShort(0);
        putInt(index);
        putInt(flags);
        putInt(change);
    }

    private static byte[] mac(String mac) {
        return HexFormat.ofDelimiter(":").parseHex(mac);
    }

    /** A bridge, down, that floods multicast to all its ports; fails with EEXIST when the name is taken. */
    public RouteBatch bridge(String name, String mac, int mtu) {
        begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, "add bridge " + name);
        linkHeader(0, 0, 0);
        attribute(IFLA_IFNAME, name);
        attribute(IFLA_ADDRESS, mac(mac));
        attribute32(IFLA_MTU, mtu);
        open(IFLA_LINKINFO);
        attribute(IFLA_INFO_KIND, "bridge");
        open(IFLA_INFO_DATA);
        attribute8(IFLA_BR_MCAST_SNOOPING, 0);
        close();
        close();
        return this;
    }

    /** An intermediate functional block, the device whose queue shapes what comes in elsewhere; down. */
    public RouteBatch ifb(String name, int mtu) {
        begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, "add ifb " + name);
        linkHeader(0, 0, 0);
        attribute(IFLA_IFNAME, name);
        attribute32(IFLA_MTU, mtu);
        open(IFLA_LINKINFO);
        attribute(IFLA_INFO_KIND, "ifb");
        close();
        return this;
    }

    /**
     * A veth pair whose first end is here, up, a port of the bridge; its other end is born inside a network namespace,
     * down. Fails with EEXIST when either name is taken.
     */
    public RouteBatch veth(
            String name, int bridgeIndex, int mtu, String peerName, String peerMac, FileDescriptor peerNamespace) {
        begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, "add veth " + name + " with peer " + peerName);
        linkHeader(0, IFF_UP, IFF_UP);
        attribute(IFLA_IFNAME, name);
        attribute32(IFLA_MTU, mtu);
        attribute32(IFLA_MASTER, bridgeIndex);
        open(IFLA_LINKINFO);
        attribute(IFLA_INFO_KIND, "veth");
        open(IFLA_INFO_DATA);
        open(VETH_INFO_PEER);
        linkHeader(0, 0, 0);
        attribute(IFLA_IFNAME, peerName);
        attribute(IFLA_ADDRESS, mac(peerMac));
        attribute32(IFLA_MTU, mtu);
        attribute32(IFLA_NET_NS_FD, peerNamespace.number());
        close();
        close();
        close();
        return this;
    }

    /** Sets the interface up. */
    public RouteBatch up(int index) {
        begin(RTM_NEWLINK, 0, "set interface " + index + " up");
        linkHeader(index, IFF_UP, IFF_UP);
        return this;
    }

    /** Sets the interface up. */
    public RouteBatch up(String name) {
        begin(RTM_NEWLINK, 0, "set " + name + " up");
        linkHeader(0, IFF_UP, IFF_UP);
        attribute(IFLA_IFNAME, name);
        return this;
    }

    /** Makes the interface a port of the bridge. */
    public RouteBatch master(int index, int bridgeIndex) {
        begin(RTM_NEWLINK, 0, "make interface " + index + " a port of bridge " + bridgeIndex);
        linkHeader(index, 0, 0);
        attribute32(IFLA_MASTER, bridgeIndex);
        return this;
    }

    /** Gives the interface another hardware address. */
    public RouteBatch hardwareAddress(int index, String mac) {
        begin(RTM_NEWLINK, 0, "set hardware address " + mac + " of interface " + index);
        linkHeader(index, 0, 0);
        attribute(IFLA_ADDRESS, mac(mac));
        return this;
    }

    /** Sets the greatest packet size in bytes. */
    public RouteBatch mtu(int index, int mtu) {
        begin(RTM_NEWLINK, 0, "set interface " + index + " mtu " + mtu);
        linkHeader(index, 0, 0);
        attribute32(IFLA_MTU, mtu);
        return this;
    }

    /** Removes an interface; a veth's other end goes with it. ENODEV when there is none. */
    public RouteBatch deleteLink(String name) {
        begin(RTM_DELLINK, 0, "delete " + name);
        linkHeader(0, 0, 0);
        attribute(IFLA_IFNAME, name);
        return this;
    }

    /** Puts the interface into a group of interfaces; 0 is the one that all begin in. */
    public RouteBatch group(String name, int group) {
        begin(RTM_SETLINK, 0, "put " + name + " into group " + group);
        linkHeader(0, 0, 0);
        attribute(IFLA_IFNAME, name);
        attribute32(IFLA_GROUP, group);
        return this;
    }

    /** Deletes all interfaces of a group at once; ENODEV when there is none. */
    public RouteBatch deleteGroup(int group) {
        begin(RTM_DELLINK, 0, "delete group " + group);
        linkHeader(0, 0, 0);
        attribute32(IFLA_GROUP, group);
        return this;
    }

    /**
     * Gives the interface an address; one that it has already stays. IPv6 without duplicate address detection
     * (RFC 4862, 5.4), so that it is usable at once: the caller vouches that it is unique.
     */
    public RouteBatch address(int index, InetAddress address, int prefix) {
        byte[] bytes = address.getAddress();
        begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE,
                "add address " + address.getHostAddress() + "/" + prefix + " to interface " + index);
        addressHeader(bytes, prefix, index);
        attribute(IFA_LOCAL, bytes);
        attribute(IFA_ADDRESS, bytes);
        if (bytes.length == 16) {
            attribute32(IFA_FLAGS, IFA_F_NODAD);
        } else if (prefix < 31) {
            attribute(IFA_BROADCAST, broadcast(bytes, prefix));
        }
        return this;
    }

    private static byte[] broadcast(byte[] address, int prefix) {
        byte[] all = address.clone();
        for (int bit = prefix; bit < 32; bit++) {
            all[bit / 8] |= (byte) (0x80 >>> (bit % 8));
        }
        return all;
    }

    /** Takes an address away; EADDRNOTAVAIL when the interface has no such. */
    public RouteBatch deleteAddress(int index, InetAddress address, int prefix) {
        byte[] bytes = address.getAddress();
        begin(RTM_DELADDR, 0,
                "delete address " + address.getHostAddress() + "/" + prefix + " of interface " + index);
        addressHeader(bytes, prefix, index);
        attribute(IFA_LOCAL, bytes);
        attribute(IFA_ADDRESS, bytes);
        return this;
    }

    private void addressHeader(byte[] address, int prefix, int index) {
        putByte(family(address));
        putByte(prefix);
        putByte(0);
        putByte(InterfaceAddress.GLOBAL);
        putInt(index);
    }

    private static int family(byte[] address) {
        return address.length == 4 ? AF_INET : AF_INET6;
    }

    /** The default route of the gateway's family, replaced where there is one. */
    public RouteBatch defaultRoute(int index, InetAddress gateway) {
        byte[] bytes = gateway.getAddress();
        begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, "add default route via " + gateway.getHostAddress());
        putByte(family(bytes));
        putByte(0);
        putByte(0);
        putByte(0);
        putByte(RT_TABLE_MAIN);
        putByte(RTPROT_STATIC);
        putByte(InterfaceAddress.GLOBAL);
        putByte(RTN_UNICAST);
        putInt(0);
        attribute32(RTA_OIF, index);
        attribute(RTA_GATEWAY, bytes);
        return this;
    }

    private void queueHeader(int index, int handle, int parent, int info) {
        putByte(AF_UNSPEC);
        putByte(0);
        putShort(0);
        putInt(index);
        putInt(handle);
        putInt(parent);
        putInt(info);
    }

    /**
     * Shapes what leaves by the interface with a token bucket, {@code tc-tbf(8)}; a bucket there already gets the new
     * numbers.
     *
     * @param bytesPerSecond the rate, at least 1
     * @param burst bytes that may leave at once, at least the MTU plus the link header
     * @param limit bytes that may wait
     */
    public RouteBatch tokenBucket(int index, long bytesPerSecond, int burst, int limit) {
        begin(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
                "limit interface " + index + " to " + bytesPerSecond + " bytes/s");
        queueHeader(index, 1 << 16, TC_H_ROOT, 0);
        attribute(TCA_KIND, "tbf");
        open(TCA_OPTIONS);
        TokenBucketDescriptor.put(this, bytesPerSecond, burst, limit);
        close();
        return this;
    }

    /** Back to the interface's own queue; ENOENT when it has no other. */
    public RouteBatch deleteRootQueue(int index) {
        begin(RTM_DELQDISC, 0, "remove the limit of interface " + index);
        queueHeader(index, 0, TC_H_ROOT, 0);
        return this;
    }

    /** Makes room for filters on what comes in by the interface. EEXIST when that was done. */
    public RouteBatch ingressQueue(int index) {
        begin(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, "add ingress queue to interface " + index);
        queueHeader(index, INGRESS_HANDLE, TC_H_INGRESS, 0);
        attribute(TCA_KIND, "ingress");
        return this;
    }

    /** Removes the filters on what comes in. ENOENT or EINVAL when there are none. */
    public RouteBatch deleteIngressQueue(int index) {
        begin(RTM_DELQDISC, 0, "remove the ingress queue of interface " + index);
        queueHeader(index, INGRESS_HANDLE, TC_H_INGRESS, 0);
        return this;
    }

    /** Sends all that comes in by one interface through the queue of another ({@code tc-u32(8)}, {@code tc-mirred(8)}). */
    public RouteBatch redirectIncoming(int index, int toIndex) {
        begin(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL,
                "redirect what comes in by interface " + index + " to interface " + toIndex);
        int priorityAndProtocol = 1 << 16 | Short.toUnsignedInt(Short.reverseBytes((short) 3 /* ETH_P_ALL */));
        queueHeader(index, 0, INGRESS_HANDLE, priorityAndProtocol);
        attribute(TCA_KIND, "u32");
        open(TCA_OPTIONS);
        RedirectDescriptor.put(this, toIndex);
        close();
        return this;
    }
}
