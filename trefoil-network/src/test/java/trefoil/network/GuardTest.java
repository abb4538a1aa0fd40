package trefoil.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;

/** A hostile server on the same bridge as an innocent one: every forged frame is followed by an honest one that must arrive. */
class GuardTest {
    private static final int IPV4 = 0x0800;
    private static final int ARP = 0x0806;
    private static final int IPV6 = 0x86dd;
    private static final String BROADCAST = "ff:ff:ff:ff:ff:ff";
    private static final String ALL_NODES = "33:33:00:00:00:01";

    private static Sandbox sandbox;
    private static NetworkSpec net;
    private static Sandbox.Guest evil;
    private static Sandbox.Guest limited;
    private static Sandbox.Guest victim;
    private static String gateway;

    @BeforeAll
    static void servers() throws Exception {
        sandbox = new Sandbox();
        net = sandbox.up("default");
        gateway = Prefix.text(Prefix.parse(net.ipv4()).address());
        victim = sandbox.guest(net, "victim", Set.of());
        evil = sandbox.guest(net, "evil", Set.of(victim.ipv4()));
        limited = sandbox.guest(net, "limited", Set.of(victim.ipv4(), evil.ipv4()), new Rates(null, 100_000_000L));
    }

    @AfterAll
    static void close() throws Exception {
        if (sandbox != null) {
            sandbox.close();
        }
    }

    private static void assertDropped(Sandbox.Guest sender, byte[] frame, int type, byte[] payload) throws Exception {
        byte[] honest = PacketSocket.udp(sender.ipv4(), victim.ipv4(), 4000, 4000, "honest".getBytes(StandardCharsets.US_ASCII));
        try (PacketSocket from = PacketSocket.open(sender.namespace()); PacketSocket to = PacketSocket.open(victim.namespace())) {
            from.send(frame);
            from.send(PacketSocket.frame(victim.attachment().mac(), sender.attachment().mac(), IPV4, honest));
            boolean[] forged = new boolean[1];
            assertThat(to.receive(f -> {
                forged[0] |= PacketSocket.carries(f, type, payload);
                return PacketSocket.carries(f, IPV4, honest);
            })).as("the honest frame behind the forged one").isPresent();
            assertThat(forged[0]).as("the forged frame arrived").isFalse();
        }
    }

    private static void assertForwarded(byte[] frame, int type, byte[] payload) throws Exception {
        try (PacketSocket from = PacketSocket.open(evil.namespace()); PacketSocket to = PacketSocket.open(victim.namespace())) {
            from.send(frame);
            assertThat(to.receive(f -> PacketSocket.carries(f, type, payload))).isPresent();
        }
    }

    @Test
    void anothersIpv4AddressIsDropped() throws Exception {
        byte[] packet = PacketSocket.udp(gateway, victim.ipv4(), 53, 53, new byte[] {1});
        for (Sandbox.Guest sender : new Sandbox.Guest[] {evil, limited}) {
            assertDropped(sender, PacketSocket.frame(victim.attachment().mac(), sender.attachment().mac(), IPV4, packet), IPV4, packet);
        }
    }

    @Test
    void withoutTheGuardForgedFramesArrive() throws Exception {
        Sandbox open = new Sandbox();
        try (open) {
            NetworkSpec plain = open.up("default");
            Sandbox.Guest to = open.guest(plain, "to", Set.of());
            Sandbox.Guest from = open.guest(plain, "from", Set.of(to.ipv4()));
            open.must(open.host, "nft", "flush", "chain", "bridge", Ruleset.tableName(open.tag), "guard");
            byte[] forged = PacketSocket.udp(Prefix.text(Prefix.parse(plain.ipv4()).address()), to.ipv4(), 53, 53, new byte[] {1});
            try (PacketSocket out = PacketSocket.open(from.namespace()); PacketSocket in = PacketSocket.open(to.namespace())) {
                out.send(PacketSocket.frame(to.attachment().mac(), from.attachment().mac(), IPV4, forged));
                assertThat(in.receive(f -> PacketSocket.carries(f, IPV4, forged))).as("the test's own power to see").isPresent();
            }
        }
    }

    @Test
    void anothersHardwareAddressIsDropped() throws Exception {
        byte[] packet = PacketSocket.udp(evil.ipv4(), victim.ipv4(), 9, 9, new byte[] {2});
        assertDropped(evil, PacketSocket.frame(BROADCAST, "02:00:00:00:00:99", IPV4, packet), IPV4, packet);
    }

    @Test
    void arpForAnothersAddressIsDropped() throws Exception {
        byte[] claim = PacketSocket.arp(evil.attachment().mac(), gateway);
        assertDropped(evil, PacketSocket.frame(BROADCAST, evil.attachment().mac(), ARP, claim), ARP, claim);
        byte[] own = PacketSocket.arp(evil.attachment().mac(), evil.ipv4());
        assertForwarded(PacketSocket.frame(BROADCAST, evil.attachment().mac(), ARP, own), ARP, own);
    }

    @Test
    void arpThatNamesAnothersHardwareAddressIsDropped() throws Exception {
        byte[] claim = PacketSocket.arp(victim.attachment().mac(), evil.ipv4());
        assertDropped(evil, PacketSocket.frame(BROADCAST, evil.attachment().mac(), ARP, claim), ARP, claim);
    }

    @Test
    void answersOfARogueDhcpServerAreDropped() throws Exception {
        byte[] offer = PacketSocket.udp(evil.ipv4(), "255.255.255.255", 67, 68, new byte[240]);
        assertDropped(evil, PacketSocket.frame(BROADCAST, evil.attachment().mac(), IPV4, offer), IPV4, offer);
    }

    @Test
    void routerAdvertisementsAreDroppedBehindExtensionHeadersToo() throws Exception {
        byte[] advertisement = new byte[16];
        advertisement[0] = (byte) 134;
        String own = Prefix.text(AddressPlan.linkLocal(evil.attachment().mac()));
        for (int headers = 0; headers <= 2; headers++) {
            byte[] packet = PacketSocket.icmp6(own, "ff02::1", advertisement, headers);
            assertDropped(evil, PacketSocket.frame(ALL_NODES, evil.attachment().mac(), IPV6, packet), IPV6, packet);
        }
        byte[] echo = PacketSocket.icmp6(own, "ff02::1", new byte[] {(byte) 128, 0, 0, 0, 0, 1, 0, 1}, 1);
        assertForwarded(PacketSocket.frame(ALL_NODES, evil.attachment().mac(), IPV6, echo), IPV6, echo);
    }

    private static byte[] advertisementOf(String target) {
        return ByteBuffer.allocate(32).put((byte) 136).put((byte) 0).putShort((short) 0).putInt(0x20000000)
                .put(Prefix.literal(target).getAddress()).put((byte) 2).put((byte) 1).put(PacketSocket.mac(evil.attachment().mac())).array();
    }

    @Test
    void neighbourAdvertisementsForAnothersAddressAreDropped() throws Exception {
        for (String target : new String[] {victim.ipv6(), Prefix.text(Prefix.parse(net.ipv6()).address())}) {
            byte[] packet = PacketSocket.icmp6(evil.ipv6(), "ff02::1", advertisementOf(target), 0);
            assertDropped(evil, PacketSocket.frame(ALL_NODES, evil.attachment().mac(), IPV6, packet), IPV6, packet);
        }
        byte[] own = PacketSocket.icmp6(evil.ipv6(), "ff02::1", advertisementOf(evil.ipv6()), 0);
        assertForwarded(PacketSocket.frame(ALL_NODES, evil.attachment().mac(), IPV6, own), IPV6, own);
    }

    @Test
    void anothersIpv6AddressIsDroppedAndAPrivacyAddressPasses() throws Exception {
        byte[] echo = {(byte) 128, 0, 0, 0, 0, 2, 0, 2};
        byte[] forged = PacketSocket.icmp6(Prefix.text(Prefix.parse(net.ipv6()).address()), victim.ipv6(), echo, 0);
        assertDropped(evil, PacketSocket.frame(victim.attachment().mac(), evil.attachment().mac(), IPV6, forged), IPV6, forged);
        byte[] foreign = PacketSocket.icmp6("2001:db8::77", victim.ipv6(), echo, 0);
        assertDropped(evil, PacketSocket.frame(victim.attachment().mac(), evil.attachment().mac(), IPV6, foreign), IPV6, foreign);
        String temporary = Prefix.text(Prefix.parse(net.ipv6()).host(new BigInteger("123456789abcdef", 16)));
        byte[] fresh = PacketSocket.icmp6(temporary, victim.ipv6(), echo, 0);
        assertForwarded(PacketSocket.frame(victim.attachment().mac(), evil.attachment().mac(), IPV6, fresh), IPV6, fresh);
    }

    @Test
    void framesOfOtherProtocolsAndVlansAreDropped() throws Exception {
        byte[] inner = PacketSocket.udp(gateway, victim.ipv4(), 9, 9, new byte[] {3});
        byte[] tagged = ByteBuffer.allocate(4 + inner.length).putShort((short) 7).putShort((short) IPV4).put(inner).array();
        assertDropped(evil, PacketSocket.frame(BROADCAST, evil.attachment().mac(), 0x8100, tagged), 0x8100, tagged);
        byte[] odd = "nothing known".getBytes(StandardCharsets.US_ASCII);
        assertDropped(evil, PacketSocket.frame(BROADCAST, evil.attachment().mac(), 0x88b5, odd), 0x88b5, odd);
    }

    @Test
    void aServerThatChangesItsOwnInterfaceOnlyCutsItselfOff() throws Exception {
        Sandbox.Guest shifty = sandbox.guest(net, "shifty", Set.of(victim.ipv4(), evil.ipv4(), limited.ipv4()));
        assertThat(sandbox.pings(shifty.namespace(), victim.ipv4())).isTrue();
        sandbox.in(shifty.namespace(), () -> {
            try (RouteSocket route = RouteSocket.open()) {
                Link eth0 = route.link("eth0").orElseThrow();
                route.run(new RouteBatch().hardwareAddress(eth0.index(), "02:00:00:00:00:77"));
            }
            return null;
        });
        assertThat(sandbox.pings(shifty.namespace(), victim.ipv4())).isFalse();
        assertThat(sandbox.pings(evil.namespace(), victim.ipv4())).isTrue();
    }
}
