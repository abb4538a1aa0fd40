package trefoil.client;

import io.avaje.jsonb.JsonType;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import trefoil.api.ApiException;
import trefoil.api.ExecRequest;
import trefoil.api.FileInfo;
import trefoil.api.Finding;
import trefoil.api.HostInfo;
import trefoil.api.HostResources;
import trefoil.api.Image;
import trefoil.api.ImageBuild;
import trefoil.api.JsonText;
import trefoil.api.JsonTypes;
import trefoil.api.JsonValue;
import trefoil.api.Network;
import trefoil.api.Operation;
import trefoil.api.PlanStep;
import trefoil.api.Rename;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.StateChange;
import trefoil.api.Usage;

/**
 * One method per route of {@link trefoil.api.Routes}. Thread-safe. Every method throws {@link ApiException} when the
 * daemon refuses, {@link DaemonUnreachableException} when nobody listens, {@link AnswerTimeoutException} when no answer
 * comes, and another {@link IOException} when the connection fails.
 */
public final class TrefoilClient implements Closeable {
    /** Time for an ordinary answer. */
    private static final Duration PROMPT = Duration.ofSeconds(60);

    /** Time for an answer that the daemon works for: a body that it reads or makes, a plan, servers that it stops. */
    private static final Duration PATIENT = Duration.ofMinutes(10);

    /** Seconds that the daemon is asked to hold a wait for an operation. */
    private static final int HOLD = 10;

    private final Transport transport;

    /** A client of the daemon at {@code socket}; nothing is sent yet. */
    public TrefoilClient(Path socket) {
        this(socket, Trace.NONE);
    }

    /** A client that tells {@code trace} of every exchange. */
    public TrefoilClient(Path socket, Trace trace) {
        this.transport = new Transport(socket, trace);
    }

    /** Connects, unless a kept connection is there; the next request uses the connection. */
    public void connect() throws DaemonUnreachableException {
        transport.ensureConnected();
    }

    // ---- host

    public HostInfo host() throws IOException {
        return get(HostInfo.class, "/1.0");
    }

    public HostResources resources() throws IOException {
        return get(HostResources.class, "/1.0/resources");
    }

    public List<Finding> doctor() throws IOException {
        return list(Finding.class, HttpRequest.of("GET", "/1.0/doctor"), PATIENT);
    }

    /** Ends the daemon; servers go on unless {@code stopServers}. */
    public void shutdown(boolean stopServers) throws IOException {
        String target = Target.of("shutdown").with("servers", stopServers ? "stop" : null).toString();
        transport.metadata(HttpRequest.json("POST", target, "{}"), PATIENT);
    }

    /** Events from now on; {@code type} {@code null} for all. */
    public EventStream events(String type) throws IOException {
        return new EventStream(WebSocket.open(transport, Target.of("events").with("type", type).toString(), PROMPT));
    }

    // ---- operations

    public List<Operation> operations() throws IOException {
        return list(Operation.class, "/1.0/operations");
    }

    public Operation operation(String id) throws IOException {
        return get(Operation.class, Target.of("operations", id).toString());
    }

    public void cancel(String id) throws IOException {
        transport.metadata(HttpRequest.of("DELETE", Target.of("operations", id).toString()), PROMPT);
    }

    /**
     * Waits until an operation is over, or until {@code limit} has passed; {@code null} waits without limit.
     *
     * @param progress told of each state that is seen, the first and the last included
     * @return how it ended, or, after {@code limit}, how it stands: look at {@link Operation#done()}
     */
    public Operation await(Operation operation, Duration limit, Consumer<Operation> progress) throws IOException {
        long end = limit == null ? 0 : System.nanoTime() + limit.toNanos();
        Operation now = operation;
        // Versions count from 1: the first wait answers at once, every further one when there is news.
        String seen = "0";
        progress.accept(now);
        while (!now.done() && (limit == null || System.nanoTime() - end < 0)) {
            HttpRequest request = HttpRequest.of("GET", waitTarget(now.id(), seen == null ? 1 : HOLD, limit == null ? Long.MAX_VALUE : end - System.nanoTime(), seen));
            HttpAnswer answer = transport.open(request, PROMPT);
            seen = unquoted(answer.headers().get("ETag"));
            now = parse(Operation.class, transport.metadata(request, answer));
            progress.accept(now);
        }
        return now;
    }

    private static String waitTarget(String id, int hold, long leftNanos, String seen) {
        long seconds = Math.clamp(leftNanos / 1_000_000_000L + 1, 1, hold);
        return Target.of("operations", id, "wait").with("timeout", seconds).with("seen", seen).toString();
    }

    private static String unquoted(String tag) {
        return tag == null ? null : tag.replace("\"", "");
    }

    // ---- servers

    public List<Server> servers() throws IOException {
        return list(Server.class, "/1.0/servers");
    }

    public Server server(String name) throws IOException {
        return get(Server.class, Target.of("servers", name).toString());
    }

    /** A server with the tag that {@link #update} takes. */
    public Tagged<Server> taggedServer(String name) throws IOException {
        HttpRequest request = HttpRequest.of("GET", Target.of("servers", name).toString());
        HttpAnswer answer = transport.open(request, PROMPT);
        String tag = answer.headers().get("ETag");
        return new Tagged<>(parse(Server.class, transport.metadata(request, answer)), tag);
    }

    /**
     * Makes a server.
     *
     * @param start starts it too
     * @param wait how far the operation goes: {@code none}, {@code ip} or {@code usable}; {@code null} for the daemon's choice
     */
    public Operation create(ServerConfig config, boolean start, String wait) throws IOException {
        String target = Target.of("servers").with("start", start ? true : null).with("wait", wait).toString();
        return async(HttpRequest.json("POST", target, JsonTypes.of(ServerConfig.class).toJson(config)));
    }

    /** The steps that making this server would take; makes nothing. */
    public List<PlanStep> plan(ServerConfig config) throws IOException {
        String json = JsonTypes.of(ServerConfig.class).toJson(config);
        return list(PlanStep.class, HttpRequest.json("POST", "/1.0/plan", json), PATIENT);
    }

    /**
     * Changes what {@code change} sets.
     *
     * @param tag of the state that the change is based on, which is refused when that is no longer the state; {@code null} to change whatever it is
     */
    public Server update(String name, ServerConfig change, String tag) throws IOException {
        String json = JsonTypes.of(ServerConfig.class).toJson(change);
        HttpRequest request = HttpRequest.json("PATCH", Target.of("servers", name).toString(), json);
        if (tag != null) {
            request.headers().add("If-Match", tag);
        }
        return parse(Server.class, transport.metadata(request, PATIENT));
    }

    public Operation delete(String name, boolean force) throws IOException {
        return async(HttpRequest.of("DELETE", Target.of("servers", name).with("force", force ? true : null).toString()));
    }

    public Server rename(String name, String newName) throws IOException {
        String json = JsonTypes.of(Rename.class).toJson(new Rename(newName));
        String target = Target.of("servers", name, "rename").toString();
        return parse(Server.class, transport.metadata(HttpRequest.json("POST", target, json), PROMPT));
    }

    public Operation changeState(String name, StateChange change) throws IOException {
        String json = JsonTypes.of(StateChange.class).toJson(change);
        return async(HttpRequest.json("PUT", Target.of("servers", name, "state").toString(), json));
    }

    public List<Usage> usage() throws IOException {
        return list(Usage.class, "/1.0/usage");
    }

    public Usage usage(String name) throws IOException {
        return get(Usage.class, Target.of("servers", name, "usage").toString());
    }

    // ---- streams

    /** Starts a command in a server and opens its streams. */
    public ServerStream exec(String name, ExecRequest request) throws IOException {
        String target = Target.of("servers", name, "exec").toString();
        String json = JsonText.ascii(JsonTypes.of(ExecRequest.class).toJson(request));
        if (json.length() > ExecRequest.LONGEST_HEADER) {
            return execAtLength(target, json);
        }
        return new ServerStream(WebSocket.open(transport, target, new Headers().add(ExecRequest.HEADER, json), PROMPT));
    }

    /** In two requests, since the first has more to say than a header holds. */
    private ServerStream execAtLength(String target, String json) throws IOException {
        Operation operation = async(HttpRequest.json("POST", target, json));
        String websocket = operation.metadata() == null ? null : operation.metadata().get("websocket");
        if (websocket == null) {
            throw new ProtocolException("the daemon's answer to exec names no WebSocket");
        }
        return new ServerStream(WebSocket.open(transport, websocket, PROMPT));
    }

    /** Attaches to a server's console; what it wrote recently comes first. */
    public ServerStream console(String name, Integer columns, Integer rows) throws IOException {
        String target = Target.of("servers", name, "console").with("columns", columns).with("rows", rows).toString();
        return new ServerStream(WebSocket.open(transport, target, PROMPT));
    }

    /** Console output since the last boot; with {@code follow} it goes on until the server stops or the stream is closed. */
    public InputStream log(String name, boolean follow) throws IOException {
        String target = Target.of("servers", name, "log").with("follow", follow ? true : null).toString();
        // A log may be silent for as long as it likes.
        return transport.open(HttpRequest.of("GET", target), follow ? Duration.ofDays(36_500) : PROMPT).body();
    }

    // ---- files

    /** Opens a file, or reads a directory, of a server. */
    public RemoteFile readFile(String server, String path) throws IOException {
        return readFile(path, files(server, path));
    }

    /** The same of what stands at the path itself: a link at its end is not followed. */
    public RemoteFile readEntry(String server, String path) throws IOException {
        return readFile(path, files(server, path).with("follow", false));
    }

    private RemoteFile readFile(String path, Target target) throws IOException {
        HttpRequest request = HttpRequest.of("GET", target.toString());
        HttpAnswer answer = transport.open(request, PROMPT);
        String description = answer.headers().get("X-Trefoil-File");
        if (description == null) {
            answer.body().close();
            throw new ProtocolException("the daemon's answer does not say what " + path + " is");
        }
        FileInfo info = described(description);
        if (info.type().equals("file")) {
            return new RemoteFile(info, answer.body());
        }
        // Only the body has all names of a large directory.
        FileInfo directory = parse(FileInfo.class, transport.metadata(request, answer));
        return new RemoteFile(directory, InputStream.nullInputStream());
    }

    /** What a path of a server leads to, or {@code null} when there is nothing. */
    public FileInfo stat(String server, String path) throws IOException {
        try {
            HttpAnswer answer = transport.open(HttpRequest.of("HEAD", files(server, path).toString()), PROMPT);
            String description = answer.headers().get("X-Trefoil-File");
            return description == null ? null : described(description);
        } catch (ApiException e) {
            if (e.error().status() == 404) {
                return null;
            }
            throw e;
        }
    }

    /** Writes a file; {@code length} -1 when unknown. */
    public void writeFile(String server, String path, InputStream content, long length, FileAttributes attributes)
            throws IOException {
        String target = attributed(files(server, path), attributes).with("type", "file").toString();
        transport.metadata(HttpRequest.octets("PUT", target, content, length), PATIENT);
    }

    /** Makes a directory unless it is there. */
    public void makeDirectory(String server, String path, FileAttributes attributes) throws IOException {
        String target = attributed(files(server, path), attributes).with("type", "directory").toString();
        transport.metadata(HttpRequest.octets("PUT", target, InputStream.nullInputStream(), 0), PROMPT);
    }

    /** Makes a symbolic link; a file or link that stands there is replaced. */
    public void makeLink(String server, String path, String link, FileAttributes attributes) throws IOException {
        String target = attributed(files(server, path), attributes).with("type", "symlink").with("target", link).toString();
        transport.metadata(HttpRequest.octets("PUT", target, InputStream.nullInputStream(), 0), PROMPT);
    }

    public void deleteFile(String server, String path) throws IOException {
        transport.metadata(HttpRequest.of("DELETE", files(server, path).toString()), PROMPT);
    }

    private static FileInfo described(String header) throws ProtocolException {
        try {
            return JsonTypes.lenient(FileInfo.class).fromJson(header);
        } catch (RuntimeException e) {
            throw new ProtocolException("the daemon's description of a file is not JSON of the Trefoil API", e);
        }
    }

    private static Target files(String server, String path) {
        return Target.of("servers", server, "files").with("path", path);
    }

    private static Target attributed(Target target, FileAttributes attributes) {
        return target.with("uid", attributes.uid()).with("gid", attributes.gid()).with("mode", attributes.octalMode());
    }

    // ---- images

    public List<Image> images() throws IOException {
        return list(Image.class, "/1.0/images");
    }

    public Image image(String reference) throws IOException {
        return get(Image.class, Target.of("images", reference).toString());
    }

    public Operation buildImage(ImageBuild build) throws IOException {
        return async(HttpRequest.json("POST", "/1.0/images/build", JsonTypes.of(ImageBuild.class).toJson(build)));
    }

    /** Sends an archive; {@code length} -1 when unknown; {@code alias}, and {@code name} for messages to call it by, may be {@code null}. */
    public Operation importImage(InputStream archive, long length, String alias, String name) throws IOException {
        String target = Target.of("images", "import").with("alias", alias).with("name", name).toString();
        return operation(transport.metadata(HttpRequest.octets("POST", target, archive, length), PATIENT));
    }

    /** A zstd-compressed tarball of an image's file system. */
    public InputStream exportImage(String reference) throws IOException {
        return transport.open(HttpRequest.of("GET", Target.of("images", reference, "export").toString()), PATIENT).body();
    }

    public void deleteImage(String reference) throws IOException {
        transport.metadata(HttpRequest.of("DELETE", Target.of("images", reference).toString()), PATIENT);
    }

    // ---- networks

    public List<Network> networks() throws IOException {
        return list(Network.class, "/1.0/networks");
    }

    public Network network(String name) throws IOException {
        return get(Network.class, Target.of("networks", name).toString());
    }

    public Network createNetwork(Network network) throws IOException {
        String json = JsonTypes.of(Network.class).toJson(network);
        return parse(Network.class, transport.metadata(HttpRequest.json("POST", "/1.0/networks", json), PROMPT));
    }

    public void deleteNetwork(String name) throws IOException {
        transport.metadata(HttpRequest.of("DELETE", Target.of("networks", name).toString()), PROMPT);
    }

    // ---- raw

    /**
     * Any request.
     *
     * @param target path and query, percent-encoded by the caller
     * @param json body, or {@code null}
     * @return the answer's metadata as JSON, the operation's for an async answer, or the body itself where it is no envelope
     */
    public String query(String method, String target, String json) throws IOException {
        HttpRequest request = json == null ? HttpRequest.of(method, target) : HttpRequest.json(method, target, json);
        HttpAnswer answer = transport.open(request, PATIENT);
        String type = answer.headers().get("Content-Type");
        if (type == null || !type.startsWith("application/json")) {
            return answer.text();
        }
        JsonValue metadata = transport.metadata(request, answer);
        return metadata == null ? null : metadata.literal();
    }

    /**
     * The answer to a GET as it came, for those who show it rather than work with it.
     *
     * @param path segments of the path below {@code /1.0}, such as {@code servers}, {@code web1}
     */
    public JsonValue read(String... path) throws IOException {
        String target = Target.of(path).toString();
        JsonValue metadata = transport.metadata(HttpRequest.of("GET", target), PROMPT);
        if (metadata == null) {
            throw new ProtocolException("the daemon's answer to GET " + target + " is empty");
        }
        return metadata;
    }

    // ---- shared

    private <T> T get(Class<T> type, String target) throws IOException {
        return parse(type, transport.metadata(HttpRequest.of("GET", target), PROMPT));
    }

    private <T> List<T> list(Class<T> type, String target) throws IOException {
        return list(type, HttpRequest.of("GET", target), PROMPT);
    }

    private <T> List<T> list(Class<T> type, HttpRequest request, Duration timeout) throws IOException {
        JsonValue json = transport.metadata(request, timeout);
        return json == null ? List.of() : parse(JsonTypes.listOf(type), json);
    }

    private Operation async(HttpRequest request) throws IOException {
        return operation(transport.metadata(request, PROMPT));
    }

    private static Operation operation(JsonValue metadata) throws ProtocolException {
        return parse(Operation.class, metadata);
    }

    private static <T> T parse(Class<T> type, JsonValue json) throws ProtocolException {
        if (json == null) {
            throw new ProtocolException("the daemon's answer is empty where " + type.getSimpleName() + " is expected");
        }
        return parse(JsonTypes.lenient(type), json);
    }

    private static <T> T parse(JsonType<T> type, JsonValue json) throws ProtocolException {
        try {
            return type.fromJson(json.octets());
        } catch (RuntimeException e) {
            throw new ProtocolException("the daemon's answer is not JSON of the Trefoil API", e);
        }
    }

    /** Ends all kept connections. */
    @Override
    public void close() {
        transport.close();
    }
}
