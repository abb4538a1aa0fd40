package trefoil.daemon.resource;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.StreamControl;
import trefoil.api.StreamFrame;
import trefoil.container.Container;
import trefoil.container.ExecSpec;
import trefoil.container.Exit;
import trefoil.daemon.http.RecordReader;
import trefoil.daemon.operation.OperationRun;

/**
 * One process run inside a server for a client: it starts when the client's WebSocket opens, and is killed when that
 * closes. Output is read only as fast as the client takes it, input is taken only as fast as the process reads it.
 */
public final class ExecSession implements Session.Listener {
    private static final System.Logger LOG = System.getLogger(ExecSession.class.getName());
    private static final int NORMAL = 1000;
    private static final int BUFFER = 32 << 10;
    /** How long a client has to connect. */
    private static final long CONNECT_SECONDS = 60;
    /** How long output may pause after the process's end before it counts as ended: a descendant may hold the pipe. */
    private static final long LINGER_NANOS = 250_000_000;
    private static final long LINGER_LOOK_MILLIS = 20;
    /** Exit status of a command that could not be run for a reason other than its own, as in podman-exec(1). */
    private static final int FAILED = 125;

    private final Container container;
    private final ExecSpec spec;
    private final boolean interactive;
    /** Platform threads, which are used again: forking waits for the kernel, which would hold up all virtual threads. */
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("exec-", 0).factory());

    private final CountDownLatch connected = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean taken;
    private volatile Container.Process process;
    private volatile boolean gone;
    private volatile Session session;
    private volatile Integer status;
    private volatile String failure;

    ExecSession(Container container, ExecSpec spec, boolean interactive) {
        this.container = container;
        this.spec = spec;
        this.interactive = interactive;
    }

    /** Claims the session for one client. */
    synchronized boolean claim() {
        boolean first = !taken;
        taken = true;
        return first;
    }

    /** The operation's work: waits for the process's end. */
    void await(OperationRun run) throws InterruptedException {
        if (!connected.await(CONNECT_SECONDS, TimeUnit.SECONDS) && claim()) {
            throw new ApiException(ErrorCode.TIMEOUT, "no client opened the WebSocket within " + CONNECT_SECONDS + " s", null);
        }
        ended.await();
        if (status != null) {
            run.result("exitStatus", String.valueOf(status));
        }
        if (failure != null) {
            throw new ApiException(ErrorCode.INTERNAL, failure, null);
        }
    }

    @Override
    public void onWebSocketOpen(Session opened) {
        session = opened;
        connected.countDown();
        THREADS.execute(this::serve);
    }

    private void serve() {
        FrameSender sender = new FrameSender(session);
        try {
            if (start(sender)) {
                session.demand();
                pump(sender);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "exec broke off", e);
            failure = "the client went away before the process ended";
        } catch (InterruptedException e) {
            failure = "the daemon is ending";
        } finally {
            if (process != null) {
                process.close();
            }
            ended.countDown();
            sender.close(NORMAL, "");
        }
    }

    private boolean start(FrameSender sender) throws IOException, InterruptedException {
        try {
            Container.Process started = container.exec(spec);
            process = started;
            if (!interactive && !spec.terminal()) {
                started.closeInput();
            }
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "cannot run " + spec.command(), e);
            status = FAILED;
            failure = "cannot run " + spec.command().getFirst() + ": " + e.getMessage();
            sender.control(new StreamControl("error", null, null, null, FAILED, failure));
            return false;
        }
    }

    private void pump(FrameSender sender) throws IOException, InterruptedException {
        Pump out = new Pump(sender, StreamFrame.STDOUT, process::read);
        Pump err = new Pump(sender, StreamFrame.STDERR, process::readError);
        Exit exit = process.await();
        while (!out.over() || !err.over()) {
            out.join(LINGER_LOOK_MILLIS);
            err.join(LINGER_LOOK_MILLIS);
            if (gone || out.pausedFor(LINGER_NANOS) && err.pausedFor(LINGER_NANOS)) {
                break;
            }
        }
        status = exit.shellStatus();
        sender.control(new StreamControl("exit", null, null, null, status, null));
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        byte[] frame = new byte[payload.remaining()];
        payload.get(frame);
        callback.succeed();
        // The next frame is asked for when this one is done with: the order holds, and the client feels the pipe's pace.
        Thread.ofVirtual().start(() -> take(frame));
    }

    private void take(byte[] frame) {
        try {
            if (frame.length > 0 && frame[0] == StreamFrame.STDIN) {
                input(frame);
            } else if (frame.length > 0 && frame[0] == StreamFrame.CONTROL) {
                control(Control.read(frame));
            }
        } catch (RecordReader.Fault e) {
            Control.refuse(session, e);
            return;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the process takes no more input", e);
        }
        session.demand();
    }

    private void input(byte[] frame) throws IOException {
        if (frame.length == 1) {
            process.closeInput();
        } else {
            process.write(frame, 1, frame.length - 1);
        }
    }

    private void control(StreamControl control) throws IOException {
        if ("resize".equals(control.type()) && control.columns() != null && control.rows() != null) {
            process.resize(control.columns(), control.rows());
        } else if ("signal".equals(control.type()) && control.signal() != null) {
            process.signal(control.signal());
        }
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        Departure.note("a command", cause);
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        callback.succeed();
        gone = true;
        Container.Process running = process;
        if (running != null) {
            running.close();
        }
    }

    /** Reads one of the process's streams. */
    @FunctionalInterface
    private interface Source {
        int read(byte[] into) throws IOException;
    }

    /** Carries one stream to the client, on a thread of its own. */
    private static final class Pump implements Runnable {
        private final FrameSender sender;
        private final byte channel;
        private final Source source;
        private final Thread thread;
        /** Since when it has been waiting for output; 0 while it sends. */
        private volatile long waitingSince = System.nanoTime();

        Pump(FrameSender sender, byte channel, Source source) {
            this.sender = sender;
            this.channel = channel;
            this.source = source;
            this.thread = Thread.ofVirtual().start(this);
        }

        @Override
        public void run() {
            byte[] buffer = new byte[BUFFER];
            try {
                for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
                    waitingSince = 0;
                    sender.send(channel, buffer, n);
                    waitingSince = System.nanoTime();
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "a stream of exec broke off", e);
            } catch (InterruptedException e) {
                LOG.log(Level.DEBUG, "a stream of exec was given up");
            }
        }

        boolean over() {
            return !thread.isAlive();
        }

        void join(long millis) throws InterruptedException {
            thread.join(java.time.Duration.ofMillis(millis));
        }

        boolean pausedFor(long nanos) {
            long since = waitingSince;
            return over() || since != 0 && System.nanoTime() - since > nanos;
        }
    }
}
