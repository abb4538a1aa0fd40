package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Servers begin, end, begin again, and are no more. */
@Order(3)
class LifecycleTest {
    private final Host host = Host.shared();

    @Test
    void stopStartRestartRename() {
        try (Guest guest = Guest.launch(host, "busybox", "cycle")) {
            guest.sh("echo kept > /root/file");
            host.trefoil("stop", "cycle").ok();
            assertThat(guest.status()).isEqualTo("stopped");
            guest.exec("true").exits(125);
            guest.rename("cycle2");
            host.trefoil("start", "cycle2").ok();
            assertThat(guest.sh("cat /root/file; hostname")).isEqualTo("kept\ncycle2");
            Object pid = info(guest).get("pid");
            host.trefoil("restart", "cycle2").ok();
            assertThat(info(guest).get("pid")).isNotEqualTo(pid);
            assertThat(guest.sh("cat /root/file")).isEqualTo("kept");
        }
    }

    @Test
    void poweroffInsideStopsItAndRebootInsideStartsItAgain() {
        try (Guest guest = Guest.launch(host, "busybox", "power")) {
            Object pid = info(guest).get("pid");
            guest.exec("reboot");
            Awaitility.await("the server to come back").atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(200)).until(() -> {
                Map<String, Object> now = info(guest);
                return "running".equals(now.get("status")) && !pid.equals(now.get("pid"));
            });
            guest.exec("poweroff");
            guest.awaitStatus("stopped");
            assertThat(String.valueOf(info(guest).get("lastExit"))).contains("poweroff");
        }
    }

    @Test
    void anEphemeralServerIsGoneWhenItStops() {
        Guest.launch(host, "busybox", "brief", "--ephemeral");
        host.trefoil("stop", "brief").ok();
        Awaitility.await("brief to be gone").atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(200)).until(() ->
                host.trefoil("list", "--format", "json").ok().objects().isEmpty());
    }

    @Test
    void anInitThatExitsAtOnceIsReportedWithItsStatusAndWords() {
        Outcome launch = host.trefoil("launch", "busybox", "fails", "--restart", "never", "--", "/bin/sh", "-c", "echo last words; exit 3");
        host.trefoil("delete", "fails", "--force");
        assertThat(launch.exits(1).err()).contains("3").contains("last words");
    }

    @Test
    void aSecondServerCopiesNothing() {
        try (Guest first = Guest.launch(host, "busybox", "copy1");
                Guest second = Guest.launch(host, "busybox", "copy2")) {
            first.sh("echo mine > /root/only");
            second.exec("test", "-e", "/root/only").exits(1);
            assertThat(first.sh("cat /proc/self/uid_map")).isNotEqualTo(second.sh("cat /proc/self/uid_map"));
        }
    }

    private Map<String, Object> info(Guest guest) {
        return host.trefoil("query", "/1.0/servers/" + guest.name()).ok().object();
    }
}
