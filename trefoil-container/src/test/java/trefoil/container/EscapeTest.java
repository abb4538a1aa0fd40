package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways out through the process that enters a live container; needs root. */
@Timeout(60)
class EscapeTest {
    private static EngineFixture host;
    private static Container neighbour;
    private static Container live;

    @BeforeAll
    static void open() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: namespaces and mounts");
        Assumptions.assumeTrue(Busybox.present(), "needs /bin/busybox (package busybox-static)");
        host = new EngineFixture();
        neighbour = host.start("neighbour", "/bin/sleep", "10000");
        live = host.start("live", "/bin/sleep", "10000");
    }

    @AfterAll
    static void close() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    private static String inside(String script) throws Exception {
        return EngineFixture.output(live, "/bin/sh", "-c", script);
    }

    private static String in(String directory) throws Exception {
        ExecSpec spec = new ExecSpec(List.of("/bin/pwd"), Map.of(), "root", directory, false, 0, 0);
        return EngineFixture.output(live, spec);
    }

    /** CVE-2024-21626: a descriptor of the host's as working directory. The keeper holds the neighbour's terminals, a directory. */
    @Test
    void noDescriptorOfTheHostIsAWorkingDirectory() throws Exception {
        assertThat(neighbour.alive()).isTrue();
        for (int n = 0; n < KeeperProgram.FIRST_KEPT + 16; n++) {
            assertThat(in("/proc/self/fd/" + n)).as("descriptor %d", n).contains("working directory").endsWith("[127]");
        }
    }

    @Test
    void theHomeInPasswdIsNoWayToADescriptorOfTheHost() throws Exception {
        for (int n = KeeperProgram.FIRST_KEPT; n < KeeperProgram.FIRST_KEPT + 8; n++) {
            inside("echo 'root:x:0:0::/proc/self/fd/" + n + ":/bin/sh' > /etc/passwd");
            assertThat(inside("pwd")).as("descriptor %d", n).isEqualTo("/\n");
        }
    }

    @Test
    void anExecutedProcessHasItsStandardFilesAndNoOther() throws Exception {
        assertThat(inside("ls /proc/$$/fd; true")).isEqualTo("0\n1\n2\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "mkfifo /etc/passwd",
        "ln -s /proc/kmsg /etc/passwd",
        "ln -s /proc/self/environ /etc/passwd",
        "ln -s /proc/sysrq-trigger /etc/passwd",
        "ln -s /dev/zero /etc/passwd",
        "ln -s passwd /etc/passwd",
        "ln -s /proc/1/fd/0 /etc/passwd",
        "mkdir /etc/passwd",
        "dd if=/dev/zero of=/etc/passwd bs=1M count=64",
        "{ printf 'root:x:0:0::/'; head -c 900000 /dev/zero | tr '\\0' x; echo :/bin/sh; } > /etc/passwd",
        "printf 'root:x:0:0::/\\0/proc:/bin/sh\\n' > /etc/passwd",
        "printf 'root:x:99999999999:-1::/:/bin/sh\\n' > /etc/passwd",
        "for i in $(seq 3000); do echo root:x:0:0::/:/bin/sh; done > /etc/passwd"
    })
    void aHostilePasswdStopsNobody(String make) throws Exception {
        inside("rm -rf /etc/passwd; " + make);
        // not by a shell, which would wait for the FIFO itself
        assertThat(EngineFixture.output(live, "/bin/pwd")).isIn("/\n", "/root\n");
        EngineFixture.output(live, "/bin/rm", "-rf", "/etc/passwd");
    }

    /** CVE-2019-5736: the joining process executes itself, and its program is written to meanwhile. */
    @Test
    void theProgramOfTheJoiningProcessIsNotWritten() throws Exception {
        inside("printf '#!/proc/self/exe\\n' > /evil; chmod 755 /evil; touch /stop; rm /stop");
        inside("(while [ ! -e /stop ]; do for p in /proc/[0-9]*; do [ $p -ef /proc/self ] || "
                + "case $(readlink $p/exe) in */busybox) ;; ?*) echo $p $(readlink $p/exe) >> /seen; : >> $p/exe && echo $p >> /wrote;; esac;"
                + " done; done) >/dev/null 2>&1 </dev/null &");
        for (int i = 0; i < 10; i++) {
            // What it becomes is a copy of the keeper without anything to keep, which waits for ever: closing kills it.
            live.exec(new ExecSpec(List.of("/evil"), Map.of(), "root", null, false, 0, 0)).close();
            EngineFixture.output(live, "/bin/true");
        }
        inside("touch /stop");
        assertThat(inside("cat /wrote 2>/dev/null; true")).isEmpty();
        assertThat(inside("echo well")).isEqualTo("well\n");
        assertThat(EngineFixture.output(neighbour, "/bin/echo", "well")).isEqualTo("well\n");
    }

    @Test
    void nestingGrantsWhatContainersInsideNeedAndNoMore() throws Exception {
        Container outer = host.engine.start(nesting("outer"), ContainerEngine.NetworkSetup.NONE);
        String nested = EngineFixture.output(
                outer,
                "/bin/sh",
                "-c",
                "unshare -Urmpnf sh -c 'id -u; mount -t proc p /proc && ls /proc | grep -c ^[12]$;"
                        + " mount -t sysfs s /sys && echo sys; mount -t tmpfs t /tmp && mkdir /tmp/u /tmp/w /tmp/m &&"
                        + " mount -t overlay o -o lowerdir=/bin,upperdir=/tmp/u,workdir=/tmp/w,userxattr /tmp/m && touch /tmp/m/new && echo overlay'");
        assertThat(nested).startsWith("0\n").contains("\nsys\n").endsWith("overlay\n").doesNotContain("denied");
        String refused = "(mknod /d b 8 0 || dmesg || echo x > /proc/sys/kernel/core_pattern || echo x > /proc/sysrq-trigger) 2>/dev/null";
        assertThat(EngineFixture.output(outer, "/bin/sh", "-c", refused + " || echo closed")).isEqualTo("closed\n");
    }

    private static ContainerSpec nesting(String name) throws IOException {
        int idBase = 0x4000_0000 + ThreadLocalRandom.current().nextInt(8000) * 65_536;
        Path directory = host.state.resolve("c").resolve(name);
        ContainerSpec spec = new ContainerSpec(
                name, directory, List.of(host.layer), List.of("/bin/sleep", "10000"), Map.of(), idBase, ResourceLimits.NONE, null, true);
        host.track(spec);
        host.engine.create(spec);
        assertThat(Files.isDirectory(directory)).isTrue();
        return spec;
    }
}
