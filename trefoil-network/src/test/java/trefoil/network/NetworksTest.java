package trefoil.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.linux.FileDescriptor;
import trefoil.linux.netlink.InterfaceAddress;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;

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

    private static String gateway4(NetworkSpec net) {
        return Prefix.text(Prefix.parse(net.ipv4()).address());
    }

    private static String gateway6(NetworkSpec net) {
        return Prefix.text(Prefix.parse(net.ipv6()).address());
    }

    /** Waits for a condition that the kernel or another process brings about. */
    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("waiting in vain for: " + what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
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
        assertThat(sandbox.pings(a.namespace(), gateway4(net))).as("gateway").isTrue();
        assertThat(sandbox.pings(a.namespace(), "198.51.100.1")).as("world by IPv4").isTrue();
        assertThat(sandbox.pings(a.namespace(), "2001:db8::1")).as("world by IPv6").isTrue();
        sandbox.in(world, () -> {
            try (RouteSocket route = RouteSocket.open()) {
                route.run(new RouteBatch().defaultRoute(route.link("world0").orElseThrow().index(), Prefix.literal("198.51.100.2")));
            }
            return null;
        });
        assertThat(sandbox.pings(world, a.ipv4())).as("a route of the world's own to a server behind NAT").isFalse();
        assertThat(sandbox.networks.addresses(a.namespace())).isEqualTo(List.of(a.ipv4(), a.ipv6()));
        Traffic traffic = sandbox.networks.traffic(a.attachment());
        assertThat(traffic.received()).isGreaterThan(300);
        assertThat(traffic.transmitted()).isGreaterThan(300);
    }

    @Test
    void namesOfNeighboursResolveAndThoseOfOtherNetworksDoNot() throws Exception {
        NetworkSpec net = sandbox.up("default");
        NetworkSpec other = sandbox.up("other", net.ipv4());
        Sandbox.Guest a = sandbox.guest(net, "db1", Set.of());
        Sandbox.Guest b = sandbox.guest(net, "db2", Set.of(a.ipv4()));
        Sandbox.Guest far = sandbox.guest(other, "far", Set.of());

        await("dnsmasq reads db2", () -> !Talk.resolve(sandbox, a.namespace(), gateway4(net), "db2", Talk.A).isEmpty());
        await("dnsmasq reads far", () -> !Talk.resolve(sandbox, far.namespace(), gateway4(other), "far", Talk.A).isEmpty());
        for (String name : new String[] {"db2", "db2.trefoil"}) {
            assertThat(Talk.resolve(sandbox, a.namespace(), gateway4(net), name, Talk.A)).containsExactly(b.ipv4());
            assertThat(Talk.resolve(sandbox, a.namespace(), gateway4(net), name, Talk.AAAA)).containsExactly(b.ipv6());
            assertThat(Talk.resolve(sandbox, a.namespace(), gateway6(net), name, Talk.AAAA)).containsExactly(b.ipv6());
        }
        assertThat(Talk.resolve(sandbox, a.namespace(), gateway4(net), "far.trefoil", Talk.A)).isEmpty();
        assertThat(Talk.resolve(sandbox, a.namespace(), gateway4(other), "far.trefoil", Talk.A)).as("the other network's server").isEmpty();
        assertThat(Talk.resolve(sandbox, a.namespace(), gateway6(other), "far.trefoil", Talk.A)).as("the other network's server by IPv6").isEmpty();

        sandbox.onHost(() -> sandbox.networks.detach(net, b.attachment()));
        await("dnsmasq forgets db2", () -> Talk.resolve(sandbox, a.namespace(), gateway4(net), "db2", Talk.A).isEmpty());
    }

    @Test
    void manyServersLeaveAtOnceAndOneStays() throws Exception {
        NetworkSpec net = sandbox.up("default");
        Set<String> taken = new HashSet<>();
        List<Sandbox.Guest> guests = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Sandbox.Guest guest = sandbox.guest(net, "s" + i, taken);
            taken.add(guest.ipv4());
            guests.add(guest);
        }
        Sandbox.Guest stays = guests.removeLast();
        try (ExecutorService threads = Executors.newFixedThreadPool(guests.size())) {
            List<Callable<Void>> leaving = new ArrayList<>();
            for (Sandbox.Guest guest : guests) {
                leaving.add(() -> {
                    sandbox.networks.detach(net, guest.attachment());
                    assertThat(ports()).as("gone when detach returns").doesNotContain(guest.attachment().hostInterface());
                    sandbox.networks.detach(net, guest.attachment()); // once more, when it is gone
                    return null;
                });
            }
            for (Future<Void> left : threads.invokeAll(leaving)) {
                left.get();
            }
        }
        assertThat(ports()).contains(stays.attachment().hostInterface()).doesNotContainAnyElementsOf(
                guests.stream().map(guest -> guest.attachment().hostInterface()).toList());
        assertThat(sandbox.pings(stays.namespace(), gateway4(net))).isTrue();
    }

    private List<String> ports() throws Exception {
        return sandbox.fromHost(() -> {
            try (RouteSocket route = RouteSocket.open()) {
                return route.links().stream().map(Link::name).toList();
            }
        });
    }

    @Test
    void networksAreIsolatedFromEachOther() throws Exception {
        NetworkSpec net = sandbox.up("default");
        NetworkSpec other = sandbox.up("backend-network", net.ipv4());
        Sandbox.Guest a = sandbox.guest(net, "a", Set.of());
        Sandbox.Guest b = sandbox.guest(other, "b", Set.of());

        assertThat(sandbox.pings(a.namespace(), gateway4(net))).isTrue();
        assertThat(sandbox.pings(b.namespace(), gateway4(other))).isTrue();
        List<String> beyond = List.of(b.ipv4(), b.ipv6(), gateway4(other), gateway6(other));
        assertThat(beyond.parallelStream().filter(address -> answers(a, address)).toList()).isEmpty();
        assertThat(List.of(a.ipv4(), a.ipv6()).parallelStream().filter(address -> answers(b, address)).toList()).isEmpty();
    }

    private boolean answers(Sandbox.Guest from, String address) {
        try {
            return sandbox.pings(from.namespace(), address);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void dhcpAndAutoconfigurationGiveTheAddressesOfTheAttachment() throws Exception {
        NetworkSpec net = sandbox.up("default");
        Sandbox.Guest a = sandbox.guest(net, "client", Set.of());
        sandbox.in(a.namespace(), () -> {
            try (RouteSocket route = RouteSocket.open()) {
                int eth0 = route.link("eth0").orElseThrow().index();
                RouteBatch batch = new RouteBatch();
                for (InterfaceAddress address : route.addresses()) {
                    if (address.index() == eth0 && address.scope() == InterfaceAddress.GLOBAL) {
                        batch.deleteAddress(eth0, address.address(), address.prefix());
                    }
                }
                route.run(batch);
            }
            return null;
        });
        assertThat(sandbox.networks.addresses(a.namespace())).isEmpty();

        Path script = Files.writeString(sandbox.run.resolve("lease.sh"),
                "#!/bin/sh\n[ \"$1\" = bound ] && echo \"ip=$ip/$mask router=$router dns=$dns domain=$domain mtu=$mtu\"\nexit 0\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        String[] ask = {"busybox", "udhcpc", "-i", "eth0", "-f", "-n", "-q", "-t", "5", "-T", "1", "-O", "mtu", "-s", script.toString()};
        String lease = sandbox.must(a.namespace(), ask);
        Prefix subnet = Prefix.parse(net.ipv4());
        assertThat(lease).contains("ip=" + a.ipv4() + "/" + subnet.length() + " router=" + gateway4(net) + " dns=" + gateway4(net)
                + " domain=trefoil mtu=1500");
        await("autoconfiguration", () -> sandbox.networks.addresses(a.namespace()).contains(a.ipv6()));
    }

    @Test
    void upIsIdempotentAndAdoptsWhatAKilledDaemonLeft() throws Exception {
        NetworkSpec net = sandbox.up("default");
        Sandbox.Guest a = sandbox.guest(net, "a", Set.of());
        Sandbox.Guest b = sandbox.guest(net, "b", Set.of(a.ipv4()));
        String state = state();
        sandbox.onHost(() -> {
            sandbox.networks.up(net);
            try (Networks next = Networks.open(sandbox.run, sandbox.tag)) {
                next.up(net);
            }
        });
        assertThat(state()).as("interfaces, rules and dnsmasq's pid").isEqualTo(state);
        assertThat(sandbox.pings(a.namespace(), b.ipv4())).isTrue();
    }

    /** All that a network consists of, packet counters aside. */
    private String state() throws Exception {
        return sandbox.must(sandbox.host, "ip", "-o", "addr", "show") + sandbox.must(sandbox.host, "nft", "list", "ruleset")
                + Files.readString(records().of("default").resolve("dnsmasq.pid"));
    }

    private NetworkRecords records() throws NetworkException {
        return NetworkRecords.open(sandbox.run);
    }

    @Test
    void upMendsWhatWasDestroyedByHand() throws Exception {
        NetworkSpec net = sandbox.up("default");
        Sandbox.Guest a = sandbox.guest(net, "a", Set.of());
        Sandbox.Guest b = sandbox.guest(net, "b", Set.of(a.ipv4()));
        sandbox.must(sandbox.host, "ip", "link", "delete", net.bridge());
        sandbox.must(sandbox.host, "nft", "flush", "ruleset");
        ProcessHandle dnsmasq = new Dnsmasq(net, records().of("default")).running().orElseThrow();
        dnsmasq.destroyForcibly();
        dnsmasq.onExit().get(5, TimeUnit.SECONDS);
        assertThat(sandbox.pings(a.namespace(), b.ipv4())).isFalse();

        sandbox.onHost(() -> sandbox.networks.up(net));
        await("neighbours to forget what failed", () -> sandbox.pings(a.namespace(), b.ipv4()));
        await("the gateway", () -> sandbox.pings(a.namespace(), gateway6(net)));
        await("dnsmasq", () -> !Talk.resolve(sandbox, a.namespace(), gateway4(net), "b", Talk.A).isEmpty());
        assertThat(sandbox.must(sandbox.host, "nft", "list", "set", "bridge", Ruleset.tableName(sandbox.tag), "macs"))
                .contains(a.attachment().mac(), b.attachment().mac());
    }

    @Test
    void upGoesOnFromEveryHalfMadeState() throws Exception {
        NetworkSpec net = sandbox.up("default");
        sandbox.onHost(() -> sandbox.networks.down(net));
        List<Sandbox.Work> crashes = List.of(
                () -> records().add(net),
                () -> sandbox.must(sandbox.host, "ip", "link", "add", net.bridge(), "address",
                        new InterfaceNames(sandbox.tag).mac("default", "bridge"), "type", "bridge"),
                () -> NftTool.load("table inet " + Ruleset.tableName(sandbox.tag) + " {\nchain forward {\n}\n}\n"),
                () -> {
                    records().add(net);
                    Files.writeString(records().of("default").resolve("dnsmasq.pid"), ProcessHandle.current().pid() + "\n");
                    Files.writeString(records().of("default").resolve("dnsmasq.conf"), "interface=");
                    Files.writeString(records().of("default").resolve("hosts").resolve("tf" + sandbox.tag + "0000000"), "# trefoil half");
                });
        for (Sandbox.Work crash : crashes) {
            sandbox.onHost(crash);
            sandbox.onHost(() -> sandbox.networks.up(net));
            Sandbox.Guest a = sandbox.guest(net, "a", Set.of());
            assertThat(sandbox.pings(a.namespace(), gateway4(net))).isTrue();
            sandbox.onHost(() -> sandbox.networks.detach(net, a.attachment()));
            sandbox.onHost(() -> sandbox.networks.down(net));
        }
    }

    @Test
    void downLeavesNothing() throws Exception {
        List<String> before = traces();
        NetworkSpec net = sandbox.up("default");
        NetworkSpec other = sandbox.up("other", net.ipv4());
        sandbox.guest(net, "a", Set.of(), new Rates(1_000_000L, 1_000_000L));
        Sandbox.Guest far = sandbox.guest(other, "far", Set.of());
        sandbox.onHost(() -> sandbox.networks.forwards(List.of(new Forward("tcp", null, 8080, far.ipv4(), 80))));
        assertThat(traces()).hasSizeGreaterThan(before.size());
        sandbox.onHost(() -> {
            sandbox.networks.down(net);
            sandbox.networks.down(net);
            sandbox.networks.down(other);
        });
        assertThat(traces()).isEqualTo(before);
        assertThat(Files.exists(records().of("default"))).isFalse();
    }

    /** Interfaces, tables, settings and processes of the sandbox. */
    private List<String> traces() throws Exception {
        List<String> traces = new ArrayList<>();
        try (RouteSocket route = sandbox.fromHost(RouteSocket::open)) {
            route.links().stream().map(Link::name).sorted().forEach(traces::add);
        }
        traces.addAll(sandbox.must(sandbox.host, "nft", "list", "tables").lines().toList());
        traces.add(sandbox.must(sandbox.host, "sysctl", "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"));
        ProcessHandle.allProcesses()
                .filter(p -> p.info().commandLine().orElse("").contains(NetworkRecords.hash(sandbox.run.toString())))
                .forEach(p -> traces.add(p.toString()));
        return traces;
    }

    @Test
    void attachReplacesAFormerCableAndDetachForgivesEverything() throws Exception {
        NetworkSpec net = sandbox.up("default");
        Sandbox.Guest a = sandbox.guest(net, "a", Set.of());
        FileDescriptor next = sandbox.namespace();
        sandbox.onHost(() -> sandbox.networks.attach(net, a.attachment(), next, Rates.NONE));
        assertThat(sandbox.pings(next, gateway4(net))).isTrue();
        assertThat(sandbox.networks.addresses(a.namespace())).isEmpty();
        sandbox.onHost(() -> {
            sandbox.networks.detach(net, a.attachment());
            sandbox.networks.detach(net, a.attachment());
        });
        assertThatThrownBy(() -> sandbox.networks.traffic(a.attachment()))
                .isInstanceOf(NetworkException.class).hasMessageContaining("not connected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"flush ruleset", "delete table inet TABLE", "delete table bridge TABLE"})
    void attachRestoresRulesThatSomebodyRemoved(String removal) throws Exception {
        NetworkSpec net = sandbox.up("default");
        Sandbox.Guest a = sandbox.guest(net, "a", Set.of());
        sandbox.must(sandbox.host, ("nft " + removal.replace("TABLE", Ruleset.tableName(sandbox.tag))).split(" "));
        Sandbox.Guest b = sandbox.guest(net, "b", Set.of(a.ipv4()));
        assertThat(sandbox.must(sandbox.host, "nft", "list", "ruleset"))
                .contains(a.attachment().mac(), b.attachment().mac(), "masquerade");
    }

    @Test
    void aFailedAttachLeavesNothing() throws Exception {
        NetworkSpec net = sandbox.up("default");
        Attachment place = sandbox.networks.place(net, "a", Set.of());
        FileDescriptor busy = sandbox.namespace();
        sandbox.in(busy, () -> {
            try (RouteSocket route = RouteSocket.open()) {
                route.run(new RouteBatch().bridge("eth0", "02:00:00:00:00:05", 1500));
            }
            return null;
        });
        List<String> before = traces();
        assertThatThrownBy(() -> sandbox.onHost(() -> sandbox.networks.attach(net, place, busy, Rates.NONE)))
                .isInstanceOf(NetworkException.class).hasMessageContaining("EEXIST");
        assertThat(traces()).isEqualTo(before);
        assertThat(records().attachments("default")).isEmpty();
        assertThat(sandbox.must(sandbox.host, "nft", "list", "set", "bridge", Ruleset.tableName(sandbox.tag), "ports"))
                .doesNotContain(place.hostInterface());
    }

    @Test
    void aForeignInterfaceOfTheBridgesNameIsLeftAlone() throws Exception {
        NetworkSpec spec = sandbox.fromHost(() -> sandbox.networks.choose("lab", null, null, true, null, Set.of()));
        sandbox.must(sandbox.host, "ip", "link", "add", spec.bridge(), "type", "bridge");
        assertThatThrownBy(() -> sandbox.onHost(() -> sandbox.networks.up(spec)))
                .isInstanceOf(NetworkException.class).hasMessageContaining("is not Trefoil's");
        sandbox.onHost(() -> sandbox.networks.down(spec));
        assertThat(sandbox.command(sandbox.host, "ip", "link", "show", spec.bridge()).status()).isZero();
    }

    @Test
    void placesAreDistinctAndTheNetworkFillsUp() throws Exception {
        NetworkSpec small = new NetworkSpec("small", "tf" + sandbox.tag + "-s", "10.200.7.1/29", "fd12:3456:789a::1/64", true, "trefoil");
        Set<String> taken = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            Attachment a = sandbox.networks.place(small, "s" + i, taken);
            assertThat(seen.add(a.ipv4()) && seen.add(a.ipv6()) && seen.add(a.mac()) && seen.add(a.hostInterface())).isTrue();
            assertThat(a.hostInterface()).hasSizeLessThanOrEqualTo(15);
            taken.addAll(List.of(a.ipv4(), a.ipv6(), a.mac()));
        }
        assertThat(seen).contains("10.200.7.2", "10.200.7.6").doesNotContain("10.200.7.0", "10.200.7.1", "10.200.7.7");
        assertThatThrownBy(() -> sandbox.networks.place(small, "one-more", taken))
                .isInstanceOf(NetworkException.class).hasMessageContaining("full");
    }

    @Test
    void aChosenNetworkClashesWithNothing() throws Exception {
        sandbox.must(sandbox.host, "ip", "link", "add", "d0", "type", "bridge");
        sandbox.must(sandbox.host, "ip", "link", "set", "d0", "up");
        for (String half : new String[] {"10.0.0.0/9", "10.128.0.0/10", "10.192.0.0/11", "10.224.0.0/12", "10.240.0.0/13"}) {
            sandbox.must(sandbox.host, "ip", "route", "add", half, "dev", "d0");
        }
        for (int i = 0; i < 20; i++) {
            NetworkSpec spec = sandbox.networks.choose("n", null, null, true, null, Set.of("10.248.0.1/14"));
            assertThat(Prefix.parse("10.252.0.0/14").contains(Prefix.parse(spec.ipv4()).address())).isTrue();
        }
        sandbox.must(sandbox.host, "ip", "route", "add", "10.248.0.0/13", "dev", "d0");
        assertThatThrownBy(() -> sandbox.networks.choose("n", null, null, true, null, Set.of()))
                .isInstanceOf(NetworkException.class).hasMessageContaining("no free");
        assertThatThrownBy(() -> sandbox.networks.choose("n", "10.1.0.1/24", null, true, null, Set.of()))
                .isInstanceOf(NetworkException.class).hasMessageContaining("clashes with 10.0.0.0/9");
    }
}
