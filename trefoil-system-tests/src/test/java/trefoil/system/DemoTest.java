package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** {@code trefoil demo} with a daemon that runs already and a server that has the name of one of the demo's. */
@Order(8)
class DemoTest {
    private final Host host = Host.shared();

    @Test
    void theDemoShowsServersAndTakesBackItsOwn() {
        try (Guest users = Guest.launch(host, "busybox", "tiny1")) {
            Outcome demo = host.trefoil("demo").ok();
            assertThat(demo.out()).contains("NAME", "web1", "demo1-tiny1", "db1", "tiny2", "Debian", "para", "Try next").doesNotContain("failed").doesNotContain(" not")
                    .contains("db1 reaches web1 in", "web1 reaches demo1-tiny1 in", "tiny2 reaches web1 in");
            Outcome again = host.trefoil("demo").ok();
            assertThat(again.out()).contains("web1", "demo1-tiny1").doesNotContain("demo2-");
            assertThat(host.trefoil("demo", "--stop").ok().err()).contains("The daemon goes on");
            assertThat(host.trefoil("list", "--format", "json").ok().objects()).singleElement().satisfies(row ->
                    assertThat(row).containsEntry("name", "tiny1"));
            assertThat(users.status()).isEqualTo("running");
        }
    }

    @Test
    void wrongUsageIsTold() {
        assertThat(host.trefoil("demo", "--purge").exits(2).err()).contains("usage:");
        assertThat(host.trefoil("demo", "--sotp").exits(2).err()).contains("--sotp");
        assertThat(host.trefoil("demo", "--help").ok().out()).contains("--stop");
    }
}
