package trefoil.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.linux.FileDescriptor;

class NetworksTest {
    private Sandbox sandbox;

    @BeforeEach
    void open() throws Exception {
        sandbox = new Sandbox();
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
    }

    @Test
    void serversOfOneNetworkReachEachOtherTheHostAndTheWorld() throws Exception {
        FileDescriptor world = sandbox.outside();
        NetworkSpec net = sandbox.up("default");
        Sandbox.Guest a = sandbox.guest(net, "db1", Set.of());
        Sandbox.Guest b = sandbox.guest(net, "db2", Set.of(a.ipv4(), a.ipv6()));

        assertThat(a.ipv4()).isNotEqualTo(b.ipv4());
        assertThat(sandbox.pings(a.namespace(), b.ipv4())).as("neighbour by IPv4").isTrue();
        assertThat(sandbox.pings(a.namespace(), b.ipv6())).as("neighbour by IPv6").isTrue();
        assertThat(sandbox.pings(a.namespace(), Prefix.text(Prefix.parse(net.ipv4()).address()))).as("gateway").isTrue();
        assertThat(sandbox.pings(a.namespace(), "198.51.100.1")).as("world by IPv4").isTrue();
        assertThat(sandbox.pings(a.namespace(), "2001:db8::1")).as("world by IPv6").isTrue();
        assertThat(sandbox.pings(world, a.ipv4())).as("world to a server behind NAT").isFalse();
        assertThat(sandbox.networks.addresses(a.namespace())).isEqualTo(List.of(a.ipv4(), a.ipv6()));
        Traffic traffic = sandbox.networks.traffic(a.attachment());
        assertThat(traffic.received()).isGreaterThan(300);
        assertThat(traffic.transmitted()).isGreaterThan(300);
    }
}
