package trefoil.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import trefoil.client.fake.FakeDaemon;

@Timeout(60)
class HostCommandsTest extends CommandLineTest {
    private static final String RUNNING = "{\"id\":\"1\",\"status\":\"running\",\"metadata\":{},\"created\":1}";

    @Test
    void versionAsksTheDaemonAndStartsNone() throws IOException {
        daemon.answer("GET /1.0", "{\"version\":\"9.9\",\"pid\":1,\"started\":1}");
        assertThat(trefoil("--version")).isZero();
        assertThat(out()).matches("trefoil \\d+\\.\\d+.*\ndaemon 9\\.9\n");
        assertThat(trefoil("version", "-f", "json")).isZero();
        assertThat(out()).startsWith("{\n  \"command\": \"").endsWith("\n  \"daemon\": \"9.9\"\n}\n");
        daemon.close();
        assertThat(trefoil("version")).isZero();
        assertThat(out()).endsWith("daemon: not running\n");
        assertThat(trefoil("version", "-f", "yaml")).isZero();
        assertThat(out()).endsWith("\ndaemon: null\n");
    }

    @Test
    void eventsComeOneALine() {
        daemon.onSocket("/1.0/events", socket -> {
            socket.text("{\"sequence\":1,\"at\":0,\"type\":\"lifecycle\",\"resource\":\"/1.0/servers/a\",\"action\":\"server-started\",\"details\":{\"k\":\"v\\u001b\"}}");
            socket.close(1001, "");
        });
        assertThat(trefoil("events", "--type", "lifecycle")).isZero();
        assertThat(out()).endsWith("  lifecycle  server-started  /1.0/servers/a  k=v?\n");
        assertThat(trefoil("monitor", "-f", "json")).isZero();
        assertThat(out()).startsWith("{\"sequence\":1,");
        daemon.onSocket("/1.0/events", socket -> socket.close(1013, "you read too slowly"));
        assertThat(trefoil("events")).isEqualTo(1);
        assertThat(err()).contains("you read too slowly");
    }

    @Test
    void images() throws IOException {
        daemon.answer("GET /1.0/images", "[{\"fingerprint\":\"0123456789abcdef\",\"aliases\":[\"debian:12\",\"debian:bookworm\"],\"os\":\"Debian 12\",\"architecture\":\"amd64\",\"layers\":[\"x\"],\"size\":1048576,\"created\":1,\"source\":\"debian\",\"usedBy\":[\"a\"]}]");
        assertThat(trefoil("image", "ls", "-f", "csv", "-c", "alias,fingerprint,size,used-by")).isZero();
        assertThat(out()).isEqualTo("debian:12 debian:bookworm,0123456789ab,1 MiB,a\n");
        daemon.answer("GET /1.0/images/debian%3A12", "{\"fingerprint\":\"01\",\"aliases\":[\"debian:12\"],\"size\":1,\"created\":1}");
        assertThat(trefoil("image", "show", "debian:12")).isZero();
        assertThat(out()).isEqualTo("fingerprint: \"01\"\naliases:\n  - \"debian:12\"\nsize: 1\ncreated: 1\n");

        daemon.answerAsync("POST /1.0/images/import", RUNNING).answerAsync("POST /1.0/images/build", RUNNING);
        daemon.answer("GET /1.0/operations/1/wait", "{\"id\":\"1\",\"status\":\"success\",\"metadata\":{\"fingerprint\":\"abc\"},\"created\":1}");
        Path archive = Files.writeString(state.resolve("root.tar"), "tar");
        assertThat(trefoil("image", "import", archive.toString(), "mine:1")).isZero();
        assertThat(out()).isEqualTo("abc\n");
        FakeDaemon.Request sent = daemon.requests("POST").getFirst();
        assertThat(sent.target()).isEqualTo("/1.0/images/import?alias=mine%3A1&name=root.tar");
        assertThat(sent.text()).isEqualTo("tar");
        assertThat(trefoil("image", "import", archive.toString(), "--alias", "mine:2")).isZero();
        assertThat(daemon.requests("POST").getLast().target()).isEqualTo("/1.0/images/import?alias=mine%3A2&name=root.tar");
        assertThat(trefoil("image", "import", archive.toString(), "mine:1", "--alias=mine:2")).isEqualTo(2);
        assertThat(err()).contains("twice");
        assertThat(trefoil("image", "build", "busybox", "--force")).isZero();
        assertThat(daemon.requests("POST").getLast().text()).isEqualTo("{\"image\":\"busybox\",\"force\":true}");
        assertThat(trefoil("image", "import", state + "/none")).isEqualTo(1);
        assertThat(trefoil("image", "import", state.toString())).isEqualTo(1);
        assertThat(err()).contains("not an OCI image layout");

        daemon.on("GET /1.0/images/mine%3A1/export", (request, out) -> FakeDaemon.octets(out, 200, "", "zst".getBytes()));
        assertThat(trefoil("image", "export", "mine:1", state + "/out")).isZero();
        assertThat(state.resolve("out")).hasContent("zst");
        assertThat(trefoil("image", "export", "mine:1", "-")).isZero();
        assertThat(out()).isEqualTo("zst");
        daemon.refuse("DELETE /1.0/images/mine%3A1", 409, "{\"code\":\"conflict\",\"status\":409,\"message\":\"a is made from it\"}").answer("DELETE /1.0/images/other", "null");
        assertThat(trefoil("image", "rm", "mine:1", "other")).isEqualTo(1);
        assertThat(err()).isEqualTo("error: a is made from it\nother deleted\n");
    }

    @Test
    void importsTheDirectoryOfAnOciLayout() throws IOException {
        daemon.answerAsync("POST /1.0/images/import", RUNNING);
        daemon.answer("GET /1.0/operations/1/wait", "{\"id\":\"1\",\"status\":\"success\",\"metadata\":{\"fingerprint\":\"abc\"},\"created\":1}");
        Path layout = Files.createDirectory(state.resolve("layout"));
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        assertThat(trefoil("image", "import", layout.toString())).isZero();
        assertThat(daemon.requests("POST").getFirst().text()).contains("oci-layout", "ustar", "imageLayoutVersion");
    }

    @Test
    void networks() {
        daemon.answer("GET /1.0/networks", "[{\"name\":\"default\",\"ipv4\":\"10.77.0.1/24\",\"ipv6\":\"none\",\"nat\":true,\"bridge\":\"br0\",\"usedBy\":[]}]");
        daemon.answer("POST /1.0/networks", "{\"name\":\"lab\",\"ipv4\":\"10.9.0.1/24\",\"ipv6\":\"none\",\"bridge\":\"br1\"}").answer("DELETE /1.0/networks/lab", "null");
        assertThat(trefoil("network", "list", "-f", "compact")).isZero();
        assertThat(out()).isEqualTo("NAME     IPV4          IPV6  NAT  BRIDGE  USED BY\ndefault  10.77.0.1/24  none  yes  br0\n");
        assertThat(trefoil("network", "create", "lab", "--ipv6", "none", "--no-nat")).isZero();
        assertThat(daemon.requests("POST").getFirst().text()).isEqualTo("{\"name\":\"lab\",\"ipv6\":\"none\",\"nat\":false}");
        assertThat(trefoil("network", "delete", "lab")).isZero();
        assertThat(trefoil("network")).isEqualTo(2);
        assertThat(trefoil("network", "--help")).isZero();
        assertThat(out()).contains("network create");
        assertThat(trefoil("network", "crate")).isEqualTo(2);
        assertThat(err()).contains("did you mean create?");
    }

    @Test
    void daemonCommandsThatStartNone() throws IOException {
        daemon.answer("GET /1.0", "{\"version\":\"9\",\"pid\":999999999,\"started\":1,\"directory\":\"/d\"}").answer("POST /1.0/shutdown", "null");
        assertThat(trefoil("daemon", "status")).isZero();
        assertThat(out()).startsWith("running: version 9, process 999999999");
        assertThat(trefoil("daemon", "status", "-f", "yaml")).isZero();
        assertThat(out()).startsWith("running: true\nhost:\n  version: \"9\"\n");
        assertThat(trefoil("daemon", "stop", "--servers")).isZero();
        assertThat(daemon.requests("POST").getFirst().target()).isEqualTo("/1.0/shutdown?servers=stop");
        daemon.close();
        assertThat(trefoil("daemon", "status")).isEqualTo(1);
        assertThat(out()).startsWith("no Trefoil daemon is running: ");
        assertThat(trefoil("daemon", "status", "--format=json")).isEqualTo(1);
        assertThat(out()).isEqualTo("{\n  \"running\": false\n}\n");
        assertThat(trefoil("daemon", "stop")).isZero();
        assertThat(err()).isEqualTo("no Trefoil daemon is running\n");
    }

    @Test
    void adviceIsACommandThatCanBeTypedAsThisOneWas() {
        daemon.refuse("GET /1.0/servers/a", 404, "{\"code\":\"not-found\",\"status\":404,\"message\":\"none\",\"next\":\"trefoil list\"}");
        trefoil("info", "a");
        assertThat(err()).endsWith("try: trefoil list\n");
        environment.put("TREFOIL_COMMAND", "./trefoil");
        trefoil("info", "a");
        assertThat(err()).endsWith("try: ./trefoil list\n");
        trefoil("info", "--what");
        assertThat(err()).endsWith("try: ./trefoil info --help\n");
        environment.put("TREFOIL_COMMAND", "trefoil");
        trefoil("info", "a");
        assertThat(err()).endsWith("try: trefoil list\n");
    }

    private Path home(String script) throws IOException {
        Path bin = Files.createDirectories(state.resolve("home with blank/bin"));
        Path program = Files.writeString(bin.resolve("trefoil-daemon"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        environment.put("TREFOIL_HOME", bin.getParent().toString());
        return program;
    }

    private static void assumeRoot() {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root may start a daemon");
    }

    @Test
    void startsADaemonWhereNoneRunsAndSaysSoOnce() throws Exception {
        assumeRoot();
        daemon.close();
        // The script tells that it was started; this test then listens in its stead.
        Path started = state.resolve("started");
        home("ps -o sid= -p $$ >'" + started + "'; readlink /proc/self/fd/0 >>'" + started + "'; echo \"$TREFOIL_DIR\" >>'" + started + "'; exec sleep 30");
        environment.put("TREFOIL_DIR", Path.of("").toAbsolutePath().relativize(state.toAbsolutePath()).toString());
        Thread standIn = Thread.ofPlatform().start(() -> {
            try {
                while (!Files.exists(started) || Files.readAllLines(started).size() < 3) {
                    Thread.onSpinWait();
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                daemon = new FakeDaemon(state);
                daemon.answer("GET /1.0/servers", "[]");
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(trefoil("list", "-f", "json")).isZero();
        standIn.join();
        assertThat(out()).isEqualTo("[]\n");
        assertThat(err()).isEqualTo("starting the Trefoil daemon…\n");
        long session = Long.parseLong(Files.readAllLines(started).getFirst().strip());
        ProcessHandle script = ProcessHandle.of(session).orElseThrow();
        assertThat(script.isAlive()).as("the daemon leads a session of its own").isTrue();
        assertThat(Files.readAllLines(started).get(1)).isEqualTo("/dev/null");
        assertThat(Files.readAllLines(started).get(2)).as("the directory that the command meant, for a daemon that works in /").isEqualTo(state.toString());
        script.destroyForcibly();
    }

    @Test
    void waitsForTheDaemonThatAnotherCommandStarts() throws Exception {
        assumeRoot();
        daemon.close();
        Process other = new ProcessBuilder("sleep", "30").start();
        Files.writeString(state.resolve("run/daemon.lock"), other.pid() + "\n");
        Path started = state.resolve("started");
        home("touch '" + started + "'; echo 'another daemon is running' >&2; exit 1");
        Thread standIn = Thread.ofPlatform().start(() -> {
            try {
                while (!Files.exists(started)) {
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                // Longer than the time after which an ended daemon is complained about.
                TimeUnit.MILLISECONDS.sleep(600);
                daemon = new FakeDaemon(state);
                daemon.answer("GET /1.0/servers", "[]");
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(trefoil("list", "-f", "csv")).as(err()).isZero();
        standIn.join();
        other.destroyForcibly();
    }

    @Test
    void showsTheLogOfADaemonThatDoesNotStart() throws IOException {
        assumeRoot();
        daemon.close();
        Files.writeString(state.resolve("daemon.log"), "old news\n");
        home("printf 'no room on disk\\n\\tat trefoil.Some(Where.java:1)\\n' >&2; exit 3");
        assertThat(trefoil("list")).isEqualTo(1);
        assertThat(err()).contains("ended at once with status 3", "  no room on disk\n", "try: less " + state.resolve("daemon.log")).doesNotContain("old news", "Where.java");
    }

    @Test
    void saysHowToBeStartedWithoutALauncher() throws IOException {
        assumeRoot();
        daemon.close();
        assertThat(trefoil("list")).isEqualTo(1);
        assertThat(err()).contains("no Trefoil daemon is running", "TREFOIL_HOME is not set");
    }

    @Test
    void completionScriptsAreSoundAndKnowEveryCommand() throws Exception {
        for (String shell : new String[] {"bash", "zsh", "fish"}) {
            assertThat(trefoil("completion", shell)).isZero();
            assertThat(out()).contains("launch", "image build", "--memory-guarantee", "demo").doesNotContain("#FIRST#", "#OPTIONS#", "java");
        }
        assertThat(trefoil("completion", "csh")).isEqualTo(2);
        assertThat(complete("trefoil la")).contains("launch");
        assertThat(complete("trefoil image ")).contains("build", "import", "list");
        assertThat(complete("trefoil launch --mem")).containsExactlyInAnyOrder("--memory", "--memory-guarantee");
        assertThat(complete("trefoil list --format ")).contains("json", "yaml");
        assertThat(complete("trefoil completion ")).containsExactlyInAnyOrder("bash", "zsh", "fish");
    }

    @Test
    void completionAsksTheSocketForNames() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/curl")), "needs curl");
        daemon.answer("GET /1.0/servers", "[{\"name\":\"web1\",\"config\":{\"name\":\"web1\"},\"addresses\":[\"10.0.0.1\"]},{\"name\":\"db1\"}]");
        daemon.answer("GET /1.0/images", "[{\"fingerprint\":\"ab\",\"aliases\":[\"busybox\",\"mine\"],\"layers\":[\"sha256:00\"],\"usedBy\":[\"web1\"]}]");
        assertThat(complete("trefoil stop ")).containsExactlyInAnyOrder("web1", "db1");
        assertThat(complete("trefoil launch ")).containsExactlyInAnyOrder("busybox", "mine");
    }

    private ProcessBuilder process(String... command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("TREFOIL_DIR", state.toString());
        return builder;
    }

    /** What bash offers behind a line. */
    private String[] complete(String line) throws Exception {
        trefoil("completion", "bash");
        Path script = Files.writeString(state.resolve("completion.bash"), out());
        Process bash = process("bash", "-c",
                ". '" + script + "'; read -ra COMP_WORDS <<<\"$1\"; case $1 in *' ') COMP_WORDS+=('') ;; esac; "
                        + "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _trefoil; printf '%s\\n' \"${COMPREPLY[@]}\"",
                "bash", line)
                .redirectErrorStream(true)
                .directory(state.toFile())
                .start();
        bash.getOutputStream().close();
        String offered = new String(bash.getInputStream().readAllBytes());
        bash.waitFor();
        return offered.strip().split("\n");
    }
}
