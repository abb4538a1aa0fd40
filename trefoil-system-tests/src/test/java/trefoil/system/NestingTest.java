package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What an option grants is refused without it. */
@Order(18)
class NestingTest {
    /** What a container inside begins with: namespaces of its own, a proc of its own, a root of its own. */
    private static final String INNER = "mkdir -p /c/proc /c/bin && cp /bin/busybox /c/bin/ && ln -sf busybox /c/bin/sh;"
            + " unshare --user --map-root-user --mount --pid --uts --ipc --net --fork /bin/sh -c"
            + " 'mount -t proc proc /c/proc && hostname inner && exec chroot /c /bin/sh -c \"echo I am \\$\\$ of /bin/busybox; /bin/busybox hostname\"'";
    private final Host host = Host.shared();

    @Test
    void containersRunInsideAServerThatMayNest() {
        try (Guest nest = Guest.launch(host, "busybox", "nest", "--nesting")) {
            Outcome inner = nest.exec("sh", "-c", INNER);
            assertThat(inner.ok().out()).contains("I am 1 of", "inner");
            assertThat(nest.sh("hostname")).isEqualTo("nest");
        }
    }

    @Test
    void withoutNestingUserNamespacesAreRefused() {
        try (Guest plain = Guest.launch(host, "busybox", "plain")) {
            Outcome inner = plain.exec("sh", "-c", INNER);
            assertThat(inner.status()).isNotZero();
            assertThat(inner.out()).doesNotContain("I am");
            assertThat(inner.err()).contains("not permitted");
        }
    }

    @Test
    void autostartStartsAServerWithTheDaemonOthersStayAsTheyWere() {
        try (Guest auto = Guest.launch(host, "busybox", "auto", "--autostart");
                Guest manual = Guest.launch(host, "busybox", "manual")) {
            host.trefoil("stop", "auto").ok();
            host.trefoil("stop", "manual").ok();
            host.killDaemon();
            Awaitility.await("auto to run").atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(200)).until(() -> auto.status().equals("running"));
            assertThat(auto.sh("echo up")).isEqualTo("up");
            assertThat(manual.status()).isEqualTo("stopped");
        }
    }
}
