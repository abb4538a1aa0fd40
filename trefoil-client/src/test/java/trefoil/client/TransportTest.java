package trefoil.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.api.ApiException;
import trefoil.api.HostInfo;
import trefoil.client.fake.FakeDaemon;

class TransportTest {
    private static final String HOST = "{\"version\":\"9\",\"pid\":7,\"started\":1,\"kinds\":[\"os\"],\"future\":{\"x\":[1]}}";

    @TempDir
    private Path state;

    private FakeDaemon daemon;
    private TrefoilClient client;

    @BeforeEach
    void begin() throws IOException {
        daemon = new FakeDaemon(state);
        client = new TrefoilClient(daemon.socket());
    }

    @AfterEach
    void end() throws IOException {
        client.close();
        daemon.close();
    }

    @Test
    void readsMetadataOfAnEnvelopeAndPassesOverMembersItDoesNotKnow() throws IOException {
        daemon.answer("GET /1.0", HOST);
        HostInfo host = client.host();
        assertThat(host.version()).isEqualTo("9");
        assertThat(host.kinds()).containsExactly("os");
    }

    @Test
    void keepsTheConnectionForTheNextRequest() throws IOException {
        daemon.answer("GET /1.0", HOST).answer("GET /1.0/servers", "[]");
        client.host();
        assertThat(client.servers()).isEmpty();
        client.host();
        assertThat(daemon.connections()).isEqualTo(1);
    }

    @Test
    void readsChunksWithExtensionsAndTrailersAndKeepsTheConnection() throws IOException {
        daemon.on("GET /1.0", (request, out) -> {
            FakeDaemon.raw(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            String body = "{\"type\":\"sync\",\"status\":200,\"metadata\":" + HOST + "}";
            FakeDaemon.raw(out, "5;a=b\r\n" + body.substring(0, 5) + "\r\n");
            out.flush();
            FakeDaemon.raw(out, Integer.toHexString(body.length() - 5) + "\r\n" + body.substring(5) + "\r\n0\r\nTrailer: x\r\n\r\n");
        });
        assertThat(client.host().pid()).isEqualTo(7);
        assertThat(client.host().pid()).isEqualTo(7);
        assertThat(daemon.connections()).isEqualTo(1);
    }

    @Test
    void readsABodyThatEndsWithTheConnection() throws IOException {
        daemon.on("GET /1.0/servers/a/log", (request, out) -> {
            FakeDaemon.raw(out, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nline\n");
            throw new IOException("ends the connection");
        });
        try (InputStream log = client.log("a", false)) {
            assertThat(new String(log.readAllBytes())).isEqualTo("line\n");
        }
    }

    @Test
    void throwsTheErrorOfAnEnvelope() {
        daemon.refuse("GET /1.0/servers/a", 404, "{\"code\":\"not-found\",\"status\":404,\"message\":\"no server a\",\"next\":\"trefoil list\"}");
        ApiException e = catchThrowableOfType(ApiException.class, () -> client.server("a"));
        assertThat(e.error().code()).isEqualTo("not-found");
        assertThat(e.error().next()).isEqualTo("trefoil list");
    }

    @Test
    void tellsTheStatusOfAnErrorThatIsNoEnvelope() {
        daemon.on("GET /1.0", (request, out) -> FakeDaemon.octets(out, 502, "Content-Type: text/html\r\n", "<html>".getBytes()));
        assertThatThrownBy(() -> client.host()).isInstanceOf(ApiException.class).hasMessageContaining("502");
    }

    @Test
    void sendsAgainWhenAKeptConnectionWasClosed() throws IOException {
        daemon.on("GET /1.0", (request, out) -> {
            FakeDaemon.json(out, 200, "{\"type\":\"sync\",\"status\":200,\"metadata\":" + HOST + "}");
            throw new IOException("ends the connection");
        });
        client.host();
        client.host();
        assertThat(daemon.connections()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "garbage\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[}",
        "HTTP/1.1 200 OK\r\n"
    })
    void refusesWhatIsNoAnswer(String answer) {
        daemon.on("GET /1.0", (request, out) -> {
            FakeDaemon.raw(out, answer);
            throw new IOException("ends the connection");
        });
        assertThatThrownBy(() -> client.host()).isInstanceOf(ProtocolException.class);
    }

    @Test
    void boundsTheHead() {
        daemon.on("GET /1.0", (request, out) -> {
            FakeDaemon.raw(out, "HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 10_000; i++) {
                FakeDaemon.raw(out, "X-Header: value\r\n");
            }
        });
        assertThatThrownBy(() -> client.host()).isInstanceOf(ProtocolException.class).hasMessageContaining("head is longer");
    }

    @Test
    void sendsAStreamInChunksExactly() throws IOException {
        byte[] archive = new byte[300_001];
        new Random(1).nextBytes(archive);
        daemon.answerAsync("POST /1.0/images/import", "{\"id\":\"1\",\"status\":\"running\",\"metadata\":{},\"created\":1}");
        assertThat(client.importImage(new ByteArrayInputStream(archive), -1, "x:y z", null).id()).isEqualTo("1");
        FakeDaemon.Request request = daemon.requests().getFirst();
        assertThat(request.target()).isEqualTo("/1.0/images/import?alias=x%3Ay%20z");
        assertThat(request.headers()).containsEntry("transfer-encoding", "chunked");
        assertThat(request.body()).isEqualTo(archive);
    }

    @Test
    void sendsAKnownLengthWithoutChunks() throws IOException {
        daemon.answer("PUT /1.0/servers/a/files", "null");
        client.writeFile("a", "/etc/ä b", new ByteArrayInputStream(new byte[70_000]), 70_000, new FileAttributes(0, 5, 0640));
        FakeDaemon.Request request = daemon.requests().getFirst();
        assertThat(request.target()).isEqualTo("/1.0/servers/a/files?path=%2Fetc%2F%C3%A4%20b&uid=0&gid=5&mode=640&type=file");
        assertThat(request.body()).hasSize(70_000);
    }

    @Test
    void readsTheRefusalThatCameBeforeTheBodyWasSent() throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Path socket = state.resolve("early");
        listener.bind(UnixDomainSocketAddress.of(socket));
        Thread refusing = Thread.ofPlatform().start(() -> refuseAtOnce(listener));
        try (listener; TrefoilClient other = new TrefoilClient(socket)) {
            assertThatThrownBy(() -> other.importImage(endless(), -1, null, null))
                    .isInstanceOf(ApiException.class)
                    .hasMessage("no room");
        } finally {
            refusing.interrupt();
        }
    }

    private static void refuseAtOnce(ServerSocketChannel listener) {
        try (var connection = listener.accept()) {
            String error = "{\"type\":\"error\",\"status\":507,\"error\":{\"code\":\"disk-full\",\"status\":507,\"message\":\"no room\"}}";
            String answer = "HTTP/1.1 507 X\r\nConnection: close\r\nContent-Length: " + error.length() + "\r\n\r\n" + error;
            connection.write(java.nio.ByteBuffer.wrap(answer.getBytes()));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static InputStream endless() {
        return new InputStream() {
            @Override
            public int read() {
                return 1;
            }

            @Override
            public int read(byte[] to, int offset, int length) {
                return length;
            }
        };
    }

    @Test
    void saysThatNoDaemonRuns() {
        try (TrefoilClient other = new TrefoilClient(state.resolve("run/none"))) {
            DaemonUnreachableException e = catchThrowableOfType(DaemonUnreachableException.class, other::host);
            assertThat(e.reason()).isEqualTo(DaemonUnreachableException.Reason.MISSING);
            assertThat(e.startable()).isTrue();
        }
    }

    @Test
    void saysThatADaemonDied() throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Path socket = state.resolve("dead");
        listener.bind(UnixDomainSocketAddress.of(socket));
        listener.close();
        assertThat(Files.exists(socket)).isTrue();
        try (TrefoilClient other = new TrefoilClient(socket)) {
            DaemonUnreachableException e = catchThrowableOfType(DaemonUnreachableException.class, other::host);
            assertThat(e.reason()).isEqualTo(DaemonUnreachableException.Reason.REFUSED);
        }
    }

    @Test
    void doesNotOfferToStartADaemonWhoseSocketPathIsTooLong() {
        Path socket = state.resolve("x".repeat(120));
        try (TrefoilClient other = new TrefoilClient(socket)) {
            DaemonUnreachableException e = catchThrowableOfType(DaemonUnreachableException.class, other::host);
            assertThat(e.startable()).isFalse();
        }
    }

    @Test
    void givesUpOnASilentDaemon() throws IOException {
        daemon.on("GET /1.0", (request, out) -> FakeDaemon.raw(out, "HTTP/1.1 200 OK\r\n"));
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (Transport transport = new Transport(daemon.socket(), Trace.NONE)) {
            HttpRequest request = HttpRequest.of("GET", "/1.0");
            thrown.set(catchThrowableOfType(AnswerTimeoutException.class, () -> transport.open(request, Duration.ofMillis(100))));
        }
        assertThat(thrown.get()).isNotNull().hasMessageContaining("GET /1.0");
    }

    @Test
    void refusesTargetsAndNamesThatWouldMeanSomethingElse() {
        assertThatThrownBy(() -> client.server("..")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client.query("GET", "/1.0 HTTP/1.1\r\nX: y", null)).isInstanceOf(IllegalArgumentException.class);
        assertThat(Target.of("images", "debian:12/ä").with("a", "&=").toString()).isEqualTo("/1.0/images/debian%3A12%2F%C3%A4?a=%26%3D");
    }

    @Test
    void waitsForAnOperationThroughAllItsStates() throws IOException {
        int[] asked = {0};
        daemon.on("GET /1.0/operations/1/wait", (request, out) -> {
            boolean over = ++asked[0] == 3;
            FakeDaemon.json(out, 200, "{\"type\":\"sync\",\"status\":200,\"metadata\":{\"id\":\"1\",\"status\":\""
                    + (over ? "success" : "running") + "\",\"progress\":{\"phase\":\"p" + asked[0] + "\",\"done\":0,\"total\":0},\"metadata\":{},\"created\":1}}");
        });
        daemon.answerAsync("DELETE /1.0/servers/a", "{\"id\":\"1\",\"status\":\"running\",\"metadata\":{},\"created\":1}");
        StringBuilder phases = new StringBuilder();
        var ended = client.await(client.delete("a", true), null, now -> phases.append(now.progress() == null ? "-" : now.progress().phase()));
        assertThat(ended.status()).isEqualTo("success");
        assertThat(phases).hasToString("-p1p2p3");
        assertThat(daemon.requests().getFirst().target()).isEqualTo("/1.0/servers/a?force=true");
    }
}
