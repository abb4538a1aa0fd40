package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny server that is used while it runs; no test here ends it. */
@Order(2)
class BusyboxTest {
    private static final Host HOST = Host.shared();
    private static Guest guest;

    @BeforeAll
    static void launch() {
        guest = Guest.launch(HOST, "busybox", "tiny");
    }

    @AfterAll
    static void delete() {
        guest.close();
    }

    @Test
    void listShowsItForPrograms() {
        assertThat(guest.row())
                .containsEntry("name", "tiny")
                .containsEntry("kind", "os")
                .containsEntry("status", "running")
                .containsEntry("image", "busybox")
                .containsKey("addresses");
        assertThat(guest.address()).matches("[0-9.]+");
    }

    @Test
    void aNameIsTakenOnce() {
        assertThat(HOST.trefoil("launch", "busybox", "tiny").exits(1).err()).contains("tiny");
        assertThat(guest.status()).isEqualTo("running");
    }

    @Test
    void deleteRefusesWhileItRuns() {
        assertThat(HOST.trefoil("delete", "tiny").exits(1).err()).contains("--force");
        assertThat(guest.status()).isEqualTo("running");
    }

    @Test
    void execReturnsTheStatusOfTheCommand() {
        guest.exec("true").exits(0);
        guest.exec("sh", "-c", "exit 7").exits(7);
        guest.exec("sh", "-c", "kill -9 $$").exits(128 + 9);
        guest.exec("/no/such/program").exits(127);
        guest.exec("/etc").exits(126);
    }

    @Test
    void execKeepsTheStreamsApartAndExact() {
        Outcome both = guest.exec("sh", "-c", "echo out; echo err >&2").ok();
        assertThat(both.out()).isEqualTo("out\n");
        assertThat(both.err()).isEqualTo("err\n");
        byte[] octets = new byte[3_000_000];
        new Random(7).nextBytes(octets);
        assertThat(guest.exec(octets, "cat").ok().octets()).isEqualTo(octets);
    }

    @Test
    void itIsAMachineOfItsOwn() {
        assertThat(guest.sh("hostname")).isEqualTo("tiny");
        assertThat(guest.sh("id -u")).isEqualTo("0");
        assertThat(guest.sh("cat /proc/1/comm")).isNotEqualTo("java");
        assertThat(guest.sh("ls /proc | grep -c '^[0-9]'").strip()).satisfies(count ->
                assertThat(Integer.parseInt(count)).isLessThan(20));
        String map = guest.sh("cat /proc/self/uid_map").strip().replaceAll(" +", " ");
        assertThat(map).startsWith("0 ").doesNotStartWith("0 0 ").endsWith(" 65536");
    }

    @Test
    void filesGoInAndOutUnchanged(@TempDir Path directory) throws IOException {
        byte[] octets = new byte[200_000];
        new Random(11).nextBytes(octets);
        Path source = Files.write(directory.resolve("source.bin"), octets);
        Path back = directory.resolve("back.bin");
        HOST.trefoil("file", "push", source.toString(), "tiny:/root/copy.bin").ok();
        assertThat(guest.sh("wc -c < /root/copy.bin").strip()).isEqualTo("200000");
        HOST.trefoil("file", "pull", "tiny:/root/copy.bin", back.toString()).ok();
        assertThat(back).hasBinaryContent(octets);
    }

    @Test
    void directoriesGoInAndOut(@TempDir Path directory) throws IOException {
        Path tree = Files.createDirectories(directory.resolve("tree/below"));
        Files.writeString(tree.resolve("leaf.txt"), "leaf\n");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("leaf.txt"));
        HOST.trefoil("file", "push", "-r", directory.resolve("tree").toString(), "tiny:/root/").ok();
        assertThat(guest.sh("cat /root/tree/below/leaf.txt")).isEqualTo("leaf");
        assertThat(guest.sh("readlink /root/tree/below/link")).isEqualTo("leaf.txt");
        Files.createDirectory(directory.resolve("again"));
        HOST.trefoil("file", "pull", "-r", "tiny:/root/tree", directory.resolve("again").toString()).ok();
        assertThat(directory.resolve("again/tree/below/leaf.txt")).hasContent("leaf\n");
        assertThat(Files.readSymbolicLink(directory.resolve("again/tree/below/link"))).isEqualTo(Path.of("leaf.txt"));
    }

    @Test
    void aFileThatIsAbsentIsNamed() {
        assertThat(HOST.trefoil("file", "pull", "tiny:/no/such", "-").exits(1).err()).contains("/no/such");
    }

    @Test
    void logsHoldTheConsole() {
        guest.sh("echo written to the console > /dev/console");
        assertThat(HOST.trefoil("logs", "tiny").ok().out()).contains("written to the console");
    }

    @Test
    void theConsoleIsATerminalThatIsLeftAndTakenUpAgain() {
        try (Terminal first = HOST.terminal("console", "tiny")) {
            first.type("\r").shows("#");
            first.type("echo $((6*7))\r").shows("42");
            first.type("\u0001q");
            assertThat(first.exit()).isZero();
        }
        try (Terminal second = HOST.terminal("console", "tiny")) {
            second.shows("42");
            second.type("echo $((6*111))\r").shows("666");
            second.type("\u0001q");
            assertThat(second.exit()).isZero();
        }
    }

    @Test
    void execAllocatesATerminalOnATerminal() {
        try (Terminal shell = HOST.terminal("exec", "tiny", "--", "sh")) {
            shell.type("tty; echo $((5*5))\r").shows("/dev/pts/").shows("25");
            shell.type("exit 3\r");
            assertThat(shell.exit()).isEqualTo(3);
        }
    }

    @Test
    void infoShowsUseAndLimits() {
        assertThat(HOST.trefoil("info", "tiny").ok().out()).contains("tiny", "running", "busybox");
        assertThat(HOST.trefoil("top", "--once").ok().out()).contains("tiny");
    }

    @Test
    void pausedItDoesNothing() {
        HOST.trefoil("pause", "tiny").ok();
        assertThat(guest.status()).isEqualTo("paused");
        HOST.trefoil("resume", "tiny").ok();
        assertThat(guest.status()).isEqualTo("running");
        assertThat(guest.sh("echo awake")).isEqualTo("awake");
    }

    @Test
    void standardInputEnds() {
        byte[] input = "one\ntwo\n".getBytes(StandardCharsets.UTF_8);
        assertThat(guest.exec(input, "wc", "-l").ok().out().strip()).isEqualTo("2");
    }
}
