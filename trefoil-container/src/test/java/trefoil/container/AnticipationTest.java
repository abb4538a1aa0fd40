package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that wait inside for a command; needs root. */
@Timeout(60)
class AnticipationTest {
    private static final String WAITING = "grep -lx trefoil-exec /proc/[0-9]*/comm | wc -l";

    private EngineFixture host;
    private Container container;

    @BeforeEach
    void open() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: namespaces and mounts");
        Assumptions.assumeTrue(Busybox.present(), "needs /bin/busybox (package busybox-static)");
        host = new EngineFixture();
        container = host.start("live", "/bin/sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done");
    }

    @AfterEach
    void close() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    private String inside(String script) throws Exception {
        return EngineFixture.output(container, "/bin/sh", "-c", script);
    }

    /** Makes one wait, and tells its process id inside, which is the newest. */
    private int anticipate() throws Exception {
        container.anticipate();
        List<Path> waiting;
        do {
            try (var processes = Files.list(Path.of("/proc/" + container.pid() + "/root/proc"))) {
                waiting = processes.filter(process -> name(process).equals(ExecProgram.WAITING_NAME)).toList();
            }
        } while (waiting.isEmpty());
        return Integer.parseInt(waiting.getFirst().getFileName().toString());
    }

    private static String name(Path process) {
        try {
            return Files.readString(process.resolve("comm")).strip();
        } catch (java.io.IOException e) {
            return ""; // no process, or it has ended
        }
    }

    @Test
    void theOneThatWaitsIsToldTheNextCommand() throws Exception {
        int waiting = anticipate();
        assertThat(inside("echo $$; id -u; pwd; echo $COLOUR")).isEqualTo(waiting + "\n0\n/root\n\n");
        assertThat(inside("echo $$")).isNotEqualTo(waiting + "\n");
    }

    @Test
    void itRunsAsWhomAndWhereTheCommandSays() throws Exception {
        inside("echo 'joe:x:1000:1000::/tmp:/bin/sh' >> /etc/passwd");
        int waiting = anticipate();
        ExecSpec wanted = new ExecSpec(List.of("/bin/sh", "-c", "echo $$ $COLOUR; id -u; pwd; grep CapEff /proc/self/status; : > /dev/stdout"),
                Map.of("COLOUR", "green"), "joe", "/etc", false, 0, 0);
        assertThat(EngineFixture.output(container, wanted))
                .isEqualTo(waiting + " green\n1000\n/etc\nCapEff:\t0000000000000000\n");
    }

    @Test
    void oneIsMadeAtMost() throws Exception {
        container.anticipate();
        container.anticipate();
        anticipate();
        assertThat(EngineFixture.output(container, new ExecSpec(List.of("/bin/sh", "-c", WAITING), Map.of(), "root", null, true, 80, 24)))
                .isEqualTo("1\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "KILL", "HUP"})
    void oneThatWasEndedInsideIsNotUsed(String signal) throws Exception {
        int waiting = anticipate();
        ExecSpec killing = new ExecSpec(List.of("/bin/kill", "-" + signal, "" + waiting), Map.of(), "root", null, true, 80, 24);
        assertThat(EngineFixture.output(container, killing)).isEmpty();
        assertThat(inside("echo still; kill -0 " + waiting + " 2>/dev/null || echo gone")).isEqualTo("still\ngone\n");
    }

    @Test
    void relaxingEndsIt() throws Exception {
        Path process = Path.of("/proc/" + container.pid() + "/root/proc/" + anticipate());
        container.relax();
        while (Files.exists(process)) {
            Thread.onSpinWait();
        }
        assertThat(inside(WAITING)).isEqualTo("0\n");
    }

    @Test
    void aContainerThatEndsIsNotHeldUpByIt() throws Exception {
        anticipate();
        container.askToPowerOff();
        assertThat(host.exit("live")).isEqualTo(new Exit(7, 0));
        container.anticipate(); // and nothing happens
    }

    @Test
    void itEndsWithTheDaemonThatBeganIt() throws Exception {
        int waiting = anticipate();
        host.letGo();
        Path process = Path.of("/proc/" + container.pid() + "/root/proc/" + waiting);
        while (name(process).equals(ExecProgram.WAITING_NAME) && Files.exists(process.resolve("exe"))) {
            Thread.onSpinWait();
        }
        host.reopen();
        container = host.engine.adopt(container.spec()).orElseThrow();
        assertThat(inside("echo on")).isEqualTo("on\n");
        container.askToPowerOff();
        assertThat(host.exit("live")).isEqualTo(new Exit(7, 0));
    }

    @Test
    void usersThatWereAddedAMomentAgoAreKnown() throws Exception {
        for (int i = 0; i < 20; i++) {
            inside("echo 'u" + i + ":x:" + (2000 + i) + ":0::/:/bin/sh' >> /etc/passwd");
            ExecSpec wanted = new ExecSpec(List.of("id", "-u"), Map.of(), "u" + i, null, false, 0, 0);
            assertThat(EngineFixture.output(container, wanted)).isEqualTo(2000 + i + "\n");
        }
    }

    @Test
    void usersAreReadAnewWhenTheFileIsReplaced() throws Exception {
        inside("touch -d '2001-01-01' /etc/passwd");
        ExecSpec wanted = new ExecSpec(List.of("id", "-u"), Map.of(), "root", null, false, 0, 0);
        assertThat(EngineFixture.output(container, wanted)).isEqualTo("0\n");
        inside("sed 's/^root:x:0:/root:x:9:/' /etc/passwd > /etc/p; touch -d '2001-01-01' /etc/p; mv /etc/p /etc/passwd");
        assertThat(EngineFixture.output(container, wanted)).isEqualTo("9\n");
    }
}
