package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands before there is any server. */
@Order(1)
class CommandsTest {
    private final Host host = Host.shared();

    @Test
    void versionStartsNoDaemon() {
        Outcome version = host.trefoil("version").ok();
        assertThat(version.out()).contains("0.1.0");
        assertThat(version.err()).doesNotContain("starting");
    }

    @Test
    void listStartsTheDaemonAndIsEmpty() {
        assertThat(host.trefoil("list", "--format", "json").ok().out().strip()).isEqualTo("[]");
        assertThat(host.daemon()).isPositive();
    }

    @Test
    void aRunningDaemonIsUsedSilently() {
        host.trefoil("list").ok();
        assertThat(host.trefoil("list").ok().err()).isEmpty();
    }

    @Test
    void dataGoesToStandardOutputInEveryFormat() {
        for (String format : List.of("table", "compact", "csv", "json", "yaml")) {
            assertThat(host.trefoil("image", "list", "--format", format).ok().err()).as(format).isEmpty();
        }
    }

    @Test
    void wrongUsageExitsWithTwo() {
        assertThat(host.trefoil("lunch").exits(2).err()).contains("launch");
        assertThat(host.trefoil("list", "--fromat", "json").exits(2).err()).contains("--format");
        host.trefoil("launch").exits(2);
    }

    @Test
    void failureExitsWithOneAndSaysWhatToTry() {
        assertThat(host.trefoil("info", "nosuch").exits(1).err()).contains("nosuch").contains("try:");
        assertThat(host.trefoil("launch", "nosuch:99", "x1").exits(1).err()).contains("nosuch:99");
        assertThat(host.trefoil("launch", "busybox", "Not_A_Name").err()).contains("Not_A_Name");
        assertThat(host.trefoil("list", "--format", "json").ok().out().strip()).isEqualTo("[]");
    }

    @Test
    void helpNamesTheCommands() {
        assertThat(host.trefoil("help").ok().out())
                .contains("launch", "create", "start", "stop", "restart", "pause", "resume", "delete", "list", "info",
                        "console", "exec", "logs", "file", "rename", "set", "top", "image", "network", "doctor",
                        "explain", "version", "completion", "demo", "bench");
    }

    @Test
    void doctorLooksAtTheHost() {
        Outcome doctor = host.trefoil("doctor", "--format", "json");
        assertThat(doctor.status()).isIn(0, 1);
        assertThat(doctor.objects()).isNotEmpty().allSatisfy(finding ->
                assertThat(finding).containsKeys("check", "level", "message"));
    }

    @Test
    void explainMakesNothing() {
        host.trefoil("image", "build", "busybox").ok();
        assertThat(host.trefoil("explain", "busybox").ok().out()).contains("clone3").contains("pivot_root");
        assertThat(host.trefoil("list", "--format", "json").ok().out().strip()).isEqualTo("[]");
    }

    @Test
    void theCommandRunsFromAnywhereThroughASymlinkAndInAPathWithSpaces(@TempDir Path directory) throws IOException {
        Path moved = directory.resolve("a place with spaces");
        host.run(List.of("cp", "-R", Host.home().toString(), moved.toString()), new byte[0]).ok();
        Path link = Files.createSymbolicLink(directory.resolve("tre foil"), Path.of("a place with spaces/bin/trefoil"));
        assertThat(host.run(List.of(link.toString(), "version"), new byte[0]).ok().out()).contains("0.1.0");
        Outcome elsewhere = host.run(List.of("sh", "-c", "cd / && exec \"$0\" version", link.toString()), new byte[0]);
        assertThat(elsewhere.ok().out()).contains("0.1.0");
    }

    @Test
    void aStaleStartUpCacheIsPassedOverInSilence(@TempDir Path directory) throws IOException {
        Path moved = directory.resolve("trefoil");
        host.run(List.of("cp", "-R", Host.home().toString(), moved.toString()), new byte[0]).ok();
        Files.createDirectories(moved.resolve("cache"));
        for (String release : List.of("25.0.3+9-LTS", System.getProperty("java.runtime.version"))) {
            Files.writeString(moved.resolve("cache/cli-" + release + ".aot"), "no cache at all");
        }
        Outcome version = host.run(List.of(moved.resolve("bin/trefoil").toString(), "version"), new byte[0]).ok();
        assertThat(version.err()).isEmpty();
        assertThat(version.out()).contains("0.1.0").doesNotContain("aot");
    }
}
