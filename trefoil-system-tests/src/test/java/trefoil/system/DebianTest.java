package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A whole Debian 12 with systemd. */
@Order(7)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DebianTest {
    private static final Host HOST = Host.shared();
    private static Guest guest;

    @BeforeAll
    static void launch() {
        guest = Guest.launch(HOST, "debian:12", "web1", "--memory", "1GiB");
    }

    @AfterAll
    static void delete() {
        guest.close();
    }

    @Test
    @Order(1)
    void systemdHasBooted() {
        assertThat(guest.exec("systemctl", "is-system-running", "--wait").out().strip()).isEqualTo("running");
        assertThat(guest.sh("systemctl --failed --no-legend --plain")).isEmpty();
        assertThat(guest.sh("cat /proc/1/comm")).isEqualTo("systemd");
        assertThat(guest.sh("cat /etc/debian_version")).startsWith("12");
        assertThat(guest.row()).containsEntry("image", "debian:12").containsEntry("status", "running");
    }

    @Test
    @Order(2)
    void itHasItsOwnNameAndIdentity() {
        assertThat(guest.sh("hostname")).isEqualTo("web1");
        assertThat(guest.sh("hostnamectl --static")).isEqualTo("web1");
        assertThat(guest.sh("cat /etc/machine-id")).matches("[0-9a-f]{32}");
        assertThat(guest.sh("ip -4 -o address show scope global")).contains(guest.address());
        assertThat(guest.sh("systemctl is-enabled ssh 2>/dev/null || true")).isNotEqualTo("enabled");
    }

    @Test
    @Order(3)
    void freeAndNprocTellTheTruth() {
        HOST.trefoil("set", "web1", "cpus=1").ok();
        String free = guest.sh("awk '/MemTotal/ {print $2}' /proc/meminfo");
        assertThat(Long.parseLong(free)).isLessThanOrEqualTo(1L << 20);
        assertThat(guest.sh("nproc; getconf _NPROCESSORS_ONLN; grep -c ^processor /proc/cpuinfo")).isEqualTo("1\n1\n1");
        double uptime = Double.parseDouble(guest.sh("cut -d' ' -f1 /proc/uptime"));
        assertThat(uptime).isLessThan(600);
    }

    @Test
    @Order(4)
    void theConsoleAsksForALogin() {
        try (Terminal console = HOST.terminal("console", "web1")) {
            console.type("\r").shows("web1 login:");
            console.type("\u0001q");
            assertThat(console.exit()).isZero();
        }
    }

    @Test
    @Order(5)
    void servicesAreManagedBySystemd() {
        guest.sh("printf '[Service]\\nExecStart=/bin/sleep 1000\\nPrivateTmp=yes\\n' > /etc/systemd/system/probe.service");
        guest.sh("systemctl daemon-reload && systemctl start probe");
        assertThat(guest.sh("systemctl is-active probe")).isEqualTo("active");
        assertThat(guest.sh("systemctl show -p ControlGroup --value probe")).isEqualTo("/system.slice/probe.service");
        guest.sh("systemctl stop probe");
    }

    @Test
    @Order(6)
    void theLocaleIsUtf8AndUsersMayBecomeRootBySudo() {
        assertThat(guest.exec("locale", "charmap").out().strip()).isEqualTo("UTF-8");
        guest.sh("useradd -m ada && echo 'ada ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/ada");
        assertThat(HOST.trefoil("exec", "-u", "ada", "web1", "--", "sudo", "id", "-u").ok().out().strip()).isEqualTo("0");
        assertThat(guest.sh("df --output=target | sed 1d")).doesNotContain("/proc");
    }

    @Test
    @Order(6)
    void neighboursAreResolvedByName() {
        try (Guest tiny = Guest.launch(HOST, "busybox", "tiny1")) {
            assertThat(guest.sh("getent ahostsv4 tiny1")).contains(tiny.address());
            assertThat(tiny.sh("ping -4 -c 1 -W 5 web1")).contains(guest.address());
        }
    }

    @Test
    @Order(7)
    void rebootFromInsideComesBack() {
        Object pid = server().get("pid");
        String boot = guest.sh("cat /proc/sys/kernel/random/boot_id");
        guest.exec("systemctl", "reboot");
        Awaitility.await("web1 to be usable again").atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(300)).until(() -> {
            Map<String, Object> now = server();
            return Boolean.TRUE.equals(now.get("usable")) && !pid.equals(now.get("pid"));
        });
        assertThat(guest.exec("systemctl", "is-system-running", "--wait").out().strip()).isEqualTo("running");
        assertThat(guest.sh("cat /proc/sys/kernel/random/boot_id")).isNotEqualTo(boot);
        assertThat(guest.sh("journalctl --list-boots --no-pager -q | grep -c ' UTC '")).isEqualTo("2");
    }

    @Test
    @Order(8)
    void itOutlivesTheDaemon() {
        Object pid = server().get("pid");
        HOST.killDaemon();
        assertThat(server()).containsEntry("status", "running").containsEntry("pid", pid);
        assertThat(guest.sh("systemctl is-system-running")).isEqualTo("running");
    }

    @Test
    @Order(9)
    void aRequestToStopShutsItDownInOrder() {
        HOST.trefoil("stop", "web1").ok();
        assertThat(guest.status()).isEqualTo("stopped");
        HOST.trefoil("start", "web1").ok();
        guest.awaitStatus("running");
    }

    @Test
    @Order(10)
    void poweroffFromInsideEndsIt() {
        Awaitility.await("web1 to be usable").atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(300)).until(() ->
                Boolean.TRUE.equals(server().get("usable")));
        guest.exec("systemctl", "poweroff");
        guest.awaitStatus("stopped");
        assertThat(String.valueOf(server().get("lastExit"))).contains("poweroff");
    }

    private static Map<String, Object> server() {
        return HOST.trefoil("query", "/1.0/servers/web1").ok().object();
    }
}
