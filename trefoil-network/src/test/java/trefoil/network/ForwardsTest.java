package trefoil.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import trefoil.linux.FileDescriptor;

/** Published ports, from everywhere that somebody may call. */
class ForwardsTest {
    private static final String HOST = "198.51.100.2";

    private static Sandbox sandbox;
    private static FileDescriptor world;
    private static NetworkSpec net;
    private static Sandbox.Guest web;
    private static Sandbox.Guest neighbour;
    private static Sandbox.Guest stranger;

    @BeforeAll
    static void servers() throws Exception {
        sandbox = new Sandbox();
        world = sandbox.outside();
        net = sandbox.up("default");
        NetworkSpec other = sandbox.up("other", net.ipv4());
        web = sandbox.guest(net, "web", Set.of());
        neighbour = sandbox.guest(net, "neighbour", Set.of(web.ipv4()));
        stranger = sandbox.guest(other, "stranger", Set.of());
    }

    @AfterAll
    static void close() throws Exception {
        if (sandbox != null) {
            sandbox.close();
        }
    }

    private static void forward(Forward... forwards) throws Exception {
        sandbox.onHost(() -> sandbox.networks.forwards(List.of(forwards)));
    }

    @Test
    void tcpAndUdpReachTheServerFromTheWorldAndStopWhenTheForwardGoes() throws Exception {
        try (ServerSocket tcp = Talk.tcpServer(sandbox, web.namespace(), 80, "web");
                DatagramSocket udp = Talk.udpServer(sandbox, web.namespace(), 5353, "udp web")) {
            assertThat(tcp.isBound() && udp.isBound()).isTrue();
            forward(new Forward("tcp", null, 8080, web.ipv4(), 80), new Forward("udp", HOST, 53053, web.ipv4(), 5353));
            assertThat(Talk.tcp(sandbox, world, HOST, 8080)).isEqualTo("web 198.51.100.1");
            assertThat(Talk.udp(sandbox, world, HOST, 53053, new byte[] {1})).isEqualTo("udp web");
            forward();
            assertThat(Talk.tcp(sandbox, world, HOST, 8080)).isEmpty();
            assertThat(Talk.udp(sandbox, world, HOST, 53053, new byte[] {1})).isEmpty();
        }
    }

    @Test
    void thePortAnswersOnTheHostItselfOnLocalhostAndForServers() throws Exception {
        try (ServerSocket tcp = Talk.tcpServer(sandbox, web.namespace(), 80, "web")) {
            assertThat(tcp.isBound()).isTrue();
            forward(new Forward("tcp", null, 8081, web.ipv4(), 80));
            assertThat(Talk.tcp(sandbox, sandbox.host, HOST, 8081)).as("host, own address").startsWith("web ");
            assertThat(Talk.tcp(sandbox, sandbox.host, "127.0.0.1", 8081)).as("host, localhost").startsWith("web ");
            assertThat(Talk.tcp(sandbox, neighbour.namespace(), HOST, 8081)).as("neighbour, hairpin").startsWith("web ");
            assertThat(Talk.tcp(sandbox, stranger.namespace(), HOST, 8081)).as("a server of another network").startsWith("web ");
            assertThat(Talk.tcp(sandbox, stranger.namespace(), web.ipv4(), 80)).as("not past the publication").isEmpty();
        }
    }

    @Test
    void anIpv6AddressOfTheHostLeadsToTheServersAndNoOtherAddressDoes() throws Exception {
        try (ServerSocket tcp = Talk.tcpServer(sandbox, web.namespace(), 80, "web")) {
            assertThat(tcp.isBound()).isTrue();
            forward(new Forward("tcp", "2001:db8::2", 8086, web.ipv6(), 80));
            assertThat(fromTheWorld("2001:db8::2", 8086)).isEqualTo("web 2001:db8:0:0:0:0:0:1");
            assertThat(Talk.tcp(sandbox, sandbox.host, "2001:db8::2", 8086)).as("host itself").startsWith("web ");
            assertThat(Talk.tcp(sandbox, world, HOST, 8086)).as("by IPv4").isEmpty();
        }
    }

    /** A fresh IPv6 address answers when duplicate address detection is done with it (RFC 4862, section 5.4). */
    private static String fromTheWorld(String address, int port) throws Exception {
        String answer = "";
        for (long end = System.nanoTime() + 20_000_000_000L; answer.isEmpty() && System.nanoTime() < end; ) {
            answer = Talk.tcp(sandbox, world, address, port);
        }
        return answer;
    }

    @Test
    void serversCannotReachTheHostsLocalhostWhileAPortIsPublishedThere() throws Exception {
        try (ServerSocket secret = sandbox.fromHost(() -> {
            ServerSocket made = new ServerSocket();
            made.bind(new InetSocketAddress("127.0.0.1", 9999));
            return made;
        })) {
            assertThat(secret.isBound()).isTrue();
            forward(new Forward("tcp", null, 8082, web.ipv4(), 80));
            sandbox.must(web.namespace(), "ip", "link", "set", "lo", "down");
            sandbox.must(web.namespace(), "ip", "addr", "flush", "dev", "lo");
            sandbox.must(web.namespace(), "ip", "route", "replace", "127.0.0.0/8", "via",
                    Prefix.text(Prefix.parse(net.ipv4()).address()), "dev", "eth0", "src", web.ipv4());
            sandbox.must(web.namespace(), "sysctl", "-q", "net.ipv4.conf.all.route_localnet=1");
            assertThat(Talk.tcp(sandbox, web.namespace(), "127.0.0.1", 9999)).isEmpty();
            String rules = sandbox.must(sandbox.host, "nft", "list", "table", "inet", Ruleset.tableName(sandbox.tag));
            assertThat(rules).contains("ip daddr 127.0.0.0/8 drop");
        } finally {
            sandbox.must(web.namespace(), "ip", "route", "flush", "127.0.0.0/8");
            sandbox.must(web.namespace(), "ip", "link", "set", "lo", "up");
        }
    }

    @Test
    void aPortThatTheHostListensOnIsRefusedAndNothingChanges() throws Exception {
        forward(new Forward("tcp", null, 8083, web.ipv4(), 80));
        String before = sandbox.must(sandbox.host, "nft", "list", "ruleset");
        try (ServerSocket busy = sandbox.fromHost(() -> new ServerSocket(8084));
                DatagramSocket udp = sandbox.fromHost(() -> new DatagramSocket(8085))) {
            assertThat(busy.isBound() && udp.isBound()).isTrue();
            assertThatThrownBy(() -> forward(new Forward("tcp", null, 8083, web.ipv4(), 80), new Forward("tcp", null, 8084, web.ipv4(), 80)))
                    .isInstanceOf(NetworkException.class).hasMessageContaining("tcp port 8084 of the host is in use");
            assertThatThrownBy(() -> forward(new Forward("udp", HOST, 8085, web.ipv4(), 80)))
                    .isInstanceOf(NetworkException.class).hasMessageContaining("udp port 8085");
        }
        assertThat(sandbox.must(sandbox.host, "nft", "list", "ruleset")).isEqualTo(before);
    }

    @Test
    void malformedAndDoubleWishesAreRefused() {
        assertRefused("wanted twice", new Forward("tcp", null, 90, web.ipv4(), 80), new Forward("tcp", HOST, 90, neighbour.ipv4(), 80));
        assertRefused("must be tcp or udp", new Forward("sctp", null, 90, web.ipv4(), 80));
        assertRefused("ports are 1", new Forward("tcp", null, 0, web.ipv4(), 80));
        assertRefused("ports are 1", new Forward("tcp", null, 90, web.ipv4(), 65536));
        assertRefused("not an IPv4 or IPv6 address", new Forward("tcp", null, 90, "1.2.3.4; flush ruleset", 80));
        assertRefused("not an IPv4 or IPv6 address", new Forward("tcp", "localhost", 90, web.ipv4(), 80));
        assertRefused("different IP versions", new Forward("tcp", "2001:db8::2", 90, web.ipv4(), 80));
        assertRefused("no port can be published on [::1]: the kernel drops", new Forward("tcp", "::1", 90, web.ipv6(), 80));
    }

    private static void assertRefused(String why, Forward... forwards) {
        assertThatThrownBy(() -> forward(forwards)).isInstanceOf(NetworkException.class).hasMessageContaining(why);
    }
}
