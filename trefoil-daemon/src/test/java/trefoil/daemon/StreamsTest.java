package trefoil.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.api.ApiException;
import trefoil.api.Event;
import trefoil.api.ExecRequest;
import trefoil.api.Operation;
import trefoil.api.StateChange;
import trefoil.api.StreamFrame;
import trefoil.client.EventStream;
import trefoil.client.FileAttributes;
import trefoil.client.RemoteFile;
import trefoil.client.ServerStream;
import trefoil.client.TrefoilClient;

/** Exec, console, log, files and events over the real socket. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class StreamsTest extends OverTheSocket {
    @BeforeEach
    void launchOne() throws IOException {
        launch("one");
    }

    private static ExecRequest command(String... words) {
        return new ExecRequest(List.of(words), Map.of(), null, null, false, null, null, true);
    }

    private FakeContainer container() {
        return world.running.get("one");
    }

    @Test
    void execCarriesOutputAndExitStatus() throws IOException {
        try (ServerStream stream = client.exec("one", command("exit", "42"))) {
            ServerStream.Output output = (ServerStream.Output) stream.receive();
            assertThat(StandardCharsets.UTF_8.decode(output.data()).toString()).isEqualTo("out");
            assertThat(stream.receive()).isEqualTo(new ServerStream.Exit(42));
            assertThat(stream.receive()).isInstanceOfSatisfying(ServerStream.Ended.class, ended -> assertThat(ended.code()).isEqualTo(1000));
        }
        Operation operation = client.operations().getLast();
        assertThat(client.await(operation, Duration.ofSeconds(10), seen -> {}).metadata()).containsEntry("exitStatus", "42");
    }

    @Test
    void execKeepsEveryByte() throws IOException, InterruptedException {
        byte[] sent = new byte[3 << 20];
        new Random(7).nextBytes(sent);
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (ServerStream stream = client.exec("one", command("cat"))) {
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    stream.input(sent, 0, sent.length);
                    stream.endInput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            ServerStream.Received next = stream.receive();
            while (next instanceof ServerStream.Output output) {
                byte[] data = new byte[output.data().remaining()];
                output.data().get(data);
                received.writeBytes(data);
                next = stream.receive();
            }
            assertThat(next).isEqualTo(new ServerStream.Exit(0));
            sender.join();
        }
        assertThat(Arrays.equals(received.toByteArray(), sent)).isTrue();
    }

    @Test
    void clientThatDoesNotReadStallsItsOwnProcessOnly() throws IOException, InterruptedException {
        ServerStream stalled = client.exec("one", command("yes"));
        try (stalled) {
            eventually(() -> container().lastProcess != null && container().lastProcess.produced.get() > 0);
            FakeContainer.FakeProcess yes = container().lastProcess;
            long[] before = {-1};
            eventually(() -> {
                long now = yes.produced.get();
                boolean still = now == before[0];
                before[0] = now;
                if (!still) {
                    java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
                }
                return still;
            });
            assertThat(before[0]).isLessThan(8 << 20);
            try (ServerStream other = client.exec("one", command("exit", "1"))) {
                assertThat(other.receive()).isInstanceOf(ServerStream.Output.class);
            }
            assertThat(client.servers()).hasSize(1);
            stalled.close();
            eventually(() -> yes.closed);
        }
    }

    @Test
    void signalReachesTheProcess() throws IOException {
        try (ServerStream stream = client.exec("one", command("cat"))) {
            stream.signal(15);
            assertThat(stream.receive()).isEqualTo(new ServerStream.Exit(143));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"type\":", "nonsense", "{\"type\":1}", "{\"type\":\"resize\",\"columns\":80,\"rows\":70000}", "{\"type\":\"resize\",\"columns\":1e9}"})
    void aMalformedControlMessageEndsTheStreamAndSaysWhy(String json) throws IOException, InterruptedException {
        String prepared = new Wire(directory.socket()).send("POST /1.0/servers/one/exec HTTP/1.1", "{\"command\":[\"cat\"],\"interactive\":true}").text();
        String path = prepared.replaceAll("(?s).*\"websocket\":\"([^\"]*)\".*", "$1");
        for (String stream : List.of(path, "/1.0/servers/one/console")) {
            try (SocketChannel channel = webSocket(stream)) {
                byte[] control = json.getBytes(StandardCharsets.US_ASCII);
                byte[] head = {(byte) 0x82, (byte) (0x80 | 1 + control.length), 0, 0, 0, 0, StreamFrame.CONTROL};
                channel.write(new ByteBuffer[] {ByteBuffer.wrap(head), ByteBuffer.wrap(control)});
                assertThat(untilItsEnd(channel)).as(stream).contains("no valid StreamControl: ");
            }
        }
        FakeContainer.FakeProcess cat = container().lastProcess;
        eventually(() -> cat.closed);
    }

    /** What is received until the stream ends or its close frame is there. */
    private static String untilItsEnd(SocketChannel channel) throws IOException {
        ByteBuffer some = ByteBuffer.allocate(1 << 20);
        StringBuilder all = new StringBuilder();
        while (all.indexOf("StreamControl: ") < 0 && channel.read(some.clear()) >= 0) {
            all.append(new String(some.array(), 0, some.position(), StandardCharsets.ISO_8859_1));
        }
        return all.toString();
    }

    @Test
    void clientThatLeavesEndsItsProcess() throws IOException, InterruptedException {
        ServerStream stream = client.exec("one", command("cat"));
        eventually(() -> container().lastProcess != null);
        stream.close();
        eventually(() -> container().lastProcess.closed);
    }

    @Test
    void clientThatLeavesBeforeTheProcessIsThereEndsItToo() throws IOException, InterruptedException {
        CountDownLatch begin = new CountDownLatch(1);
        container().mayExecute = begin;
        try (SocketChannel channel = request(upgrade("/1.0/servers/one/exec", "X-Trefoil-Exec: {\"command\":[\"cat\"],\"interactive\":true}\r\n"))) {
            assertThat(read(channel, "\r\n\r\n")).startsWith("HTTP/1.1 101");
        }
        begin.countDown();
        eventually(() -> container().lastProcess != null && container().lastProcess.closed);
    }

    @Test
    void execInTwoStepsCarriesWhatNoHeaderHolds() throws IOException {
        Map<String, String> environment = Map.of("LONG", "é".repeat(20_000));
        try (ServerStream stream = client.exec("one", new ExecRequest(List.of("exit", "3"), environment, null, null, false, null, null, false))) {
            assertThat(stream.receive()).isInstanceOf(ServerStream.Output.class);
            assertThat(stream.receive()).isEqualTo(new ServerStream.Exit(3));
        }
        Operation operation = client.operations().getLast();
        assertThat(operation.metadata()).containsKey("websocket");
        assertThat(client.await(operation, Duration.ofSeconds(10), seen -> {}).metadata()).containsEntry("exitStatus", "3");
    }

    @Test
    void execInOneStepNamesItsOperation() throws IOException {
        try (SocketChannel channel = request(upgrade("/1.0/servers/one/exec", "X-Trefoil-Exec: {\"command\":[\"exit\",\"4\"]}\r\n"))) {
            String answer = read(channel, "exitStatus\":4");
            assertThat(answer).startsWith("HTTP/1.1 101").containsIgnoringCase("\r\nX-Trefoil-Operation: /1.0/operations/");
            String id = answer.replaceAll("(?s).*/1.0/operations/([-0-9a-f]+)\r\n.*", "$1");
            Operation ended = client.await(client.operation(id), Duration.ofSeconds(10), seen -> {});
            assertThat(ended.description()).isEqualTo("running exit in one");
            assertThat(ended.metadata()).containsEntry("exitStatus", "4");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "one| |400|the header X-Trefoil-Exec is missing",
        "one|X-Trefoil-Exec: |400|the header X-Trefoil-Exec is missing",
        "one|X-Trefoil-Exec: {|400|ends too early",
        "one|X-Trefoil-Exec: [1]|400|an object is expected",
        "one|X-Trefoil-Exec: {\"command\":[\"a\"]} x|400|something follows",
        "one|X-Trefoil-Exec: {\"command\":[\"a\"],\"shell\":1}|400|shell: unknown member",
        "one|X-Trefoil-Exec: {\"command\":[\"a\"],\"columns\":0}|400|columns: 0 is not from 1",
        "one|X-Trefoil-Exec: {}|400|command: a program and its arguments are expected",
        "one|X-Trefoil-Exec: {\"command\":[]}|400|command: a program and its arguments are expected",
        "one|X-Trefoil-Exec: {\"command\":[\"\u00e9\"]}|400|is not ASCII",
        "one|X-Trefoil-Exec: {\"command\":[\"a\"]}^X-Trefoil-Exec: {\"command\":[\"b\"]}|400|is there twice",
        "none|X-Trefoil-Exec: {\"command\":[\"a\"]}|404|none"
    })
    void execRefusesWhatIsNotARequestBeforeItIsAWebSocket(String server, String header, int status, String words) throws IOException {
        String headers = header == null ? "" : header.replace("^", "\r\n") + "\r\n";
        try (SocketChannel channel = request(upgrade("/1.0/servers/" + server + "/exec", headers))) {
            assertThat(read(channel, "}}")).startsWith("HTTP/1.1 " + status).contains("{\"type\":\"error\"").contains(words);
        }
        assertThat(container().lastProcess).isNull();
    }

    @Test
    void execRefusesAHeaderThatIsTooLargeAndARequestThatIsNoHandshake() throws IOException {
        String large = "X-Trefoil-Exec: {\"command\":[\"" + "x".repeat(40_000) + "\"]}\r\n";
        try (SocketChannel channel = request(upgrade("/1.0/servers/one/exec", large))) {
            assertThat(read(channel, "}}")).startsWith("HTTP/1.1 431").contains("{\"type\":\"error\"");
        }
        String good = "X-Trefoil-Exec: {\"command\":[\"cat\"]}\r\n";
        for (String handshake : List.of("", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n")) {
            try (SocketChannel channel = request("GET /1.0/servers/one/exec HTTP/1.1\r\nHost: x\r\n" + good + handshake + "\r\n")) {
                assertThat(read(channel, "}}")).as(handshake).startsWith("HTTP/1.1 400").contains("{\"type\":\"error\"");
            }
        }
        assertThat(container().lastProcess).isNull();
    }

    private SocketChannel request(String text) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(directory.socket()));
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
        return channel;
    }

    private static String upgrade(String path, String headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + headers
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    }

    /** What comes until {@code last} came, or the end. */
    private static String read(SocketChannel channel, String last) throws IOException {
        StringBuilder text = new StringBuilder();
        ByteBuffer some = ByteBuffer.allocate(4096);
        while (text.indexOf(last) < 0 && channel.read(some.clear()) >= 0) {
            text.append(new String(some.array(), 0, some.position(), StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }

    @Test
    void execNeedsARunningServerAndACommand() throws IOException {
        assertThatThrownBy(() -> client.exec("one", new ExecRequest(List.of(), null, null, null, null, null, null, null)))
                .hasMessageContaining("command:");
        client.await(client.changeState("one", new StateChange("pause", null, null)), Duration.ofSeconds(10), seen -> {});
        assertThatThrownBy(() -> client.exec("one", command("ls"))).hasMessageContaining("is paused");
        client.await(client.changeState("one", new StateChange("stop", true, null)), Duration.ofSeconds(10), seen -> {});
        assertThatThrownBy(() -> client.exec("one", command("ls"))).hasMessageContaining("is not running");
    }

    private static String text(ServerStream.Received received) {
        return StandardCharsets.UTF_8.decode(((ServerStream.Output) received).data()).toString();
    }

    @Test
    void consoleShowsWhatWasAndWhatComesToEveryWatcher() throws IOException, InterruptedException {
        ServerStream one = client.console("one", 100, 30);
        try (one;
                ServerStream two = client.console("one", null, null)) {
            assertThat(text(one.receive())).isEqualTo("welcome\n");
            assertThat(text(two.receive())).isEqualTo("welcome\n");
            eventually(() -> container().console().size.equals("100x30") && container().console().watchers.size() == 2);
            one.input("typed".getBytes(StandardCharsets.UTF_8), 0, 5);
            assertThat(text(one.receive())).isEqualTo("typed");
            assertThat(text(two.receive())).isEqualTo("typed");
            one.resize(120, 40);
            eventually(() -> container().console().size.equals("120x40"));
            one.close();
            eventually(() -> container().console().watchers.size() == 1);
            client.await(client.changeState("one", new StateChange("stop", true, null)), Duration.ofSeconds(10), seen -> {});
            assertThat(two.receive()).isInstanceOfSatisfying(ServerStream.Ended.class, ended -> assertThat(ended.reason()).contains("stopped"));
        }
    }

    @Test
    void watcherThatDoesNotReadIsCutOffAndTheConsoleGoesOn() throws IOException, InterruptedException {
        try (ServerStream slow = client.console("one", null, null)) {
            FakeContainer.FakeConsole console = container().console();
            eventually(() -> console.watchers.size() == 1);
            byte[] noise = new byte[64 << 10];
            eventually(() -> {
                console.watchers.forEach(watcher -> watcher.output(noise.clone()));
                return console.watchers.isEmpty();
            }, slow);
        }
    }

    /** Waits for the condition, then lets the slow client read to its end, which must be the words for the slow. */
    private static void eventually(BooleanSupplier condition, ServerStream slow) throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        for (int i = 0; i < 200; i++) {
            condition.getAsBoolean();
        }
        ServerStream.Received last = slow.receive();
        while (last instanceof ServerStream.Output) {
            last = slow.receive();
            assertThat(System.nanoTime()).isLessThan(end);
        }
        assertThat(last).isInstanceOfSatisfying(ServerStream.Ended.class, ended -> assertThat(ended.code()).isEqualTo(1013));
        eventually(condition);
    }

    @Test
    void logBeginsAtTheLastBootAndFollows() throws IOException, InterruptedException {
        Path log = directory.server("one").resolve("console.log");
        Files.writeString(log, "old\n---- trefoil: started ----\nnew\n");
        try (InputStream in = client.log("one", false)) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("new\n");
        }
        try (InputStream in = client.log("one", true)) {
            assertThat(new String(in.readNBytes(4), StandardCharsets.UTF_8)).isEqualTo("new\n");
            eventually(() -> !container().console().watchers.isEmpty());
            Files.writeString(log, "more\n", java.nio.file.StandardOpenOption.APPEND);
            container().console().write(new byte[] {1});
            assertThat(new String(in.readNBytes(5), StandardCharsets.UTF_8)).isEqualTo("more\n");
            client.await(client.changeState("one", new StateChange("stop", true, null)), Duration.ofSeconds(10), seen -> {});
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void filesGoInAndOut() throws IOException {
        client.writeFile("one", "/root/a b", new ByteArrayInputStream("text".getBytes(StandardCharsets.UTF_8)), 4, FileAttributes.DEFAULT);
        try (RemoteFile file = client.readFile("one", "/root/a b")) {
            assertThat(file.info().type()).isEqualTo("file");
            assertThat(new String(file.content().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("text");
        }
        try (RemoteFile etc = client.readFile("one", "/etc")) {
            assertThat(etc.info().entries()).containsExactly("hostname", "ü");
        }
        client.deleteFile("one", "/root/a b");
        assertThatThrownBy(() -> client.readFile("one", "/root/a b"))
                .isInstanceOfSatisfying(ApiException.class, e -> {
                    assertThat(e.error().status()).isEqualTo(404);
                    assertThat(e.error().message()).startsWith("server one has no /root/a b");
                    assertThat(e.error().next()).contains("trefoil exec one -- ls -la /root");
                });
        assertThatThrownBy(() -> client.readFile("one", "relative")).hasMessageContaining("absolute");
    }

    @Test
    void filesOfAStoppedServerGoInAndOutAndNothingElseHappensToItMeanwhile() throws Exception {
        client.await(client.changeState("one", new StateChange("stop", null, null)), Duration.ofSeconds(10), seen -> {});
        client.writeFile("one", "/root/kept", new ByteArrayInputStream("text".getBytes(StandardCharsets.UTF_8)), 4, FileAttributes.DEFAULT);
        try (RemoteFile file = client.readFile("one", "/root/kept")) {
            assertThat(new String(file.content().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("text");
        }
        Thread writer;
        try (PipedOutputStream slow = new PipedOutputStream()) {
            InputStream body = new PipedInputStream(slow);
            writer = Thread.ofVirtual().start(() -> {
                try (TrefoilClient other = new TrefoilClient(directory.socket())) {
                    other.writeFile("one", "/root/slow", body, 4, FileAttributes.DEFAULT);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            slow.write("te".getBytes(StandardCharsets.UTF_8));
            slow.flush();
            eventually(() -> world.contents("one").containsKey("/root/slow"));
            Operation refused = client.await(client.changeState("one", new StateChange("start", null, null)), Duration.ofSeconds(10), seen -> {});
            assertThat(refused.error().message()).contains("access to its files");
            slow.write("xt".getBytes(StandardCharsets.UTF_8));
        }
        writer.join();
        assertThat(client.await(client.changeState("one", new StateChange("start", null, null)), Duration.ofSeconds(10), seen -> {}).error()).isNull();
        try (RemoteFile file = client.readFile("one", "/root/slow")) {
            assertThat(new String(file.content().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("text");
        }
    }

    @Test
    void eventsComeInOrderAndByType() throws IOException {
        try (EventStream all = client.events(null); EventStream lifecycle = client.events("lifecycle")) {
            client.await(client.changeState("one", new StateChange("pause", null, null)), Duration.ofSeconds(10), seen -> {});
            client.await(client.changeState("one", new StateChange("resume", null, null)), Duration.ofSeconds(10), seen -> {});
            long sequence = -1;
            for (int i = 0; i < 4; i++) {
                Event event = all.next();
                assertThat(event.sequence()).isGreaterThan(sequence);
                sequence = event.sequence();
            }
            Event event = lifecycle.next();
            while (!event.action().equals("server-paused")) {
                assertThat(event.type()).isEqualTo("lifecycle");
                event = lifecycle.next();
            }
            do {
                event = lifecycle.next();
            } while (event.action().equals("server-usable")); // which comes when it comes
            assertThat(event.action()).isEqualTo("server-resumed");
        }
    }

    @Test
    void listenerThatLeavesIsNotTheDaemonsTrouble() throws IOException, InterruptedException {
        List<String> troubles = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord told) {
                if (told.getLevel().intValue() >= Level.WARNING.intValue()) {
                    troubles.add(told.getLoggerName() + ": " + told.getMessage() + " " + told.getThrown());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        try {
            for (int i = 0; i < 20; i++) {
                try (SocketChannel channel = listen()) {
                    daemon.events().warning("/1.0", "noise", "x".repeat(100_000));
                    assertThat(channel.isConnected()).isTrue();
                }
                daemon.events().warning("/1.0", "noise", "x".repeat(100_000));
            }
            eventually(() -> daemon.events().listeners() == 0);
        } finally {
            root.removeHandler(handler);
        }
        assertThat(troubles).isEmpty();
    }

    private SocketChannel listen() throws IOException {
        return webSocket("/1.0/events");
    }

    private SocketChannel webSocket(String path) throws IOException {
        SocketChannel channel = request(upgrade(path, ""));
        ByteBuffer head = ByteBuffer.allocate(64);
        channel.read(head);
        assertThat(new String(head.array(), StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 101");
        return channel;
    }

    @Test
    void listenerThatDoesNotReadIsCutOff() throws IOException, InterruptedException {
        try (SocketChannel channel = listen()) {
            String words = "x".repeat(2000);
            for (int i = 0; i < 3000; i++) {
                daemon.events().warning("/1.0", "noise", words);
            }
            channel.configureBlocking(true);
            ByteBuffer rest = ByteBuffer.allocate(1 << 20);
            StringBuilder end = new StringBuilder();
            while (channel.read(rest.clear()) >= 0) {
                end.append(new String(rest.array(), 0, rest.position(), StandardCharsets.ISO_8859_1));
            }
            assertThat(end).contains("this reader is too slow");
        }
    }
}
