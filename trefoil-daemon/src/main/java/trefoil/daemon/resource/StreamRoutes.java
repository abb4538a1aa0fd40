package trefoil.daemon.resource;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.ExecRequest;
import trefoil.container.Console;
import trefoil.container.ExecSpec;
import trefoil.daemon.http.Call;
import trefoil.daemon.http.Reply;
import trefoil.daemon.http.Route;
import trefoil.daemon.lifecycle.Anticipation;
import trefoil.daemon.lifecycle.ConsoleLog;
import trefoil.daemon.lifecycle.Servers;
import trefoil.daemon.operation.OperationRun;
import trefoil.daemon.operation.Operations;

/** What flows from and to a server: exec, console and log. */
public final class StreamRoutes {
    /** Header of the answer that begins an execution in one step: the operation's path. */
    private static final String OPERATION_HEADER = "X-Trefoil-Operation";

    private static final int MOST_COLUMNS = 4096;
    private static final int NORMAL_COLUMNS = 80;
    private static final int NORMAL_ROWS = 24;

    private final Servers servers;
    private final Operations operations;
    private final Anticipation anticipation;
    private final ConcurrentHashMap<String, ExecSession> sessions = new ConcurrentHashMap<>();

    /** Over these servers; {@code anticipation} is told of each command that was run. */
    public StreamRoutes(Servers servers, Operations operations, Anticipation anticipation) {
        this.anticipation = anticipation;
        this.servers = servers;
        this.operations = operations;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                new Route("POST", "/1.0/servers/{name}/exec", "prepares a process in a server", this::exec),
                new Route("GET", "/1.0/servers/{name}/exec", "WebSocket that starts and carries a process", this::execute),
                new Route("GET", "/1.0/servers/{name}/exec/{id}", "WebSocket that starts and carries a process", this::streams),
                new Route("GET", "/1.0/servers/{name}/console", "WebSocket of a server's console", this::console),
                new Route("GET", "/1.0/servers/{name}/log", "console output since the last boot", this::log));
    }

    /** In two steps: an operation that waits for the client's WebSocket, and starts the process when that is open. */
    private Reply exec(Call call) throws IOException {
        String name = call.path("name");
        ExecSession session = session(name, call.body(ExecRequest.class));
        String id = UUID.randomUUID().toString();
        sessions.put(id, session);
        OperationRun run = operations.start(session.description() + name, List.of("/1.0/servers/" + name), operation -> {
            try {
                session.awaitAndServe(operation);
            } finally {
                sessions.remove(id);
            }
        });
        run.result("websocket", "/1.0/servers/" + name + "/exec/" + id);
        return Reply.async(run);
    }

    /** In one step: the request for the WebSocket says what to run, and while that is answered the process is started. */
    private Reply execute(Call call) {
        webSocketOnly(call);
        String name = call.path("name");
        ExecSession session = session(name, call.headerRecord(ExecRequest.HEADER, ExecRequest.class));
        session.claim();
        return new Reply.Socket(() -> {
            OperationRun run = operations.start(session.description() + name, List.of("/1.0/servers/" + name), session::serve);
            return new Reply.Opening(session, Map.of(OPERATION_HEADER, run.path()));
        });
    }

    private ExecSession session(String name, ExecRequest request) {
        ExecSpec spec = spec(request);
        return new ExecSession(servers.active(name), spec, Boolean.TRUE.equals(request.interactive()), anticipation);
    }

    private static void webSocketOnly(Call call) {
        if (!"websocket".equalsIgnoreCase(call.header("Upgrade"))) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "this is a WebSocket (RFC 6455): connect with Upgrade: websocket", null);
        }
    }

    private static ExecSpec spec(ExecRequest r) {
        if (r.command() == null || r.command().isEmpty() || r.command().contains(null) || r.command().getFirst().isEmpty()) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "command: a program and its arguments are expected", null);
        }
        return new ExecSpec(
                List.copyOf(r.command()), r.environment() == null ? Map.of() : Map.copyOf(r.environment()),
                r.user() == null ? "root" : r.user(), r.directory(), Boolean.TRUE.equals(r.terminal()),
                size("columns", r.columns(), NORMAL_COLUMNS), size("rows", r.rows(), NORMAL_ROWS));
    }

    private static int size(String member, Integer value, int otherwise) {
        if (value == null) {
            return otherwise;
        }
        if (value < 1 || value > MOST_COLUMNS) {
            throw new ApiException(ErrorCode.BAD_REQUEST, member + ": " + value + " is not from 1 to " + MOST_COLUMNS, null);
        }
        return value;
    }

    private Reply streams(Call call) {
        ExecSession session = sessions.get(call.path("id"));
        if (session == null) {
            throw new ApiException(ErrorCode.NOT_FOUND, "there is no process " + call.path("id") + " to connect to", null);
        }
        webSocketOnly(call);
        if (!session.claim()) {
            throw new ApiException(ErrorCode.CONFLICT, "another client has connected to this process", null);
        }
        return Reply.socket(() -> session);
    }

    private Reply console(Call call) {
        Console console = servers.running(call.path("name")).console();
        Integer columns = call.query("columns") == null ? null : (int) call.number("columns", 0, 1, MOST_COLUMNS);
        Integer rows = call.query("rows") == null ? null : (int) call.number("rows", 0, 1, MOST_COLUMNS);
        return Reply.socket(() -> new ConsoleSession(console, columns, rows));
    }

    private Reply log(Call call) {
        String name = call.path("name");
        Path directory = servers.directory(name);
        boolean follow = call.flag("follow");
        return new Reply.Octets("text/plain; charset=utf-8", Map.of(), out -> {
            if (follow) {
                follow(name, directory, out);
            } else {
                out.write(ConsoleLog.sinceBoot(directory));
            }
        });
    }

    /** Sends what is there, then what is printed, until the server stops. */
    private void follow(String name, Path directory, OutputStream out) throws IOException, InterruptedException {
        Console console;
        try {
            console = servers.running(name).console();
        } catch (ApiException e) {
            out.write(ConsoleLog.sinceBoot(directory));
            return; // it does not run: nothing more will come
        }
        Semaphore news = new Semaphore(0);
        LogWatcher watcher = new LogWatcher(news);
        try (AutoCloseable _ = console.watch(watcher)) {
            ConsoleLog.Since since = ConsoleLog.since(directory);
            out.write(since.text());
            out.flush();
            long sent = since.end();
            while (!watcher.closed) {
                news.tryAcquire(1, TimeUnit.SECONDS);
                news.drainPermits();
                sent = more(ConsoleLog.file(directory), sent, out);
            }
            more(ConsoleLog.file(directory), sent, out);
        } catch (IOException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            // AutoCloseable.close declares it; leaving a console has no checked failure of its own
            throw new IOException("could not leave the console", e);
        }
    }

    private static long more(Path file, long sent, OutputStream out) throws IOException {
        if (!Files.exists(file)) {
            return sent;
        }
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long from = in.length() < sent ? 0 : sent; // the log was turned over
            if (in.length() == from) {
                return from;
            }
            in.seek(from);
            byte[] news = new byte[(int) (in.length() - from)];
            in.readFully(news);
            out.write(news);
            out.flush();
            return from + news.length;
        }
    }

    /** Tells that there is something new. */
    private static final class LogWatcher implements Console.Watcher {
        private final Semaphore news;
        private volatile boolean closed;

        LogWatcher(Semaphore news) {
            this.news = news;
        }

        @Override
        public void output(byte[] data) {
            news.release();
        }

        @Override
        public void closed() {
            closed = true;
            news.release();
        }
    }
}
