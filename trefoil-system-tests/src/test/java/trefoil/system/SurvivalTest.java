package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The daemon is killed; servers do not notice. */
@Order(6)
class SurvivalTest {
    private final Host host = Host.shared();

    @Test
    void serversOutliveTheDaemonWithConsoleAndExitStatus() {
        try (Guest lasting = Guest.launch(host, "busybox", "lasting");
                Guest ending = Guest.launch(host, "busybox", "ending", "--restart", "never", "--wait", "none", "--",
                        "/bin/sh", "-c", "echo before; while [ ! -e /go ]; do sleep 0.1; done; echo after; exit 5")) {
            Object pid = server(lasting).get("pid");
            long daemon = host.daemon();
            lasting.sh("echo said before > /dev/console");
            host.killDaemon();
            assertThat(Files.exists(Path.of("/proc", String.valueOf(((Number) pid).longValue())))).isTrue();

            assertThat(lasting.status()).isEqualTo("running");
            assertThat(host.daemon()).isNotEqualTo(daemon);
            assertThat(server(lasting).get("pid")).isEqualTo(pid);
            lasting.sh("echo said after > /dev/console");
            assertThat(host.trefoil("logs", "lasting").ok().out()).contains("said before").contains("said after");

            ending.exec("touch", "/go").ok();
            ending.awaitStatus("stopped");
            assertThat(lastExit(ending).get("status")).hasToString("5");
            assertThat(host.trefoil("logs", "ending").ok().out()).contains("before").contains("after");
        }
    }

    @Test
    void aServerThatEndsWhileNoDaemonRunsIsReportedTruthfully() {
        try (Guest guest = Guest.launch(host, "busybox", "meanwhile", "--restart", "never", "--wait", "none", "--",
                "/bin/sh", "-c", "trap 'echo gone; exit 6' TERM; echo waiting; while :; do sleep 0.1; done")) {
            long pid = ((Number) server(guest).get("pid")).longValue();
            host.killDaemon();
            host.run(List.of("kill", "-TERM", Long.toString(pid)), new byte[0]).ok();
            Awaitility.await("process " + pid + " to end")
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> hasEnded(pid));
            guest.awaitStatus("stopped");
            assertThat(lastExit(guest).get("status")).hasToString("6");
            assertThat(host.trefoil("logs", "meanwhile").ok().out()).contains("gone");
        }
    }

    /** Whether a process is gone, or waits as a zombie for someone to ask how it ended. */
    private static boolean hasEnded(long pid) throws IOException {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        return !Files.exists(stat) || Files.readString(stat).contains(") Z ");
    }

    private Map<String, Object> server(Guest guest) {
        return host.trefoil("query", "/1.0/servers/" + guest.name()).ok().object();
    }

    private Map<?, ?> lastExit(Guest guest) {
        Object exit = server(guest).get("lastExit");
        assertThat(exit).as("lastExit").isInstanceOf(Map.class);
        return (Map<?, ?>) exit;
    }
}
