package trefoil.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.linux.FileDescriptor;

class NetworkDoctorTest {
    private Sandbox sandbox;
    private NetworkSpec net;
    private FileDescriptor world;
    private Sandbox.Guest guest;

    @BeforeEach
    void open() throws Exception {
        sandbox = new Sandbox();
        world = sandbox.outside();
        net = sandbox.up("default");
        guest = sandbox.guest(net, "a", Set.of());
        assertThat(world.isOpen()).isTrue();
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
    }

    private List<Check> troubles() throws Exception {
        return sandbox.fromHost(() -> sandbox.networks.doctor(List.of(net))).stream().filter(c -> !c.level().equals("ok")).toList();
    }

    private void firewall(String rules) throws Exception {
        sandbox.onHost(() -> NftTool.load(rules));
    }

    @Test
    void aHealthyHostHasNoTroubles() throws Exception {
        assertThat(troubles()).isEmpty();
        firewall("table ip filter {\nchain FORWARD {\ntype filter hook forward priority 0; policy accept;\n}\n}\n");
        assertThat(troubles()).isEmpty();
    }

    @Test
    void theRemedyForADropPolicyWorks() throws Exception {
        firewall("table ip filter {\nchain FORWARD {\ntype filter hook forward priority 0; policy drop;\n}\n}\n");
        assertThat(sandbox.pings(guest.namespace(), "198.51.100.1")).isFalse();
        remedyAndPing();
    }

    @Test
    void theRemedyForAClosingRejectWorks() throws Exception {
        firewall("table inet office {\nchain through {\ntype filter hook forward priority 10; policy accept; ct state established,related accept; counter reject;\n}\n}\n");
        assertThat(sandbox.pings(guest.namespace(), "198.51.100.1")).isFalse();
        remedyAndPing();
    }

    private void remedyAndPing() throws Exception {
        List<Check> found = troubles();
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().level()).isEqualTo("error");
        assertThat(found.getFirst().message()).contains(net.bridge(), "drops forwarded traffic");
        sandbox.must(sandbox.host, "sh", "-c", found.getFirst().next());
        assertThat(troubles()).isEmpty();
        assertThat(sandbox.pings(guest.namespace(), "198.51.100.1")).isTrue();
    }

    @Test
    void anInputPolicyThatSwallowsDhcpIsAWarning() throws Exception {
        firewall("table inet office {\nchain incoming {\ntype filter hook input priority 0; policy drop;\n}\n}\n");
        List<Check> found = troubles();
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().message()).contains("DHCP and DNS");
        sandbox.must(sandbox.host, "sh", "-c", found.getFirst().next());
        assertThat(troubles()).isEmpty();
        assertThat(sandbox.pings(guest.namespace(), Prefix.text(Prefix.parse(net.ipv4()).address()))).isTrue();
    }

    @Test
    void forwardingRulesBridgeAndDnsmasqAreLookedAt() throws Exception {
        sandbox.must(sandbox.host, "sysctl", "-q", "net.ipv4.ip_forward=0");
        sandbox.must(sandbox.host, "nft", "flush", "ruleset");
        sandbox.must(sandbox.host, "ip", "link", "set", net.bridge(), "down");
        assertThat(troubles()).extracting(Check::message).hasSize(3)
                .anyMatch(m -> m.contains("does not forward IPv4"))
                .anyMatch(m -> m.contains("somebody flushed"))
                .anyMatch(m -> m.contains("is down"));
        sandbox.must(sandbox.host, "ip", "link", "delete", net.bridge());
        assertThat(troubles()).extracting(Check::message).anyMatch(m -> m.contains("is missing"));
        sandbox.onHost(() -> sandbox.networks.up(net));
        assertThat(troubles()).isEmpty();
        new Dnsmasq(net, NetworkRecords.open(sandbox.run).of("default")).stop();
        assertThat(troubles()).extracting(Check::message).anyMatch(m -> m.contains("dnsmasq"));
        sandbox.must(sandbox.host, "ip", "route", "add", Prefix.parse(net.ipv4()).cidr(), "dev", "up" + sandbox.tag, "metric", "9");
        sandbox.onHost(() -> sandbox.networks.up(net));
        assertThat(troubles()).extracting(Check::message).anyMatch(m -> m.contains("shares addresses"));
    }
}
