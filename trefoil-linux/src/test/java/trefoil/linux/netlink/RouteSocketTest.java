package trefoil.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.namespace.NetworkNamespace;

class RouteSocketTest {
    private FileDescriptor namespace;
    private RouteSocket socket;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/1/environ")), "needs root for network namespaces");
        namespace = NetworkNamespace.create();
        socket = NetworkNamespace.routeSocket(namespace);
    }

    @AfterEach
    void close() {
        if (socket != null) {
            socket.close();
            namespace.close();
        }
    }

    @Test
    void aBatchOfChangesIsSeenInTheListings() throws Exception {
        socket.run(new RouteBatch().bridge("b0", "02:00:00:00:00:01", 1400).up("b0"));
        Link bridge = socket.link("b0").orElseThrow();
        assertThat(bridge.kind()).isEqualTo("bridge");
        assertThat(bridge.mac()).isEqualTo("02:00:00:00:00:01");
        assertThat(bridge.mtu()).isEqualTo(1400);
        assertThat(bridge.up()).isTrue();
        InetAddress address = InetAddress.ofLiteral("192.0.2.1");
        InetAddress gateway = InetAddress.ofLiteral("192.0.2.9");
        socket.run(new RouteBatch().address(bridge.index(), address, 24).address(bridge.index(), address, 24)
                .defaultRoute(bridge.index(), gateway));
        assertThat(socket.addresses()).contains(new InterfaceAddress(bridge.index(), address, 24, InterfaceAddress.GLOBAL));
        assertThat(socket.routes()).anyMatch(r -> r.prefix() == 0 && gateway.equals(r.gateway()) && r.index() == bridge.index());
        socket.run(new RouteBatch().deleteAddress(bridge.index(), address, 24).deleteLink("b0"));
        assertThat(socket.link("b0")).isEmpty();
        assertThat(socket.addresses()).noneMatch(a -> a.address().equals(address));
    }

    @Test
    void aPairReachesIntoAnotherNamespace() throws Exception {
        socket.run(new RouteBatch().bridge("b0", "02:00:00:00:00:01", 1500));
        int bridge = socket.link("b0").orElseThrow().index();
        try (FileDescriptor other = NetworkNamespace.create(); RouteSocket inside = NetworkNamespace.routeSocket(other)) {
            socket.run(new RouteBatch().veth("v0", bridge, 1500, "eth0", "02:00:00:00:00:02", other));
            assertThat(socket.link("v0").orElseThrow().master()).isEqualTo(bridge);
            assertThat(socket.link("eth0")).isEmpty();
            assertThat(inside.link("eth0").orElseThrow().mac()).isEqualTo("02:00:00:00:00:02");
            assertThat(inside.link("eth0").orElseThrow().up()).isFalse();
        }
    }

    @Test
    void theFirstRefusalIsReportedAndTheRestIsDone() throws Exception {
        RouteBatch batch = new RouteBatch().bridge("b0", "02:00:00:00:00:01", 1500).deleteLink("absent").deleteLink("absent2")
                .bridge("b1", "02:00:00:00:00:02", 1500);
        assertThatThrownBy(() -> socket.run(batch)).isInstanceOfSatisfying(ErrnoException.class, e -> {
            assertThat(e.errno()).isEqualTo(Errno.ENODEV);
            assertThat(e.getMessage()).contains("delete absent:");
        });
        assertThat(socket.links()).extracting(Link::name).contains("b0", "b1");
        socket.run(new RouteBatch().deleteLink("b1")); // the socket is in step after a refusal
    }

    @Test
    void aGroupIsDeletedAtOnceAndOthersStay() throws Exception {
        int group = 0x7ef0_11ed;
        socket.run(new RouteBatch().ifb("in0", 1500).ifb("in1", 1500).ifb("out", 1500).group("in0", group).group("in1", group));
        socket.run(new RouteBatch().deleteGroup(group));
        assertThat(socket.links()).extracting(Link::name).contains("out").doesNotContain("in0", "in1");
        assertThatThrownBy(() -> socket.run(new RouteBatch().deleteGroup(group)))
                .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThatThrownBy(() -> socket.run(new RouteBatch().group("absent", group)))
                .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
    }

    @Test
    void hundredsOfInterfacesFillSeveralAnswers() throws Exception {
        RouteBatch batch = new RouteBatch();
        for (int i = 0; i < 120; i++) {
            batch.ifb("many" + i, 1500);
        }
        socket.run(batch);
        List<String> names = socket.links().stream().map(Link::name).filter(n -> n.startsWith("many")).toList();
        assertThat(names).hasSize(120).doesNotHaveDuplicates();
    }

    @Test
    void setsThatDoNotExistRefuseTheWholeTransaction() throws Exception {
        try (NftSocket nft = NetworkNamespace.call(namespace, NftSocket::open)) {
            assertThat(nft.baseChains()).isEmpty();
            NftBatch batch = new NftBatch().addElement(NftBatch.BRIDGE, "absent", "set", new byte[4])
                    .addElement(NftBatch.BRIDGE, "absent", "set", new byte[4]);
            assertThatThrownBy(() -> nft.run(batch)).isInstanceOfSatisfying(ErrnoException.class,
                    e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
            assertThat(nft.baseChains()).isEmpty();
        }
    }
}
