package trefoil.client.fake;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Listens in a state directory as the daemon does. Routes are exact targets ({@code GET /1.0/servers?x=y}) or, failing that, targets without their query. */
public final class FakeDaemon implements Closeable {
    /** What was received. */
    public record Request(String method, String target, Map<String, String> headers, byte[] body) {
        /** The body as UTF-8. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return method + " " + target;
        }
    }

    /** What is answered: octets as they go onto the wire. */
    @FunctionalInterface
    public interface Route {
        void answer(Request request, OutputStream out) throws IOException;
    }

    /** What a WebSocket does. */
    @FunctionalInterface
    public interface Socket {
        void serve(FakeSocket socket) throws IOException;
    }

    private final ServerSocketChannel listener;
    private final Path socket;
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    private final Map<String, Socket> sockets = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();

    /** Listens at {@code state/run/unix.socket}. */
    public FakeDaemon(Path state) throws IOException {
        socket = Files.createDirectories(state.resolve("run")).resolve("unix.socket");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofPlatform().daemon().name("fake-daemon").start(this::accept);
    }

    public Path socket() {
        return socket;
    }

    /** Every request so far. */
    public List<Request> requests() {
        return requests;
    }

    /** Requests so far whose text begins with {@code start}. */
    public List<Request> requests(String start) {
        return requests.stream().filter(request -> request.toString().startsWith(start)).toList();
    }

    /** Connections accepted so far. */
    public int connections() {
        return connections.size();
    }

    public FakeDaemon on(String methodAndTarget, Route route) {
        routes.put(methodAndTarget, route);
        return this;
    }

    public FakeDaemon onSocket(String target, Socket serve) {
        sockets.put(target, serve);
        return this;
    }

    /** Answers with a sync envelope. */
    public FakeDaemon answer(String methodAndTarget, String metadata) {
        return on(methodAndTarget, (request, out) -> json(out, 200, "{\"type\":\"sync\",\"status\":200,\"metadata\":" + metadata + "}"));
    }

    /** Answers with an async envelope. */
    public FakeDaemon answerAsync(String methodAndTarget, String operation) {
        return on(methodAndTarget, (request, out) ->
                json(out, 202, "{\"type\":\"async\",\"status\":202,\"operation\":\"/1.0/operations/1\",\"metadata\":" + operation + "}"));
    }

    /** Answers with an error envelope. */
    public FakeDaemon refuse(String methodAndTarget, int status, String error) {
        return on(methodAndTarget, (request, out) ->
                json(out, status, "{\"type\":\"error\",\"status\":" + status + ",\"error\":" + error + "}"));
    }

    /** Writes a JSON answer. */
    public static void json(OutputStream out, int status, String body) throws IOException {
        octets(out, status, "Content-Type: application/json\r\n", body.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes an answer with its length. */
    public static void octets(OutputStream out, int status, String headers, byte[] body) throws IOException {
        raw(out, "HTTP/1.1 " + status + " X\r\n" + headers + "Content-Length: " + body.length + "\r\n\r\n");
        out.write(body);
    }

    /** Writes characters as they are. */
    public static void raw(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel connection = listener.accept();
                connections.add(connection);
                Thread.ofPlatform().daemon().start(() -> serve(connection));
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            InputStream in = Channels.newInputStream(connection);
            OutputStream out = Channels.newOutputStream(connection);
            while (true) {
                Request request = read(in);
                if (request == null) {
                    return;
                }
                requests.add(request);
                String path = path(request.target);
                if (sockets.containsKey(path) && request.headers.containsKey("upgrade")) {
                    FakeSocket webSocket = FakeSocket.accept(request, in, out);
                    sockets.get(path).serve(webSocket);
                    return;
                }
                answer(request, path, out);
            }
        } catch (IOException | UncheckedIOException e) {
            // the client went away, which some tests want
        }
    }

    private void answer(Request request, String path, OutputStream out) throws IOException {
        Route route = routes.getOrDefault(request.toString(), routes.get(request.method + " " + path));
        if (route == null && request.method.equals("HEAD")) {
            octets(out, 404, "", new byte[0]);
        } else if (route == null) {
            json(out, 404, "{\"type\":\"error\",\"status\":404,\"error\":{\"code\":\"not-found\",\"status\":404,\"message\":\"no route "
                    + request.method + " " + path + "\"}}");
        } else {
            route.answer(request, out);
        }
        out.flush();
    }

    private static String path(String target) {
        int question = target.indexOf('?');
        return question < 0 ? target : target.substring(0, question);
    }

    private static Request read(InputStream in) throws IOException {
        String first = line(in);
        if (first == null) {
            return null;
        }
        String[] words = first.split(" ");
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(in); !Objects.requireNonNull(line).isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(java.util.Locale.ROOT), line.substring(colon + 1).strip());
        }
        return new Request(words[0], words[1], headers, body(in, headers));
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
                all.write(in.readNBytes(size));
                line(in);
            }
            line(in);
            return all.toByteArray();
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the request's body ended early");
        }
        return body;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return null;
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    /** Requests as text, for messages of failed tests. */
    public List<String> log() {
        List<String> log = new ArrayList<>();
        requests.forEach(request -> log.add(request.toString()));
        return log;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel connection : connections) {
            connection.close();
        }
        Files.deleteIfExists(socket);
    }
}
