package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The engine against the real kernel; needs root. */
class ContainerEngineTest {
    private static EngineFixture host;

    @BeforeAll
    static void open() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: namespaces and mounts");
        Assumptions.assumeTrue(Busybox.present(), "needs /bin/busybox (package busybox-static)");
        host = new EngineFixture();
    }

    @AfterAll
    static void close() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    @Test
    void greetsAndTellsItsExitStatus() throws Exception {
        host.start("hello", "/bin/sh", "-c", "echo hi; exit 7");
        assertThat(host.exit("hello")).isEqualTo(new Exit(7, 0));
        assertThat(host.log("hello")).contains("hi\r\n");
    }

    @Test
    void executesInsideALiveContainer() throws Exception {
        Container container = host.start("live", "/bin/sleep", "1000");
        assertThat(EngineFixture.output(container, "/bin/sh", "-c", "echo hi")).isEqualTo("hi\n");
        assertThat(EngineFixture.output(container, "hostname")).isEqualTo("live\n");
        assertThat(EngineFixture.output(container, "id", "-u")).isEqualTo("0\n");
        assertThat(EngineFixture.output(container, "cat", "/proc/self/uid_map").strip().split(" +"))
                .containsExactly("0", Integer.toString(container.spec().idBase()), "65536");
        container.kill();
        assertThat(host.exit("live")).isEqualTo(new Exit(-1, 9));
    }
}
