package trefoil.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import trefoil.linux.FileDescriptor;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;
import trefoil.linux.tap.Tap;

/** Machines on the bridge: a process that holds the tap, and a guest that knows nothing but its card. */
@Timeout(60)
class TapCableTest {
    /** What udhcpc(8) is told goes into the interface; of the environment it is given, the gateway and the server of names go to its output. */
    private static final String SCRIPT =
            """
            #!/bin/busybox sh
            if [ "$1" = bound ]; then
              busybox ip addr add $ip/$mask dev $interface
              busybox ip route add default via $router
              echo "bound ip=$ip router=$router dns=$dns mtu=$mtu domain=$domain"
            fi
            """;

    private Sandbox sandbox;
    private NetworkSpec net;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs the kernel's module tun");
        sandbox = new Sandbox();
        net = sandbox.up("default");
    }

    @AfterEach
    void close() throws Exception {
        if (sandbox != null) {
            sandbox.close();
        }
    }

    private String gateway() {
        return Prefix.text(Prefix.parse(net.ipv4()).address());
    }

    private Attachment machine(String name, String... taken) throws Exception {
        Attachment a = sandbox.networks.place(net, name, Set.of(taken));
        sandbox.onHost(() -> sandbox.networks.attachTap(net, a, Rates.NONE));
        return a;
    }

    private Link link(String name) throws Exception {
        return sandbox.fromHost(() -> {
            try (RouteSocket route = RouteSocket.open()) {
                return route.link(name).orElse(null);
            }
        });
    }

    private Tap held(Attachment a) throws Exception {
        return sandbox.fromHost(() -> Tap.open(a.hostInterface()));
    }

    /** A namespace whose eth0 is the card of the machine at the other end of the tap. */
    private FileDescriptor guest() throws Exception {
        FileDescriptor namespace = sandbox.namespace();
        sandbox.must(namespace, "busybox", "ip", "link", "set", "lo", "up");
        return namespace;
    }

    private Tap card(FileDescriptor namespace, String mac) throws Exception {
        return sandbox.in(namespace, () -> {
            Tap card = Tap.open("eth0");
            try (RouteSocket route = RouteSocket.open()) {
                int index = route.link("eth0").orElseThrow().index();
                route.run(new RouteBatch().hardwareAddress(index, mac).up(index));
            }
            return card;
        });
    }

    private String lease(FileDescriptor namespace) throws Exception {
        Path script = Files.writeString(sandbox.run.resolve("udhcpc"), SCRIPT);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return sandbox.must(namespace, "busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "10", "-T", "1", "-O", "mtu", "-s", script.toString());
    }

    @Test
    void aGuestGetsItsAddressByDhcpAndReachesItsNeighboursByName() throws Exception {
        Attachment a = machine("vm1");
        Sandbox.Guest neighbour = sandbox.guest(net, "db1", Set.of(a.ipv4()));
        FileDescriptor namespace = guest();
        try (Tap tap = held(a); Tap card = card(namespace, a.mac()); Wire wire = new Wire(tap, card)) {
            assertThat(wire.isWhole()).isTrue();
            assertThat(lease(namespace)).contains("bound ip=" + a.ipv4() + " router=" + gateway() + " dns=" + gateway() + " mtu=1500 domain=trefoil");
            assertThat(sandbox.pings(namespace, gateway())).as("the host").isTrue();
            assertThat(sandbox.pings(namespace, neighbour.ipv4())).as("an OS-level server").isTrue();
            assertThat(sandbox.pings(neighbour.namespace(), a.ipv4())).as("from an OS-level server").isTrue();
            assertThat(Talk.resolve(sandbox, namespace, gateway(), "db1", Talk.A)).containsExactly(neighbour.ipv4());
            assertThat(Talk.resolve(sandbox, neighbour.namespace(), gateway(), "vm1", Talk.A)).containsExactly(a.ipv4());
            Traffic traffic = sandbox.networks.traffic(a);
            assertThat(traffic.received()).isGreaterThan(300);
            assertThat(traffic.transmitted()).isGreaterThan(300);

            sandbox.must(namespace, "busybox", "ip", "addr", "add", neighbour.ipv4() + "/22", "dev", "eth0");
            assertThat(sandbox.command(namespace, "busybox", "ping", "-c", "1", "-W", "1", "-I", neighbour.ipv4(), gateway()).status()).as("under another's address").isNotZero();
            sandbox.must(namespace, "busybox", "ip", "link", "set", "eth0", "address", "02:00:00:00:00:77");
            assertThat(sandbox.pings(namespace, gateway())).as("with another hardware address").isFalse();
        }
    }

    @Test
    void aStrangerGetsNoLease() throws Exception {
        Attachment a = machine("vm1");
        FileDescriptor namespace = guest();
        try (Tap tap = held(a); Tap card = card(namespace, "02:00:00:00:00:77"); Wire wire = new Wire(tap, card)) {
            assertThat(wire.isWhole()).isTrue();
            assertThat(sandbox.command(namespace, "busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "2", "-T", "1", "-s", "/bin/true").status()).isNotZero();
        }
    }

    @Test
    void theTapIsAPortThatTellsWhoHoldsIt() throws Exception {
        Attachment a = sandbox.networks.place(net, "vm1", Set.of());
        assertThat(sandbox.networks.tap(a)).isEqualTo(TapState.ABSENT);
        sandbox.onHost(() -> sandbox.networks.attachTap(net, a, Rates.NONE));
        assertThat(sandbox.networks.tap(a)).isEqualTo(TapState.IDLE);
        Link port = link(a.hostInterface());
        assertThat(port.master()).isEqualTo(link(net.bridge()).index());
        assertThat(port.mtu()).isEqualTo(link(net.bridge()).mtu());
        assertThat(port.up()).isTrue();
        assertThat(port.mac()).as("the host's own").isNotEqualTo(a.mac());
        try (Tap tap = held(a)) {
            assertThat(tap.descriptor().isOpen()).isTrue();
            assertThat(sandbox.networks.tap(a)).isEqualTo(TapState.HELD);
        }
        assertThat(sandbox.networks.tap(a)).isEqualTo(TapState.IDLE);
        sandbox.onHost(() -> sandbox.networks.detach(net, a));
        sandbox.onHost(() -> sandbox.networks.detach(net, a));
        assertThat(sandbox.networks.tap(a)).isEqualTo(TapState.ABSENT);
        assertThat(sandbox.command(sandbox.host, "nft", "list", "set", "bridge", Ruleset.tableName(sandbox.tag), "ports").output()).doesNotContain(a.hostInterface());
    }

    @Test
    void aMachineThatRunsKeepsItsTapWhateverHappensToTheRest() throws Exception {
        Attachment a = machine("vm1");
        FileDescriptor namespace = guest();
        int index = link(a.hostInterface()).index();
        try (Tap tap = held(a); Tap card = card(namespace, a.mac()); Wire wire = new Wire(tap, card)) {
            lease(namespace);
            sandbox.onHost(() -> sandbox.networks.attachTap(net, a, new Rates(null, 80_000_000L)));
            assertThat(link(a.hostInterface()).index()).as("attached again").isEqualTo(index);
            sandbox.must(sandbox.host, "busybox", "ip", "link", "delete", net.bridge());
            sandbox.onHost(() -> {
                try (Networks restarted = Networks.open(sandbox.run, sandbox.tag)) {
                    restarted.up(net);
                    assertThat(restarted.tap(a)).isEqualTo(TapState.HELD);
                }
            });
            assertThat(link(a.hostInterface())).satisfies(port -> assertThat(port.index()).isEqualTo(index)).satisfies(port -> assertThat(port.master()).isPositive());
            assertThat(sandbox.pings(namespace, gateway())).isTrue();
            sandbox.must(sandbox.host, "nft", "flush", "ruleset");
            sandbox.onHost(() -> sandbox.networks.attachTap(net, a, Rates.NONE));
            assertThat(sandbox.command(sandbox.host, "nft", "list", "set", "bridge", Ruleset.tableName(sandbox.tag), "ports").output()).contains(a.hostInterface());
            assertThat(sandbox.pings(namespace, gateway())).isTrue();
            sandbox.onHost(() -> sandbox.networks.detach(net, a));
            assertThat(sandbox.networks.tap(a)).isEqualTo(TapState.ABSENT);
            assertThat(wire.isWhole()).as("a deleted tap ends the cable").isFalse();
        }
    }

    @Test
    void aVethOfAFormerServerGivesWayAndATapOfAFormerMachineToo() throws Exception {
        Sandbox.Guest server = sandbox.guest(net, "s", Set.of());
        sandbox.onHost(() -> sandbox.networks.attachTap(net, server.attachment(), Rates.NONE));
        assertThat(sandbox.networks.tap(server.attachment())).isEqualTo(TapState.IDLE);
        sandbox.onHost(() -> sandbox.networks.attach(net, server.attachment(), sandbox.namespace(), Rates.NONE));
        assertThat(link(server.attachment().hostInterface()).kind()).isEqualTo("veth");
    }

    @Test
    void manyMachinesComeAndLeaveAtOnce() throws Exception {
        List<Attachment> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.add(sandbox.networks.place(net, "vm" + i, all.stream().map(Attachment::ipv4).collect(Collectors.toSet())));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(all.size())) {
            all(threads, all, a -> sandbox.networks.attachTap(net, a, Rates.NONE));
            for (Attachment a : all) {
                assertThat(sandbox.networks.tap(a)).isEqualTo(TapState.IDLE);
            }
            all(threads, all, a -> sandbox.networks.detach(net, a));
            for (Attachment a : all) {
                assertThat(sandbox.networks.tap(a)).isEqualTo(TapState.ABSENT);
            }
        }
    }

    @FunctionalInterface
    private interface Step {
        void run(Attachment a) throws Exception;
    }

    private void all(ExecutorService threads, List<Attachment> all, Step step) throws Exception {
        List<Callable<Void>> steps = new ArrayList<>();
        for (Attachment a : all) {
            steps.add(() -> {
                sandbox.onHost(() -> step.run(a));
                return null;
            });
        }
        for (Future<Void> done : threads.invokeAll(steps)) {
            Sandbox.result(done);
        }
    }

    @Test
    void noTapIsLeftBehind() throws Exception {
        Attachment a = machine("vm1");
        Attachment b = machine("vm2", a.ipv4());
        sandbox.onHost(() -> sandbox.networks.detach(net, a));
        try (Tap orphan = sandbox.fromHost(() -> Tap.open(a.hostInterface()))) {
            orphan.persist();
        }
        sandbox.onHost(() -> sandbox.networks.purge(List.of(net)));
        assertThat(link(a.hostInterface())).isNull();
        assertThat(link(b.hostInterface())).isNull();
    }

    @Test
    void whatIsRefusedMakesNoTap() throws Exception {
        Attachment a = sandbox.networks.place(net, "vm1", Set.of());
        Attachment wrong = new Attachment(a.network(), a.serverName(), a.hostInterface(), "01:00:00:00:00:01", a.ipv4(), a.ipv6());
        assertThatThrownBy(() -> sandbox.onHost(() -> sandbox.networks.attachTap(net, wrong, Rates.NONE))).isInstanceOf(NetworkException.class);
        assertThat(sandbox.networks.tap(a)).isEqualTo(TapState.ABSENT);
    }
}
