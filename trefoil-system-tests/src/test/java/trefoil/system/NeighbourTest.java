package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestReporter;

/**
 * Root of one server uses up all it can get of one resource. Its limits hold; a neighbour answers all the while, each time
 * within {@link Pulse#PATIENCE}; so does the daemon; and the offender can be stopped and deleted.
 */
@Order(10)
class NeighbourTest {
    private static final Host HOST = Host.shared();
    private static final long MIB = 1L << 20;
    private static final int PIDS = 300;
    private static final long MEMORY = 128 * MIB;
    private static final long DISK = 64 * MIB;
    private static Guest neighbour;

    private final TestReporter reporter;
    private Guest bomb;
    private Pulse pulse;
    private long daemon;

    NeighbourTest(TestReporter reporter) {
        this.reporter = reporter;
    }

    @BeforeAll
    static void launch() {
        neighbour = Guest.launch(HOST, "busybox", "calm");
        Pulse.answerIn(neighbour);
    }

    @AfterAll
    static void delete() {
        neighbour.close();
    }

    @BeforeEach
    void arm(TestInfo test) {
        bomb = Guest.launch(
                HOST, "debian:12", "bomb", "--restart", "never", "--cpus", "1", "--pids", Integer.toString(PIDS),
                "--memory", MEMORY / MIB + "MiB", "--disk", DISK / MIB + "MiB");
        try (Pulse quiet = Pulse.of(neighbour)) {
            Awaitility.await("answers of a quiet neighbour").atMost(Duration.ofSeconds(30)).until(() -> quiet.answers() >= 10);
            reporter.publishEntry(test.getDisplayName() + ", quiet", quiet.toString());
        }
        daemon = HOST.daemon();
        pulse = Pulse.of(neighbour);
    }

    /** What holds of every bomb after it went off. */
    @AfterEach
    void contained(TestInfo test) {
        try {
            int before = pulse.answers();
            Awaitility.await("answers beside the bomb").atMost(Duration.ofSeconds(60)).until(() -> pulse.answers() > before + 20);
            assertThat(neighbour.sh("echo working")).isEqualTo("working");
            assertThat(HOST.names()).contains("bomb", "calm");
            HOST.trefoil("stop", "bomb", "--force").ok();
            assertThat(bomb.status()).isEqualTo("stopped");
        } finally {
            pulse.close();
            bomb.close();
        }
        reporter.publishEntry(test.getDisplayName() + ", beside it", pulse.toString());
        assertThat(pulse.failures()).as("answers of the neighbour that did not come").isEmpty();
        assertThat(HOST.daemon()).as("the daemon goes on").isEqualTo(daemon);
        assertThat(HOST.directory().resolve("servers/bomb")).doesNotExist();
    }

    private void perl(String program) {
        bomb.sh("systemd-run --quiet --collect --property=TasksMax=infinity --property=LimitNOFILE=524288 perl -e '" + program + "' >/dev/null 2>&1");
    }

    private static void eventually(String what, Callable<Boolean> condition) {
        Awaitility.await(what).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(200)).until(condition);
    }

    @Test
    void aForkBomb() {
        perl("while (1) { fork }");
        eventually("the bomb to reach its limit", () -> bomb.usage("processes") >= PIDS - 5);
        assertThat(bomb.usage("processes")).isLessThanOrEqualTo(PIDS);
        assertExecAnswers();
    }

    @Test
    void sleepersThatTakeAllProcessIds() {
        perl("while (1) { my $p = fork; sleep 600 if defined $p && $p == 0; sleep 1 if !defined $p }");
        eventually("all process ids to be taken", () -> bomb.usage("processes") == PIDS);
        assertExecAnswers();
        HOST.trefoil("set", "bomb", "pids=" + (PIDS + 50)).ok();
        eventually("the new limit to be reached", () -> bomb.usage("processes") == PIDS + 50);
    }

    /** Version 1 of control groups lets a process that is moved into a group exceed its limit; version 2 does not. */
    private void assertExecAnswers() {
        Outcome exec = bomb.exec("true");
        assertThat(exec.status()).as("%s", exec).isIn(0, 125);
        if (exec.status() == 125) {
            assertThat(exec.err()).contains("error: ", "try: ");
        }
    }

    @Test
    void processesThatTakeAllMemory() {
        perl("while (1) { my $p = fork; if (defined $p && $p == 0) { my $n = 1 << 30; my $x = \"a\" x $n; exit } select undef, undef, undef, 0.05 }");
        eventually("processes to be killed for lack of memory", () -> bomb.usage("oomKills") >= 5);
        assertThat(bomb.usage("memory")).isLessThanOrEqualTo(MEMORY);
        assertThat(neighbour.usage("oomKills")).isZero();
    }

    @Test
    void filesThatFillTheDisk() throws IOException {
        long before = HOST.directory().toFile().getUsableSpace();
        assertThat(bomb.exec("dd", "if=/dev/zero", "of=/root/fill", "bs=1M").exits(1).err()).contains("No space left");
        bomb.exec("sh", "-c", "i=0; while mkdir -p /root/d$i && : > /root/d$i/f; do i=$((i+1)); [ $i -gt 30000 ] && break; done");
        assertThat(before - HOST.directory().toFile().getUsableSpace()).as("taken of the host's disk").isLessThan(DISK + 64 * MIB);
        assertThat(Files.exists(Path.of("/proc/" + daemon))).isTrue();
        assertThat(bomb.usage("disk")).isLessThanOrEqualTo(DISK);
    }

    @Test
    void filesThatAreOpenedWithoutEnd() throws IOException {
        perl("while (1) { my $p = fork; if (defined $p && $p == 0) { my @f; while (open my $h, \"<\", \"/dev/null\") { push @f, $h } sleep 600 } sleep 1 }");
        long most = sysctl("file-max");
        eventually("files to be open until memory is short", () -> openFiles() > 100_000 || bomb.usage("oomKills") > 0);
        assertThat(openFiles()).as("open files of the whole host").isLessThan(most / 2);
    }

    private static long openFiles() throws IOException {
        return sysctl("file-nr");
    }

    /** The first figure of a file of {@code /proc/sys/fs}, in one read: a second one finds nothing. */
    private static long sysctl(String name) throws IOException {
        return Long.parseLong(Files.readAllLines(Path.of("/proc/sys/fs", name)).getFirst().split("\\s+")[0]);
    }

    /** Terminals are the whole host's; a server gets no more than its share, and the neighbour still gets one. */
    @Test
    void terminalsThatAreOpenedWithoutEnd() throws IOException {
        perl("my @f; while (open my $h, \"+<\", \"/dev/ptmx\") { push @f, $h } open my $o, \">\", \"/root/open\"; print $o scalar @f; close $o; sleep 600");
        eventually("all terminals of the server to be open", () -> bomb.exec("test", "-s", "/root/open").status() == 0);
        assertThat(Integer.parseInt(bomb.sh("cat /root/open"))).isBetween(100, 256);
        assertThat(bomb.exec("true").status()).isZero();
        try (Terminal terminal = HOST.terminal("exec", "calm", "--", "tty")) {
            terminal.shows("/dev/pts/");
            assertThat(terminal.exit()).isZero();
        }
    }
}
