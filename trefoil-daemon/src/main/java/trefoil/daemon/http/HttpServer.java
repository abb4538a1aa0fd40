package trefoil.daemon.http;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.Envelope;
import trefoil.api.ErrorCode;
import trefoil.api.JsonTypes;
import trefoil.daemon.operation.Failures;

/** The API's server on its Unix socket. */
public final class HttpServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HttpServer.class.getName());
    private static final int LARGEST_HEADERS = 32 << 10;
    private static final long LARGEST_MESSAGE = 1 << 20;

    /** Built once, by whoever comes first. */
    private final FutureTask<Server> server = new FutureTask<>(this::build);

    private volatile ServerWebSocketContainer webSockets;
    private final Router router;
    private final PeerAccess access;
    private final Failures failures;
    private final Path socket;

    /** A server that is not built yet. */
    public HttpServer(Path socket, Router router, PeerAccess access, Failures failures) {
        this.socket = socket;
        this.router = router;
        this.access = access;
        this.failures = failures;
    }

    /** Builds all that needs no socket, so that {@link #start} is quick: another thread may do so while the daemon does other things. */
    public void prepare() {
        server.run();
    }

    private Server build() {
        QueuedThreadPool threads = new QueuedThreadPool(16, 2);
        threads.setName("http");
        threads.setDaemon(true);
        threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
        Server built = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(LARGEST_HEADERS);
        http.setResponseHeaderSize(LARGEST_HEADERS);
        // A segment may hold an encoded slash: an alias of an image such as library%2Fdebian.
        http.setUriCompliance(UriCompliance.DEFAULT.with(
                "segments", UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR, UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING));
        UnixDomainServerConnector connector =
                new UnixDomainServerConnector(built, 1, 1, new HttpConnectionFactory(http));
        connector.setUnixDomainPath(socket);
        connector.setAcceptQueueSize(256);
        connector.setIdleTimeout(0);
        connector.addBean(new Connection.Listener() {
            @Override
            public void onOpened(Connection connection) {
                greet(connection);
            }
        });
        built.addConnector(connector);
        webSockets = ServerWebSocketContainer.ensure(built);
        webSockets.setIdleTimeout(Duration.ZERO);
        webSockets.setMaxBinaryMessageSize(LARGEST_MESSAGE);
        webSockets.setMaxTextMessageSize(LARGEST_MESSAGE);
        built.setHandler(new Dispatch());
        built.setErrorHandler(this::malformed);
        return built;
    }

    /** The routes that it answers. */
    public java.util.List<Route> routes() {
        return router.routes();
    }

    /** Listens. The socket belongs to the group {@link PeerAccess#GROUP} where there is one, and is closed to others. */
    public void start() throws IOException, InterruptedException {
        Files.deleteIfExists(socket);
        prepare();
        try {
            server.get().start();
        } catch (IOException | RuntimeException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            // LifeCycle.start declares it; a checked exception other than IOException has no meaning of its own here
            throw new IOException("cannot listen on " + socket + ": " + e.getMessage(), e);
        }
        PosixFileAttributeView attributes = Files.getFileAttributeView(socket, PosixFileAttributeView.class);
        attributes.setPermissions(PosixFilePermissions.fromString("rw-rw----"));
        try {
            GroupPrincipal group = FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(PeerAccess.GROUP);
            attributes.setGroup(group);
        } catch (UserPrincipalNotFoundException e) {
            LOG.log(Level.DEBUG, "there is no group {0}: root alone can connect", PeerAccess.GROUP);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (server.state() == Future.State.SUCCESS) {
                server.resultNow().stop();
            }
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            // LifeCycle.stop declares it
            throw new IOException("the HTTP server did not stop: " + e.getMessage(), e);
        }
        Files.deleteIfExists(socket);
    }

    /** Asks who connected before there is a request that would wait for the answer. One that may not stay is told so when it asks for something. */
    private void greet(Connection connection) {
        if (connection.getEndPoint() instanceof SocketChannelEndPoint end) {
            try {
                access.check(end.getChannel());
            } catch (IOException | ApiException e) {
                LOG.log(Level.DEBUG, "a connection of somebody who is not let in", e);
            }
        }
    }

    private final class Dispatch extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            String what = request.getMethod() + " " + request.getHttpURI().getPath();
            try {
                access.check(channel(request));
                Router.Match match = router.match(request.getMethod(), request.getHttpURI().getPath());
                send(request, response, callback, match.route().endpoint().answer(new Call(request, match.parameters())));
            } catch (Router.MethodNotAllowed e) {
                ErrorCode code = ErrorCode.METHOD_NOT_ALLOWED;
                ApiError error = new ApiError(code.word(), code.httpStatus(), e.getMessage(), null, null);
                enveloped(request, response, callback,
                        new Reply.Enveloped(Reply.error(error).envelope(), Map.of("Allow", e.allowed())));
            } catch (HttpException.RuntimeException e) { // such as a handshake of a WebSocket that breaks RFC 6455
                ApiError error = new ApiError(ErrorCode.BAD_REQUEST.word(), e.getCode(), "the request is refused: " + e.getReason(), null, null);
                enveloped(request, response, callback, Reply.error(error));
            } catch (EofException e) {
                callback.failed(e);
            } catch (IOException | RuntimeException | InterruptedException e) {
                if (response.isCommitted()) {
                    LOG.log(Level.WARNING, what + " broke off", e);
                    callback.failed(e);
                } else {
                    enveloped(request, response, callback, Reply.error(failures.explain(what, e)));
                }
            }
            return true;
        }

        private SocketChannel channel(Request request) {
            return ((SocketChannelEndPoint)
                            request.getConnectionMetaData().getConnection().getEndPoint())
                    .getChannel();
        }
    }

    private void send(Request request, Response response, Callback callback, Reply reply)
            throws IOException, InterruptedException {
        switch (reply) {
            case Reply.Enveloped r -> enveloped(request, response, callback, r);
            case Reply.Farewell r -> farewell(request, response, callback, r);
            case Reply.Octets r -> octets(request, response, callback, r);
            case Reply.Socket r -> upgrade(request, response, callback, r);
        }
    }

    private void enveloped(Request request, Response response, Callback callback, Reply.Enveloped reply) {
        byte[] body = JsonTypes.of(Envelope.class).toJsonBytes(reply.envelope());
        response.setStatus(reply.envelope().status());
        response.getHeaders().put("Content-Type", "application/json");
        response.getHeaders().put(new HttpField.LongValueHttpField("Content-Length", body.length));
        reply.headers().forEach(response.getHeaders()::put);
        boolean head = request.getMethod().equals("HEAD");
        response.write(true, head ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body), callback);
    }

    /** Even a client that went away without its answer has asked for what follows. */
    private void farewell(Request request, Response response, Callback callback, Reply.Farewell reply) {
        response.getHeaders().put("Connection", "close");
        enveloped(request, response, Callback.from(callback, reply.then()), reply.last());
    }

    private void octets(Request request, Response response, Callback callback, Reply.Octets reply)
            throws IOException, InterruptedException {
        response.setStatus(200);
        response.getHeaders().put("Content-Type", reply.contentType());
        reply.headers().forEach(response.getHeaders()::put);
        if (!request.getMethod().equals("HEAD")) {
            OutputStream out = Response.asBufferedOutputStream(request, response);
            reply.writer().to(out);
            out.close();
        }
        callback.succeeded();
    }

    /** Answers what Jetty refuses before it comes to a route, such as a malformed request line. */
    private boolean malformed(Request request, Response response, Callback callback) {
        int status = response.getStatus() >= 400 ? response.getStatus() : 500;
        Object reason = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
        ErrorCode code = status >= 500 ? ErrorCode.INTERNAL : ErrorCode.BAD_REQUEST;
        ApiError error = new ApiError(code.word(), status, "the request is refused: " + reason,
                status >= 500 ? "see the daemon's log: trefoil doctor names it" : "send it as HTTP/1.1 (RFC 9112) to a route of openapi.yaml", null);
        enveloped(request, response, callback, Reply.error(error));
        return true;
    }

    private void upgrade(Request request, Response response, Callback callback, Reply.Socket reply) {
        boolean upgraded = request.getMethod().equals("GET")
                && webSockets.upgrade((up, down, done) -> {
                    Reply.Opening opening = reply.opening().get();
                    opening.headers().forEach(down.getHeaders()::put);
                    return opening.listener();
                }, request, response, callback);
        if (!upgraded) {
            ApiError error = new ApiError(
                    ErrorCode.BAD_REQUEST.word(), 400,
                    request.getHttpURI().getPath() + " is a WebSocket (RFC 6455): connect with Upgrade: websocket", null, null);
            enveloped(request, response, callback, Reply.error(error));
        }
    }

}
