package trefoil.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.api.ApiException;
import trefoil.api.ExecRequest;
import trefoil.client.fake.FakeDaemon;
import trefoil.client.fake.FakeSocket;

@Timeout(20)
class WebSocketTest {
    @TempDir
    private Path state;

    private FakeDaemon daemon;
    private Transport transport;
    private final BlockingQueue<FakeSocket.Frame> received = new LinkedBlockingQueue<>();

    @BeforeEach
    void begin() throws IOException {
        daemon = new FakeDaemon(state);
        transport = new Transport(daemon.socket(), Trace.NONE);
    }

    @AfterEach
    void end() throws IOException {
        transport.close();
        daemon.close();
    }

    private WebSocket open(FakeDaemon.Socket serve) throws IOException {
        daemon.onSocket("/1.0/events", serve);
        return WebSocket.open(transport, "/1.0/events", Duration.ofSeconds(10));
    }

    private void receiveAll(FakeSocket socket) throws IOException {
        try {
            while (true) {
                received.add(socket.read());
            }
        } catch (EOFException e) {
            // the client closed
        }
    }

    private FakeSocket.Frame next() throws InterruptedException {
        FakeSocket.Frame frame = received.poll(10, TimeUnit.SECONDS);
        assertThat(frame).as("a frame from the client").isNotNull();
        return frame;
    }

    /** RFC 6455, section 1.3: the key and its answer given there. */
    @Test
    void acceptsAsTheRfcsExample() {
        assertThat(WebSocket.accept("dGhlIHNhbXBsZSBub25jZQ==")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    /** Section 5.7: a message in two fragments, with a ping between them as section 5.4 allows. */
    @Test
    void joinsFragmentsAndAnswersThePingBetweenThem() throws Exception {
        WebSocket socket = open(server -> {
            server.raw(0x01, 0x03, 0x48, 0x65, 0x6c);
            server.raw(0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f);
            server.raw(0x80, 0x02, 0x6c, 0x6f);
            receiveAll(server);
        });
        assertThat(socket.receive()).isEqualTo(new WebSocket.Text("Hello"));
        FakeSocket.Frame pong = next();
        assertThat(pong.opcode()).isEqualTo(0xA);
        assertThat(pong.text()).isEqualTo("Hello");
        socket.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 125, 126, 127, 65_535, 65_536, 1_000_001})
    void masksAndLeavesEveryLengthExact(int length) throws Exception {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        WebSocket socket = open(server -> {
            FakeSocket.Frame frame = server.read();
            received.add(frame);
            server.write(0x82, frame.payload());
            receiveAll(server);
        });
        socket.sendBinary(ByteBuffer.wrap(data));
        FakeSocket.Frame frame = next();
        assertThat(frame.masked()).isTrue();
        assertThat(frame.payload()).isEqualTo(data);
        assertThat(socket.receive()).isInstanceOfSatisfying(WebSocket.Binary.class, back -> assertThat(back.data()).isEqualTo(ByteBuffer.wrap(data)));
        socket.close();
    }

    @Test
    void answersACloseAndRemembersIt() throws Exception {
        WebSocket socket = open(server -> {
            server.close(1013, "read faster");
            receiveAll(server);
        });
        assertThat(socket.receive()).isEqualTo(new WebSocket.Closed(1013, "read faster"));
        assertThat(socket.receive()).isEqualTo(new WebSocket.Closed(1013, "read faster"));
        FakeSocket.Frame close = next();
        assertThat(close.opcode()).isEqualTo(8);
        assertThat(ByteBuffer.wrap(close.payload()).getShort()).isEqualTo((short) 1013);
        assertThatThrownBy(() -> socket.sendText("late")).isInstanceOf(IOException.class);
    }

    @Test
    void tellsAnEndWithoutACloseFrame() throws Exception {
        WebSocket socket = open(server -> {});
        assertThat(socket.receive()).isEqualTo(new WebSocket.Closed(WebSocket.ABNORMAL, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "c2 00", // reserved bit
        "83 00", // unknown opcode
        "82 80 00 00 00 00", // masked by the server
        "80 01 41", // continuation of nothing
        "02 01 41 82 01 42", // a new message within a fragmented one
        "09 01 41", // fragmented ping
        "89 7e 00 7e", // ping longer than 125
        "88 01 03", // half a status code
        "81 02 c3 28", // not UTF-8
        "82 7f 7f ff ff ff ff ff ff ff", // giant
        "82 7f ff ff ff ff ff ff ff ff", // negative
        "82 05 41" // truncated
    })
    void refusesWhatBreaksTheRules(String hex) throws Exception {
        String[] octets = hex.split(" ");
        WebSocket socket = open(server -> {
            for (String octet : octets) {
                server.raw(Integer.parseInt(octet, 16));
            }
        });
        assertThatThrownBy(socket::receive).isInstanceOf(ProtocolException.class);
    }

    @Test
    void throwsTheRefusalOfAHandshake() {
        daemon.refuse("GET /1.0/events", 409, "{\"code\":\"conflict\",\"status\":409,\"message\":\"not now\"}");
        assertThatThrownBy(() -> WebSocket.open(transport, "/1.0/events", Duration.ofSeconds(5)))
                .isInstanceOf(ApiException.class)
                .hasMessage("not now");
    }

    @Test
    void refusesAHandshakeWithAWrongKey() {
        daemon.on("GET /1.0/events", (request, out) ->
                FakeDaemon.raw(out, "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n"));
        assertThatThrownBy(() -> WebSocket.open(transport, "/1.0/events", Duration.ofSeconds(5))).isInstanceOf(ProtocolException.class);
    }

    /** A server that pings while it does not read: the receiver must go on receiving. */
    @Test
    void receivesWhileItsOwnSendingIsStalled() throws Exception {
        java.util.concurrent.CountDownLatch done = new java.util.concurrent.CountDownLatch(1);
        WebSocket socket = open(server -> {
            for (int i = 0; i < 50; i++) {
                server.write(0x89, new byte[125]);
                server.text("message " + i);
            }
            awaitQuietly(done);
        });
        Thread stalled = Thread.ofPlatform().daemon().start(() -> sendForever(socket));
        for (int i = 0; i < 50; i++) {
            assertThat(socket.receive()).isEqualTo(new WebSocket.Text("message " + i));
        }
        assertThat(stalled.isAlive()).isTrue();
        done.countDown();
        socket.close();
    }

    private static void awaitQuietly(java.util.concurrent.CountDownLatch done) {
        try {
            done.await(15, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sendForever(WebSocket socket) {
        try {
            while (true) {
                socket.sendBinary(ByteBuffer.allocate(60_000));
            }
        } catch (IOException e) {
            // closed by the test's end
        }
    }

    @Test
    void carriesAStreamsFrames() throws Exception {
        daemon.onSocket("/1.0/servers/a/exec", server -> {
            for (int i = 0; i < 4; i++) {
                received.add(server.read());
            }
            server.stream(7, "a channel of the future");
            server.stream(3, "{\"type\":\"future\"}");
            server.stream(1, "out");
            server.stream(2, "err");
            server.stream(3, "{\"type\":\"exit\",\"exitStatus\":3}");
            server.close(1000, "");
            receiveAll(server);
        });
        try (TrefoilClient client = new TrefoilClient(daemon.socket());
                ServerStream stream = client.exec("a", command("x"))) {
            stream.input("hi".getBytes(StandardCharsets.UTF_8), 0, 2);
            stream.resize(100, 40);
            stream.signal(15);
            stream.endInput();
            assertThat(next().payload()).isEqualTo(new byte[] {0, 'h', 'i'});
            assertThat(next().text()).isEqualTo("\u0003{\"type\":\"resize\",\"columns\":100,\"rows\":40}");
            assertThat(next().text()).isEqualTo("\u0003{\"type\":\"signal\",\"signal\":15}");
            assertThat(next().payload()).isEqualTo(new byte[] {0});
            assertThat(stream.receive()).isInstanceOfSatisfying(ServerStream.Output.class, o -> assertThat(text(o)).isEqualTo("out"));
            assertThat(stream.receive()).isInstanceOfSatisfying(ServerStream.Output.class, o -> assertThat(o.error()).isTrue());
            assertThat(stream.receive()).isEqualTo(new ServerStream.Exit(3));
            assertThat(stream.receive()).isEqualTo(new ServerStream.Ended(1000, ""));
        }
    }

    private static ExecRequest command(String word) {
        return new ExecRequest(List.of(word), null, null, null, false, null, null, true);
    }

    @Test
    void executesInOneRequestOverAKeptConnection() throws Exception {
        daemon.onSocket("/1.0/servers/a/exec", server -> server.stream(3, "{\"type\":\"exit\",\"exitStatus\":0}"));
        try (TrefoilClient client = new TrefoilClient(daemon.socket())) {
            client.connect();
            try (ServerStream stream = client.exec("a", command("é€\n"))) {
                assertThat(stream.receive()).isEqualTo(new ServerStream.Exit(0));
            }
        }
        assertThat(daemon.requests()).hasSize(1);
        assertThat(daemon.requests().getFirst().headers().get("x-trefoil-exec"))
                .isEqualTo("{\"command\":[\"\\u00e9\\u20ac\\n\"],\"terminal\":false,\"interactive\":true}");
        assertThat(daemon.connections()).isEqualTo(1);
    }

    @Test
    void executesInTwoRequestsWhatNoHeaderHolds() throws Exception {
        daemon.answerAsync("POST /1.0/servers/a/exec", "{\"id\":\"1\",\"status\":\"running\",\"metadata\":{\"websocket\":\"/1.0/servers/a/exec/9\"},\"created\":1}");
        daemon.onSocket("/1.0/servers/a/exec/9", server -> server.stream(3, "{\"type\":\"exit\",\"exitStatus\":0}"));
        String word = "x".repeat(ExecRequest.LONGEST_HEADER);
        try (TrefoilClient client = new TrefoilClient(daemon.socket());
                ServerStream stream = client.exec("a", command(word))) {
            assertThat(stream.receive()).isEqualTo(new ServerStream.Exit(0));
        }
        assertThat(daemon.requests("POST").getFirst().text()).contains(word);
    }

    private void execute(TrefoilClient client) throws IOException {
        try (ServerStream stream = client.exec("a", command("x"))) {
            assertThat(stream.receive()).isEqualTo(new ServerStream.Exit(0));
        }
    }

    private void awaitConnections(int count) {
        while (daemon.connections() < count) { // the class's time limit ends it
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void keepsAConnectionReadyForWhoOpensOneWebSocketAfterTheOther() throws Exception {
        daemon.onSocket("/1.0/servers/a/exec", server -> server.stream(3, "{\"type\":\"exit\",\"exitStatus\":0}"));
        try (TrefoilClient client = new TrefoilClient(daemon.socket())) {
            execute(client);
            execute(client);
            awaitConnections(3);
            try (ServerStream stream = client.exec("a", command("x"))) {
                assertThat(stream.receive()).isEqualTo(new ServerStream.Exit(0));
                assertThat(daemon.connections()).isEqualTo(3);
            }
            awaitConnections(4);
        }
        assertThat(daemon.requests()).hasSize(3);
    }

    /** The daemon may have begun it: whether a command was executed must not be left to a second try. */
    @Test
    void neverExecutesTwice() throws Exception {
        daemon.on("GET /1.0/servers/a/exec", (request, out) -> {
            throw new IOException("as if the daemon died");
        });
        try (TrefoilClient client = new TrefoilClient(daemon.socket())) {
            client.connect();
            assertThatThrownBy(() -> client.exec("a", command("x"))).isInstanceOf(IOException.class);
        }
        assertThat(daemon.requests()).hasSize(1);
    }

    private static String text(ServerStream.Output output) {
        return StandardCharsets.UTF_8.decode(output.data()).toString();
    }
}
