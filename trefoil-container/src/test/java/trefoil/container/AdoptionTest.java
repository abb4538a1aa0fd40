package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers outlive the daemon that started them; needs root. */
class AdoptionTest {
    private EngineFixture host;

    @BeforeEach
    void open() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: namespaces and mounts");
        Assumptions.assumeTrue(Busybox.present(), "needs /bin/busybox (package busybox-static)");
        host = new EngineFixture();
    }

    @AfterEach
    void close() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    /** Starts containers in another JVM, kills it with SIGKILL and opens an engine on what is left. */
    private void startInADaemonThatIsKilled(int idBase, String... namesAndScripts) throws Exception {
        host.letGo();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                AdoptedDaemon.class.getName(),
                host.state.toString(),
                host.tag,
                Integer.toString(idBase)));
        command.addAll(List.of(namesAndScripts));
        Process daemon = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        assertThat(daemon.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("started");
        daemon.destroyForcibly().waitFor();
        host.reopen();
    }

    private ContainerSpec spec(String name, int idBase) {
        ContainerSpec spec = AdoptedDaemon.spec(host.state, name, "", idBase);
        host.track(spec);
        return spec;
    }

    @Test
    void aRunningContainerIsTakenUpWithItsConsoleAndItsStatus() throws Exception {
        int idBase = 0x5000_0000;
        startInADaemonThatIsKilled(idBase, "runs", "echo before; read x; echo got $x; exit 5");
        Optional<Container> adopted = host.engine.adopt(spec("runs", idBase));
        assertThat(adopted).isPresent();
        assertThat(adopted.get().alive()).isTrue();
        assertThat(host.engine.adopt(adopted.get().spec())).isEqualTo(adopted);
        assertThat(EngineFixture.output(adopted.get(), "echo", "inside")).isEqualTo("inside\n");
        adopted.get().console().write("word\n".getBytes(StandardCharsets.UTF_8));
        assertThat(host.exit("runs")).isEqualTo(new Exit(5, 0));
        assertThat(host.log("runs")).contains("before").contains("got word");
    }

    @Test
    void anExitThatHappenedMeanwhileIsToldTruthfullyAndNoOutputIsLost() throws Exception {
        int idBase = 0x5001_0000;
        String script = "mkfifo /tmp/f; read x < /tmp/f; seq 1 5000; exit 42";
        startInADaemonThatIsKilled(idBase, "ends", script);
        host.letGo(); // nobody is connected: the keeper reads the console
        ContainerSpec spec = spec("ends", idBase);
        int pid = pidOf(spec);
        Path fifo = Path.of("/proc/" + pid + "/root/tmp/f");
        await(() -> Files.exists(fifo));
        Files.writeString(fifo, "go\n");
        awaitZombie(pid);
        host.reopen();
        assertThat(host.engine.adopt(spec)).isPresent();
        assertThat(host.exit("ends")).isEqualTo(new Exit(42, 0));
        String log = host.log("ends").replace("\r", "");
        StringBuilder numbers = new StringBuilder();
        for (int i = 1; i <= 5000; i++) {
            numbers.append(i).append('\n');
        }
        assertThat(log).contains(numbers);
    }

    @Test
    void aFloodOnTheConsoleNeitherBlocksNorFillsTheDiskWhileNoDaemonRuns() throws Exception {
        int idBase = 0x5002_0000;
        startInADaemonThatIsKilled(idBase, "flood", "mkfifo /tmp/f; read x < /tmp/f; seq 1 300000; exit 6");
        host.letGo();
        ContainerSpec spec = spec("flood", idBase);
        int pid = pidOf(spec);
        Path fifo = Path.of("/proc/" + pid + "/root/tmp/f");
        await(() -> Files.exists(fifo));
        Files.writeString(fifo, "go\n");
        awaitZombie(pid);
        assertThat(spec.directory().resolve(ContainerEngine.MISSED_OUTPUT)).hasSize(KeeperProgram.MISSED_OUTPUT);
        host.reopen();
        host.engine.adopt(spec);
        assertThat(host.exit("flood")).isEqualTo(new Exit(6, 0));
    }

    @Test
    void whatWasClearedAwaySinceTheDaemonBeganIsNotTakenUp() throws Exception {
        int idBase = 0x5003_0000;
        startInADaemonThatIsKilled(idBase, "cleared", "exec sleep 1000");
        ContainerSpec spec = spec("cleared", idBase);
        host.engine.clean(spec);
        assertThat(host.engine.adopt(spec)).isEmpty();
    }

    @Test
    void nothingIsAdoptedThatNobodyStarted() throws Exception {
        assertThat(host.engine.adopt(host.spec("unknown"))).isEmpty();
    }

    private int pidOf(ContainerSpec spec) throws IOException {
        byte[] record = Files.readAllBytes(host.state.resolve("run/containers").resolve(spec.name()));
        String text = new String(record, Keeper.Kept.SIZE, record.length - Keeper.Kept.SIZE, StandardCharsets.US_ASCII);
        return Integer.parseInt(text.lines().toList().get(1));
    }

    private static void awaitZombie(int pid) throws Exception {
        await(() -> Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z "));
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("it comes true in 10 s").isLessThan(deadline);
            Thread.yield();
        }
    }
}
