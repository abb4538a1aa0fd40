package trefoil.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The peers that are installed really run, at the isolation that the report names, and leave nothing behind. */
class PeersTest {
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    private Workspace workspace;

    @BeforeEach
    void makeRootfs() throws Exception {
        Assumptions.assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "peers need root");
        Assumptions.assumeTrue(Files.exists(BUSYBOX), "busybox-static is not installed");
        workspace = new Workspace();
        for (String directory : List.of("bin", "proc", "sys", "dev", "tmp", "etc", "run", "usr", "root")) {
            Files.createDirectories(workspace.rootfs().resolve(directory));
        }
        Files.copy(BUSYBOX, workspace.rootfs().resolve("bin/busybox"));
        for (String applet : List.of("sh", "echo", "sleep")) {
            Files.createSymbolicLink(workspace.rootfs().resolve("bin").resolve(applet), Path.of("busybox"));
        }
        Run.of(workspace.path(), List.of("chown", "-R", "-h", Peers.FIRST_ID + ":" + Peers.FIRST_ID, workspace.rootfs().toString()));
    }

    @AfterEach
    void cleanUp() throws Exception {
        if (workspace != null) {
            workspace.end();
            assertThat(workspace.path()).doesNotExist();
        }
    }

    @Test
    void everyInstalledPeerRunsTheCommand() throws Exception {
        try (PeerSpace space = new PeerSpace(workspace.subordinateIds())) {
            Peers peers = new Peers(workspace.path(), workspace.rootfs(), space);
            Rounds rounds = new Rounds(peers.installed());
            rounds.run(2, java.time.Duration.ofSeconds(30));
            assertThat(rounds.failures()).isEmpty();
            Report report = new Report();
            rounds.report(report, OsBenchmark.START_TO_EXIT);
            assertThat(report.table()).contains("bare spawn");
            peers.missing().keySet().forEach(program -> assertThat(report.table()).doesNotContain("\n" + program + " "));
        }
    }

    @Test
    void containersThatIdleAreEnteredAndRemoved() throws Exception {
        try (PeerSpace space = new PeerSpace(workspace.subordinateIds())) {
            Peers peers = new Peers(workspace.path(), workspace.rootfs(), space);
            IdlePeers idle = new IdlePeers(peers, workspace, space);
            Report report = new Report();
            try {
                Map<String, List<String>> commands = idle.startExecTargets(report);
                assertThat(report.table()).doesNotContain("left out");
                for (var command : commands.entrySet()) {
                    assertThat(idle.exec(command.getKey(), command.getValue())).isPositive();
                }
                if (idle.installed("lxc-start")) {
                    assertThat(idle.lxcMonitorPss(1)).isPositive();
                }
            } finally {
                idle.clean();
            }
            assertThat(processesOf(workspace.path())).isEmpty();
        }
    }

    @Test
    void aPeerThatFailsIsLeftOutWithItsWords() throws Exception {
        try (PeerSpace space = new PeerSpace(workspace.subordinateIds())) {
            Peer wrong = new Peer("wrong", "", space, workspace.path(), List.of("sh", "-c", "echo hi; echo no such thing >&2; exit 3"));
            Peer silent = new Peer("silent", "", space, workspace.path(), List.of("true"));
            Rounds rounds = new Rounds(List.of(wrong, silent));
            rounds.run(1, java.time.Duration.ofSeconds(5));
            assertThat(rounds.failures()).hasSize(2).first().asString().contains("wrong").contains("3").contains("no such thing");
        }
    }

    private static List<Long> processesOf(Path path) throws IOException {
        return HostFigures.withCommandLine(path.toString());
    }
}
