package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What a server may use, at launch and at run time. */
@Order(5)
class LimitsTest {
    private final Host host = Host.shared();

    @Test
    void memoryIsCappedAndTheServerSurvives() {
        try (Guest guest = Guest.launch(host, "busybox", "mem", "--memory", "32MiB")) {
            Outcome hog = guest.exec("sh", "-c", "x=$(head -c 200000000 /dev/zero | tr '\\0' 'x'); echo held ${#x}");
            assertThat(hog.status()).isNotZero();
            assertThat(hog.out()).doesNotContain("held 200000000");
            assertThat(guest.sh("echo alive")).isEqualTo("alive");
            assertThat(((Number) usage(guest).get("oomKills")).longValue()).isPositive();
        }
    }

    @Test
    void processesAreCapped() {
        try (Guest guest = Guest.launch(host, "busybox", "pids", "--pids", "20")) {
            Outcome many = guest.exec("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do sleep 30 & done; wait");
            assertThat(many.status()).isNotZero();
            assertThat(((Number) usage(guest).get("processes")).longValue()).isLessThanOrEqualTo(20);
        }
    }

    @Test
    void limitsChangeWhileItRuns() {
        try (Guest guest = Guest.launch(host, "busybox", "live")) {
            host.trefoil("set", "live", "memory=48MiB", "cpus=0.5", "pids=99").ok();
            Map<String, Object> config = config(guest);
            assertThat(config).satisfies(c -> {
                Map<?, ?> limits = (Map<?, ?>) c.get("limits");
                assertThat(((Number) limits.get("memoryCap")).longValue()).isEqualTo(48L << 20);
                assertThat(((Number) limits.get("cpuCap")).doubleValue()).isEqualTo(0.5);
                assertThat(((Number) limits.get("pids")).longValue()).isEqualTo(99);
            });
            host.trefoil("set", "live", "memory=none").ok();
        }
    }

    @Test
    void aGuaranteeThatTheHostCannotKeepIsRefusedWithNumbers() {
        Outcome launch = host.trefoil("launch", "busybox", "greedy", "--memory-guarantee", "100TiB").exits(1);
        assertThat(launch.err()).contains("TiB").contains("GiB");
        assertThat(host.trefoil("list", "--format", "json").ok().objects()).isEmpty();
    }

    @Test
    void theDiskIsCapped() {
        try (Guest guest = Guest.launch(host, "busybox", "disk", "--disk", "32MiB")) {
            Outcome fill = guest.exec("sh", "-c", "dd if=/dev/zero of=/root/fill bs=1M count=100");
            assertThat(fill.status()).isNotZero();
            assertThat(fill.err()).contains("space");
            guest.sh("rm /root/fill && echo small > /root/small");
        }
    }

    private Map<String, Object> usage(Guest guest) {
        return host.trefoil("query", "/1.0/servers/" + guest.name() + "/usage").ok().object();
    }

    @SuppressWarnings("unchecked") // a JSON object is a map by member name
    private Map<String, Object> config(Guest guest) {
        return (Map<String, Object>) host.trefoil("query", "/1.0/servers/" + guest.name()).ok().object().get("config");
    }
}
