package trefoil.network;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Predicate;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.namespace.NetworkNamespace;
import trefoil.linux.netlink.RouteSocket;

/** Raw frames on {@code eth0} of a server, {@code packet(7)}: what a hostile administrator has. */
final class PacketSocket implements AutoCloseable {
    private static final int SYS_SOCKET = 41;
    private static final int SYS_SENDTO = 44;
    private static final int SYS_RECVFROM = 45;
    private static final int SYS_BIND = 49;
    private static final int SYS_SETSOCKOPT = 54;
    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    private static final short ALL_PROTOCOLS = Short.reverseBytes((short) 3);
    private static final int MILLIS = 300;

    private final FileDescriptor socket;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment inbox = arena.allocate(4096);

    private PacketSocket(FileDescriptor socket) {
        this.socket = socket;
    }

    static PacketSocket open(FileDescriptor namespace) throws IOException {
        return NetworkNamespace.call(namespace, () -> {
            int index;
            try (RouteSocket route = RouteSocket.open()) {
                index = route.link("eth0").orElseThrow().index();
            }
            FileDescriptor fd = new FileDescriptor(
                    (int) Syscall.call("socket", SYS_SOCKET, AF_PACKET, SOCK_RAW, ALL_PROTOCOLS), "packet socket");
            PacketSocket socket = new PacketSocket(fd);
            MemorySegment address = socket.arena.allocate(20, 8);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
            address.set(ValueLayout.JAVA_SHORT, 2, ALL_PROTOCOLS);
            address.set(ValueLayout.JAVA_INT, 4, index);
            Syscall.call("bind", SYS_BIND, fd.number(), address.address(), 20);
            MemorySegment wait = socket.arena.allocateFrom(ValueLayout.JAVA_LONG, 0, MILLIS * 1000L);
            Syscall.call("setsockopt", SYS_SETSOCKOPT, fd.number(), 1, 20, wait.address(), 16, 0);
            return socket;
        });
    }

    void send(byte[] frame) throws IOException {
        try (Arena once = Arena.ofConfined()) {
            MemorySegment out = once.allocateFrom(ValueLayout.JAVA_BYTE, frame);
            Syscall.call("sendto", SYS_SENDTO, socket.number(), out.address(), frame.length, 0, 0, 0);
        }
    }

    /** The first frame that matches, unless none comes for a while. */
    Optional<byte[]> receive(Predicate<byte[]> wanted) throws IOException {
        long end = System.nanoTime() + MILLIS * 1_000_000L * 3;
        while (System.nanoTime() < end) {
            try {
                long n = Syscall.call("recvfrom", SYS_RECVFROM, socket.number(), inbox.address(), 4096, 0, 0, 0);
                byte[] frame = inbox.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
                if (wanted.test(frame)) {
                    return Optional.of(frame);
                }
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EAGAIN) {
                    throw e;
                }
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** An Ethernet frame. */
    static byte[] frame(String to, String from, int type, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(Math.max(60, 14 + payload.length));
        frame.put(mac(to)).put(mac(from)).putShort((short) type).put(payload);
        return frame.array();
    }

    static byte[] mac(String mac) {
        return HexFormat.ofDelimiter(":").parseHex(mac);
    }

    /** An ARP reply that claims an address (RFC 826). */
    static byte[] arp(String mac, String ip) {
        ByteBuffer arp = ByteBuffer.allocate(28);
        arp.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4).putShort((short) 2);
        arp.put(mac(mac)).put(Prefix.literal(ip).getAddress()).put(mac("ff:ff:ff:ff:ff:ff")).put(Prefix.literal(ip).getAddress());
        return arp.array();
    }

    /** An IPv4 packet with a UDP datagram; checksums of UDP are optional and left out. */
    static byte[] udp(String from, String to, int fromPort, int toPort, byte[] data) {
        ByteBuffer ip = ByteBuffer.allocate(28 + data.length);
        ip.put((byte) 0x45).put((byte) 0).putShort((short) ip.capacity()).putInt(0).put((byte) 64).put((byte) 17);
        ip.putShort((short) 0).put(Prefix.literal(from).getAddress()).put(Prefix.literal(to).getAddress());
        ip.putShort(10, checksum(ip.array(), 20, 0));
        ip.putShort((short) fromPort).putShort((short) toPort).putShort((short) (8 + data.length)).putShort((short) 0);
        ip.put(data);
        return ip.array();
    }

    /** An ICMPv6 message in IPv6, behind an optional empty hop-by-hop header. */
    static byte[] icmp6(String from, String to, byte[] message, int extensionHeaders) {
        int extension = 8 * extensionHeaders;
        ByteBuffer ip = ByteBuffer.allocate(40 + extension + message.length);
        ip.putInt(0x60000000).putShort((short) (extension + message.length));
        ip.put((byte) (extensionHeaders > 0 ? 60 : 58)).put((byte) 255);
        byte[] source = Prefix.literal(from).getAddress();
        byte[] target = Prefix.literal(to).getAddress();
        ip.put(source).put(target);
        for (int i = 1; i <= extensionHeaders; i++) { // destination options: next header, length 0, PadN of 4
            ip.put((byte) (i == extensionHeaders ? 58 : 60)).put((byte) 0).put((byte) 1).put((byte) 4).putInt(0);
        }
        ByteBuffer pseudo = ByteBuffer.allocate(40 + message.length);
        pseudo.put(source).put(target).putInt(message.length).putInt(58).put(message);
        byte[] checked = message.clone();
        ByteBuffer.wrap(checked).putShort(2, checksum(pseudo.array(), pseudo.capacity(), 0));
        ip.put(checked);
        return ip.array();
    }

    private static short checksum(byte[] bytes, int length, int start) {
        long sum = 0;
        for (int i = start; i < length; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | (i + 1 < length ? bytes[i + 1] & 0xff : 0);
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (short) ~sum;
    }

    static boolean carries(byte[] frame, int type, byte[] payload) {
        if (frame.length < 14 + payload.length || ByteBuffer.wrap(frame).getShort(12) != (short) type) {
            return false;
        }
        return Arrays.equals(frame, 14, 14 + payload.length, payload, 0, payload.length);
    }

    @Override
    public void close() {
        socket.close();
        arena.close();
    }
}
