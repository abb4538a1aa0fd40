package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The view as programs in a user, mount and pid namespace of their own see it, on the real kernel. */
@Timeout(60)
class ProcViewTest {
    @TempDir
    Path run;

    private ProcView view;
    private final FixedSource source = new FixedSource();

    @BeforeEach
    void open() throws IOException {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/core_pattern")), "needs root: mounts and fanotify");
        run.toFile().setExecutable(true, false);
        run.toFile().setReadable(true, false);
        view = ProcView.open(run);
    }

    @AfterEach
    void dispose() throws IOException {
        if (view != null) {
            view.dispose();
        }
    }

    /** Runs a command as root of a user namespace whose ids are 1000000 and up, with the covers in their places. */
    private String inside(String command) throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder("set -e; mount -t proc proc /proc; ");
        for (String[] cover : new String[][] {
            {"meminfo", "/proc/meminfo"}, {"cpuinfo", "/proc/cpuinfo"}, {"stat", "/proc/stat"}, {"loadavg", "/proc/loadavg"},
            {"swaps", "/proc/swaps"}, {"cpu-online", "/sys/devices/system/cpu/online"},
            {"cpu-possible", "/sys/devices/system/cpu/possible"}
        }) {
            script.append("mount --bind ").append(run).append("/procview/web/").append(cover[0]);
            script.append(' ').append(cover[1]).append("; ");
        }
        Process holder = new ProcessBuilder("unshare", "-U", "sh", "-c", "echo in; exec sleep 100").start();
        try {
            assertThat(holder.getInputStream().read()).isEqualTo('i');
            Files.writeString(Path.of("/proc/" + holder.pid() + "/uid_map"), "0 1000000 65536");
            Files.writeString(Path.of("/proc/" + holder.pid() + "/gid_map"), "0 1000000 65536");
            return output("nsenter", "-U", "-t", Long.toString(holder.pid()), "--setuid", "0", "--setgid", "0",
                    "unshare", "-m", "-p", "-f", "sh", "-c", script + "set +e; " + command);
        } finally {
            holder.destroyForcibly();
        }
    }

    private static String output(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    @Test
    void freeTellsTheCap() throws Exception {
        view.register("web", source);
        assertThat(inside("free -m").lines().toList().get(1).split(" +")).startsWith("Mem:", "512");
    }

    @Test
    void cpuCountsAreTheCap() throws Exception {
        view.register("web", source);
        assertThat(inside("getconf _NPROCESSORS_ONLN; getconf _NPROCESSORS_CONF; grep -c ^processor /proc/cpuinfo; "
                + "grep -c ^cpu[0-9] /proc/stat"))
                .isEqualTo("1\n1\n1\n1\n");
    }

    @Test
    void topAndVmstatAndSwaponAreContent() throws Exception {
        view.register("web", source);
        assertThat(inside("top -bn1 | head -5")).contains("load average").containsPattern("MiB Mem : +512.0 total");
        assertThat(inside("vmstat 1 2 | tail -1").strip().split(" +").length).isGreaterThanOrEqualTo(17);
        assertThat(inside("cat /proc/swaps")).startsWith("Filename");
    }

    @Test
    void aChangedCapIsSeenByAServerThatRuns() throws Exception {
        view.register("web", source);
        Process reader = new ProcessBuilder("sh", "-c", "while read go; do head -1 " + run + "/procview/web/meminfo; done").start();
        var in = reader.getOutputStream();
        var out = new java.io.BufferedReader(reader.inputReader());
        try {
            in.write('\n');
            in.flush();
            assertThat(out.readLine()).isEqualTo("MemTotal:         524288 kB");
            source.cap = 256 * FixedSource.MIB;
            String line = "";
            while (!line.contains("262144")) { // until the content is old; the timeout ends it
                in.write('\n');
                in.flush();
                line = out.readLine();
            }
        } finally {
            reader.destroyForcibly();
        }
    }

    @Test
    void rootInsideCannotWriteThem() throws Exception {
        view.register("web", source);
        String said = inside("echo lie > /proc/meminfo; chown 5 /proc/meminfo; chmod 777 /proc/meminfo; rm -f /proc/meminfo; "
                + "head -1 /proc/meminfo");
        assertThat(said).contains("denied").endsWith("MemTotal:         524288 kB\n");
    }

    @Test
    void overlaysAreOneDetachedReadOnlyMountPerFile() throws Exception {
        view.register("web", source);
        List<ProcView.Overlay> overlays = view.overlays("web");
        try {
            assertThat(overlays).extracting(ProcView.Overlay::target)
                    .contains("/proc/meminfo", "/proc/stat", "/proc/loadavg", "/sys/devices/system/cpu/online")
                    .doesNotHaveDuplicates();
            Path meminfo = Path.of(overlays.getFirst().detachedMount().path());
            assertThat(Files.readString(meminfo)).startsWith("MemTotal:         524288 kB\n");
        } finally {
            overlays.forEach(overlay -> overlay.detachedMount().close());
        }
    }

    @Test
    void aServerThatIsNotRegisteredHasNone() throws Exception {
        assertThatThrownBy(() -> view.overlays("web")).isInstanceOf(ContainerException.class).hasMessageContaining("web");
        view.register("web", source);
        assertThat(view.names()).containsExactly("web");
        view.forget("web");
        view.forget("web");
        assertThat(view.names()).isEmpty();
        assertThatThrownBy(() -> view.overlays("web")).isInstanceOf(ContainerException.class);
    }

    @Test
    void theNextDaemonTakesThemUp() throws Exception {
        view.register("web", source);
        List<ProcView.Overlay> overlays = view.overlays("web");
        Path meminfo = Path.of(overlays.getFirst().detachedMount().path());
        assertThat(Files.readString(meminfo)).contains("524288 kB");
        view.close();
        assertThat(Files.readString(meminfo)).contains("524288 kB");
        view = ProcView.open(run);
        assertThat(view.names()).containsExactly("web");
        source.cap = 1024 * FixedSource.MIB;
        view.register("web", source);
        assertThat(Files.readString(meminfo)).startsWith("MemTotal:        1048576 kB");
        overlays.forEach(overlay -> overlay.detachedMount().close());
    }

    @Test
    void namesThatLeaveTheDirectoryAreRefused() {
        for (String name : List.of("", "..", "a/b", ".x")) {
            assertThatThrownBy(() -> view.register(name, source)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> view.forget(name)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
