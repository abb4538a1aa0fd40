package trefoil.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.client.fake.FakeDaemon;
import trefoil.client.fake.FakeSocket;

@Timeout(30)
class InsideTest extends CommandLineTest {
    private static final String DONE = "{\"type\":\"exit\",\"exitStatus\":";

    private void process(FakeDaemon.Socket process) {
        daemon.onSocket("/1.0/servers/a/exec", process);
    }

    private static void exit(FakeSocket socket, int status) throws IOException {
        socket.stream(3, DONE + status + "}");
        socket.close(1000, "");
        socket.read();
    }

    @Test
    void execKeepsStreamsApartAndAnswersTheStatus() {
        process(socket -> {
            socket.stream(1, "to out\n");
            socket.stream(2, "to err\n");
            exit(socket, 42);
        });
        assertThat(trefoil("exec", "-e", "A=b", "-u", "nobody", "-w", "/tmp", "a", "--", "ls", "-l", "--help")).isEqualTo(42);
        assertThat(out()).isEqualTo("to out\n");
        assertThat(err()).isEqualTo("to err\n");
        assertThat(daemon.requests().getFirst().headers().get("x-trefoil-exec")).isEqualTo("{\"command\":[\"ls\",\"-l\",\"--help\"],\"environment\":{\"A\":\"b\"},"
                + "\"user\":\"nobody\",\"directory\":\"/tmp\",\"terminal\":false,\"interactive\":true}");
    }

    @Test
    void execWithoutDashesTakesEverythingBehindTheName() {
        process(socket -> exit(socket, 0));
        assertThat(trefoil("exec", "-n", "a", "ls", "-l", "-q")).isZero();
        assertThat(daemon.requests().getFirst().headers().get("x-trefoil-exec")).contains("[\"ls\",\"-l\",\"-q\"]", "\"interactive\":false");
    }

    @Test
    void execClosesStandardInputAndKeepsEveryOctet() {
        byte[] data = new byte[3_000_000];
        new Random(5).nextBytes(data);
        in = new ByteArrayInputStream(data);
        process(socket -> {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            for (FakeSocket.Frame frame = socket.read(); frame.payload().length > 1; frame = socket.read()) {
                received.write(frame.payload(), 1, frame.payload().length - 1);
            }
            byte[] all = received.toByteArray();
            for (int at = 0; at < all.length; at += 50_000) {
                socket.stream(1, java.util.Arrays.copyOfRange(all, at, Math.min(all.length, at + 50_000)));
            }
            exit(socket, 0);
        });
        assertThat(trefoil("exec", "a", "--", "cat")).isZero();
        assertThat(out.toByteArray()).isEqualTo(data);
    }

    @Test
    void execGetsAllOutputOfAProcessThatDoesNotReadItsInput() {
        in = new java.io.InputStream() {
            @Override
            public int read() {
                return 'y';
            }

            @Override
            public int read(byte[] to, int offset, int length) {
                return length;
            }
        };
        process(socket -> {
            socket.stream(1, new byte[100_000]);
            socket.stream(3, DONE + "7}");
            // and away, with what was sent to it unread
        });
        for (int i = 0; i < 20; i++) {
            assertThat(trefoil("exec", "a", "--", "head", "-c1")).isEqualTo(7);
            assertThat(out.size()).isEqualTo(100_000);
        }
    }

    @Test
    void execTellsItsOwnFailuresApart() {
        daemon.refuse("GET /1.0/servers/b/exec", 409, "{\"code\":\"conflict\",\"status\":409,\"message\":\"b is stopped\",\"next\":\"trefoil start b\"}");
        assertThat(trefoil("exec", "b", "--", "true")).isEqualTo(125);
        assertThat(err()).isEqualTo("error: b is stopped\ntry: trefoil start b\n");
        process(socket -> {
            socket.stream(3, "{\"type\":\"error\",\"message\":\"nosuch: not found\",\"exitStatus\":127}");
            socket.close(1000, "");
        });
        assertThat(trefoil("exec", "a", "--", "nosuch")).isEqualTo(127);
        assertThat(err()).isEqualTo("error: nosuch: not found\n");
        process(socket -> {});
        assertThat(trefoil("exec", "a", "--", "true")).isEqualTo(125);
        assertThat(err()).contains("the daemon went away");
        process(socket -> socket.close(1011, "it broke"));
        assertThat(trefoil("exec", "a", "--", "true")).isEqualTo(125);
        assertThat(err()).contains("it broke");
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec", "exec a", "exec a --", "exec a -t bash", "exec -t -T a -- x", "exec a x -- y", "exec --nosuch a -- x"})
    void wrongExecs(String line) {
        assertThat(trefoil(line.split(" "))).isEqualTo(2);
        assertThat(daemon.requests()).isEmpty();
    }

    @Test
    void consoleLeavesAtCtrlAQ() throws Exception {
        in = new ByteArrayInputStream("root\n\001q".getBytes(StandardCharsets.ISO_8859_1));
        CompletableFuture<String> typed = new CompletableFuture<>();
        daemon.onSocket("/1.0/servers/a/console", socket -> {
            socket.stream(1, "login: ");
            typed.complete(socket.read().text());
            while (socket.read().opcode() != 8) {
                // until the client is done
            }
        });
        assertThat(trefoil("console", "a")).isZero();
        assertThat(typed.get(10, TimeUnit.SECONDS)).isEqualTo("\0root\n");
        assertThat(err()).contains("Ctrl-a q leaves", "left the console of a");
    }

    @Test
    void consoleEndsWithTheServer() {
        daemon.onSocket("/1.0/servers/a/console", socket -> {
            socket.stream(1, "reboot: Power down\n");
            socket.close(1000, "");
        });
        assertThat(trefoil("console", "a")).isZero();
        assertThat(out()).isEqualTo("reboot: Power down\n");
        assertThat(err()).contains("the console of a ended");
    }

    @Test
    void logs() {
        daemon.on("GET /1.0/servers/a/log", (request, out) -> FakeDaemon.octets(out, 200, "", "one\ntwo\nthree".getBytes()));
        assertThat(trefoil("logs", "a")).isZero();
        assertThat(out()).isEqualTo("one\ntwo\nthree");
        assertThat(trefoil("logs", "--tail", "2", "a")).isZero();
        assertThat(out()).isEqualTo("two\nthree");
        assertThat(trefoil("logs", "-n", "0", "-f", "a")).isZero();
        assertThat(out()).isEmpty();
        assertThat(daemon.requests().getLast().target()).isEqualTo("/1.0/servers/a/log?follow=true");
        assertThat(trefoil("logs", "-n", "-1", "a")).isEqualTo(2);
    }

    @Test
    void logsTailCountsWholeLines() {
        daemon.on("GET /1.0/servers/a/log", (request, out) -> FakeDaemon.octets(out, 200, "", "1\n2\n3\n4\n".getBytes()));
        assertThat(trefoil("logs", "--tail", "3", "a")).isZero();
        assertThat(out()).isEqualTo("2\n3\n4\n");
        assertThat(trefoil("logs", "--tail", "99", "a")).isZero();
        assertThat(out()).isEqualTo("1\n2\n3\n4\n");
    }

    private void file(String path, String info, String content) {
        FakeDaemon.Route route = (request, out) -> FakeDaemon.octets(
                out, 200, "X-Trefoil-File: " + info + "\r\n", request.method().equals("HEAD") ? new byte[0] : content.getBytes(StandardCharsets.UTF_8));
        daemon.on("GET /1.0/servers/a/files?path=" + path + "&follow=false", route);
        daemon.on("GET /1.0/servers/a/files?path=" + path, route).on("HEAD /1.0/servers/a/files?path=" + path, route);
    }

    private void directory(String path, String names) {
        String info = "{\"type\":\"directory\",\"mode\":493,\"uid\":0,\"gid\":0,\"size\":0,\"entries\":[" + names + "]}";
        file(path, info, "{\"type\":\"sync\",\"status\":200,\"metadata\":" + info + "}");
    }

    @Test
    void pullsAFileWithItsMode() throws IOException {
        file("%2Fetc%2Fa", "{\"type\":\"file\",\"mode\":2541,\"uid\":0,\"gid\":0,\"size\":5,\"entries\":[]}", "hello");
        assertThat(trefoil("file", "pull", "a/etc/a", state + "/here")).isZero();
        assertThat(state.resolve("here")).hasContent("hello");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("here")))).isEqualTo("rwxr-xr-x");
        assertThat(trefoil("file", "pull", "a:/etc/a", "-")).isZero();
        assertThat(out()).isEqualTo("hello");
        assertThat(trefoil("file", "pull", "a:/etc/none", "-")).isEqualTo(1);
        assertThat(state.toFile().list()).containsExactlyInAnyOrder("run", "here");
    }

    @Test
    void pullsADirectoryAndReplacesLinksInsteadOfFollowingThem() throws IOException {
        directory("%2Fsrv", "\"f\",\"sub\"");
        directory("%2Fsrv%2Fsub", "");
        file("%2Fsrv%2Ff", "{\"type\":\"file\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":1,\"entries\":[]}", "x");
        assertThat(trefoil("file", "pull", "a:/srv", state.toString())).isEqualTo(2);
        Path victim = Files.writeString(state.resolve("victim"), "mine");
        Files.createDirectory(state.resolve("srv"));
        Files.createSymbolicLink(state.resolve("srv/f"), victim);
        assertThat(trefoil("file", "pull", "-r", "a:/srv", state.toString())).isZero();
        assertThat(state.resolve("srv/f")).hasContent("x").isRegularFile();
        assertThat(Files.isSymbolicLink(state.resolve("srv/f"))).isFalse();
        assertThat(victim).hasContent("mine");
        assertThat(state.resolve("srv/sub")).isDirectory();
    }

    @Test
    void pullsLinksAsLinksAndOwnersWhenAsked() throws IOException {
        directory("%2Fsrv", "\"l\",\"f\"");
        String link = "{\"type\":\"symlink\",\"mode\":511,\"uid\":7,\"gid\":8,\"size\":0,\"target\":\"/etc/../f\",\"entries\":[]}";
        file("%2Fsrv%2Fl", link, "{\"type\":\"sync\",\"status\":200,\"metadata\":" + link + "}");
        file("%2Fsrv%2Ff", "{\"type\":\"file\",\"mode\":2541,\"uid\":5,\"gid\":6,\"size\":1,\"entries\":[]}", "x");
        assertThat(trefoil("file", "pull", "-r", "a:/srv", state.resolve("one").toString())).isZero();
        assertThat(Files.readSymbolicLink(state.resolve("one/l"))).isEqualTo(Path.of("/etc/../f"));
        assertThat(Files.getAttribute(state.resolve("one/f"), "unix:mode")).isEqualTo(0100755);
        assertThat(trefoil("file", "pull", "-r", "a:/srv/", state.resolve("one").toString())).isZero();
        Assumptions.assumeTrue(Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")), "only root gives files away");
        assertThat(trefoil("file", "pull", "-a", "a:/srv", state.resolve("two").toString())).isZero();
        assertThat(Files.readAttributes(state.resolve("two/f"), "unix:uid,gid,mode")).containsEntry("uid", 5).containsEntry("gid", 6)
                .containsEntry("mode", 0104755);
        assertThat(Files.getAttribute(state.resolve("two/l"), "unix:uid", LinkOption.NOFOLLOW_LINKS)).isEqualTo(7);
    }

    @Test
    void pushesLinksAsLinksAndOwnersWhenAsked() throws IOException {
        directory("%2Fsrv", "");
        daemon.answer("PUT /1.0/servers/a/files", "null");
        Path tree = Files.createDirectories(state.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("l"), Path.of("../no where"));
        Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(trefoil("file", "push", "-r", tree.toString(), "a:/srv")).as(err()).isZero();
        assertThat(daemon.requests("PUT").getLast().target())
                .isEqualTo("/1.0/servers/a/files?path=%2Fsrv%2Ftree%2Fl&type=symlink&target=..%2Fno%20where");
        int uid = (Integer) Files.getAttribute(tree, "unix:uid");
        assertThat(trefoil("file", "push", "-a", "--gid", "9", tree.toString(), "a:/srv")).as(err()).isZero();
        assertThat(daemon.requests("PUT").getLast().target())
                .isEqualTo("/1.0/servers/a/files?path=%2Fsrv%2Ftree%2Fl&uid=" + uid + "&gid=9&type=symlink&target=..%2Fno%20where");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "a/b", "", "/etc/passwd"})
    void takesNoNameThatLeadsElsewhere(String name) {
        directory("%2Fsrv", "\"" + name + "\"");
        assertThat(trefoil("file", "pull", "-r", "a:/srv", state.resolve("x").toString())).isEqualTo(1);
        assertThat(err()).contains("leads elsewhere");
    }

    @Test
    void pushesFilesBelowADirectory() throws IOException {
        directory("%2Fsrv", "");
        daemon.answer("PUT /1.0/servers/a/files", "null");
        Path tree = Files.createDirectories(state.resolve("tree/sub"));
        Files.writeString(tree.resolve("run.sh"), "echo", StandardCharsets.UTF_8);
        Files.setPosixFilePermissions(tree.resolve("run.sh"), PosixFilePermissions.fromString("rwxr-x---"));
        Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(tree.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(trefoil("file", "push", state + "/tree", "a:/srv")).isEqualTo(2);
        assertThat(trefoil("file", "push", "-r", "--uid", "33", state + "/tree", "a:/srv")).isZero();
        assertThat(daemon.requests("PUT").stream().map(FakeDaemon.Request::target)).containsExactly(
                "/1.0/servers/a/files?path=%2Fsrv%2Ftree&uid=33&mode=755&type=directory",
                "/1.0/servers/a/files?path=%2Fsrv%2Ftree%2Fsub&uid=33&mode=755&type=directory",
                "/1.0/servers/a/files?path=%2Fsrv%2Ftree%2Fsub%2Frun.sh&uid=33&mode=750&type=file");
        assertThat(daemon.requests("PUT").getLast().text()).isEqualTo("echo");
    }

    @Test
    void pushesStandardInputAndMakesParents() {
        daemon.answer("PUT /1.0/servers/a/files", "null");
        in = new ByteArrayInputStream("hi".getBytes());
        assertThat(trefoil("file", "push", "-p", "--mode", "600", "-", "a/x/y/z")).isZero();
        assertThat(daemon.requests("PUT").stream().map(FakeDaemon.Request::target)).containsExactly(
                "/1.0/servers/a/files?path=%2Fx&type=directory",
                "/1.0/servers/a/files?path=%2Fx%2Fy&type=directory",
                "/1.0/servers/a/files?path=%2Fx%2Fy%2Fz&mode=600&type=file");
        assertThat(trefoil("file", "push", "-", "a:/dir/")).isEqualTo(2);
        assertThat(trefoil("file", "push", "--mode", "9", "-", "a:/x")).isEqualTo(2);
        assertThat(trefoil("file", "push", "x", "nowhere")).isEqualTo(2);
        assertThat(trefoil("file", "push", state + "/none", "a:/x")).isEqualTo(1);
        assertThat(err()).contains("no such file");
    }
}
