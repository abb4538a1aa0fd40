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
import org.junit.jupiter.api.io.TempDir;

/** Processes 1 that do not do what an init should. */
@Order(12)
class HostileInitTest {
    private static final String DEAF = "trap 'echo asked to end' TERM INT USR1 USR2 PWR; echo up; while :; do sleep 0.1; done";
    private final Host host = Host.shared();

    @Test
    void onlyForceStopsAnInitThatIsDeaf() {
        try (Guest guest = Guest.launch(host, "busybox", "deaf", "--", "/bin/sh", "-c", DEAF)) {
            Object pid = guest.server().get("pid");
            Outcome stop = host.trefoil("stop", "deaf", "--timeout", "1").exits(1);
            assertThat(stop.err()).contains("did not stop within 1 s", "trefoil stop --force deaf");
            assertThat(guest.server()).containsEntry("status", "running").containsEntry("pid", pid);
            assertThat(host.trefoil("logs", "deaf").ok().out()).contains("asked to end");
            host.trefoil("stop", "deaf", "--force").ok();
            assertThat(guest.status()).isEqualTo("stopped");
            assertThat(lastExit(guest)).containsEntry("cause", "kill");
        }
    }

    @Test
    void forceWithATimeoutAsksFirstThenKills() {
        try (Guest guest = Guest.launch(host, "busybox", "deaf", "--", "/bin/sh", "-c", DEAF)) {
            host.trefoil("stop", "deaf", "--force", "--timeout", "1").ok();
            assertThat(guest.status()).isEqualTo("stopped");
            assertThat(host.trefoil("logs", "deaf").ok().out()).contains("asked to end");
        }
    }

    @Test
    void aLaunchOfWhatIsNeverReadyTellsWhatItWaitsForAndLeavesItForInspection(@TempDir Path files) throws IOException {
        Path archive = files.resolve("never.tar");
        try (Guest model = Guest.launch(host, "busybox", "model")) {
            // busybox under the name of systemd, which never says that it has booted
            model.sh("cp /bin/busybox /bin/systemd; ln -sf /bin/systemd /sbin/init");
            Files.write(archive, model.exec("sh", "-c", "cd / && tar -cf - $(ls | grep -v -x -e proc -e sys -e dev -e run)").ok().octets());
        }
        host.trefoil("image", "import", archive.toString(), "never").ok();
        Outcome launch = host.trefoil("launch", "never", "never", "--timeout", "2").exits(1);
        assertThat(launch.err()).contains("never is not ready after 2 s: systemd is still booting", "waiting until it is usable", "try: ");
        Map<String, Object> server = host.query("/1.0/servers/never");
        assertThat(server).containsEntry("status", "running").containsEntry("usable", false);
        assertThat(host.trefoil("exec", "never", "--", "echo", "inspected").ok().out()).contains("inspected");
        host.trefoil("delete", "never", "--force").ok();
        host.trefoil("image", "delete", "never").ok();
    }

    @Test
    void anInitThatEndsIsStartedAgainAsItsPolicySays() {
        String ends = "[ -e /again ] && { echo second life; exec sleep 600; }; touch /again; sleep 0.5; exit ";
        try (Guest failing = Guest.launch(host, "busybox", "fails", "--", "/bin/sh", "-c", ends + "3");
                Guest ending = Guest.launch(host, "busybox", "ends", "--", "/bin/sh", "-c", ends + "0");
                Guest always = Guest.launch(host, "busybox", "always", "--restart", "always", "--", "/bin/sh", "-c", ends + "0");
                Guest never = Guest.launch(host, "busybox", "once", "--restart", "never", "--", "/bin/sh", "-c", ends + "3")) {
            for (Guest restarted : List.of(failing, always)) {
                Awaitility.await(restarted.name() + " to live again")
                        .atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> host.trefoil("logs", restarted.name()).ok().out().contains("second life"));
                restarted.awaitStatus("running");
            }
            assertThat(ending.status()).isEqualTo("stopped");
            assertThat(never.status()).isEqualTo("stopped");
            assertThat(lastExit(never)).containsEntry("cause", "exit");
            assertThat(String.valueOf(lastExit(never).get("status"))).isEqualTo("3");
        }
    }

    @SuppressWarnings("unchecked") // a JSON object is a map by member name
    private static Map<String, Object> lastExit(Guest guest) {
        return (Map<String, Object>) guest.server().get("lastExit");
    }
}
