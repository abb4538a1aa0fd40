package trefoil.daemon.resource;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
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
import trefoil.daemon.lifecycle.Anticipation;
import trefoil.daemon.operation.OperationRun;

/**
 * One process run inside a server for a client, which is killed when the client's WebSocket closes. Output is read only as
 * fast as the client takes it, input is taken only as fast as the process reads it.
 *
 * <p>One thread, the operation's, starts the process, carries its output and tells its end, waiting in the kernel for all three:
 * each change of threads between them would cost as much as the work.
 */
public final class ExecSession implements Session.Listener {
    private static final System.Logger LOG = System.getLogger(ExecSession.class.getName());
    private static final int NORMAL = 1000;
    /** How long a client has to connect. */
    private static final long CONNECT_SECONDS = 60;
    /** How long output may pause after the process's end before it counts as ended: a descendant may hold the pipe. */
    private static final int LINGER_MILLIS = 250;
    /** Exit status of a command that could not be run for a reason other than its own, as in podman-exec(1). */
    private static final int FAILED = 125;

    private static final String EXIT_STATUS = "exitStatus";

    private final Container container;
    private final ExecSpec spec;
    private final boolean interactive;
    private final Anticipation anticipation;
    private final CountDownLatch connected = new CountDownLatch(1);
    private volatile boolean taken;
    private volatile Container.Process process;
    private volatile boolean gone;
    private volatile Session session;

    /** @param anticipation told when a process has ended that another like it may follow */
    ExecSession(Container container, ExecSpec spec, boolean interactive, Anticipation anticipation) {
        this.anticipation = anticipation;
        this.container = container;
        this.spec = spec;
        this.interactive = interactive;
    }

    /** What it does, for people; a server's name is to follow. */
    String description() {
        return "running " + spec.program() + " in ";
    }

    /** Claims the session for one client. */
    synchronized boolean claim() {
        boolean first = !taken;
        taken = true;
        return first;
    }

    /** The operation's work where the client is to connect first: waits for that, then {@link #serve}. */
    void awaitAndServe(OperationRun run) throws InterruptedException {
        if (!connected.await(CONNECT_SECONDS, TimeUnit.SECONDS) && claim()) {
            throw nobody();
        }
        serve(run);
    }

    private static ApiException nobody() {
        return new ApiException(ErrorCode.TIMEOUT, "no client opened the WebSocket within " + CONNECT_SECONDS + " s", null);
    }

    @Override
    public void onWebSocketOpen(Session opened) {
        session = opened;
        connected.countDown();
    }

    /** The operation's work: runs the process from its start, which does not wait for the client's WebSocket to be open, to its end. */
    void serve(OperationRun run) throws InterruptedException {
        FrameSender sender = null;
        try {
            String failure = start();
            sender = new FrameSender(opened());
            if (failure != null) {
                run.result(EXIT_STATUS, String.valueOf(FAILED));
                sender.control(new StreamControl("error", null, null, null, FAILED, failure));
                throw new ApiException(ErrorCode.INTERNAL, failure, null);
            }
            session.demand();
            Exit exit = process.carry(sender, LINGER_MILLIS);
            run.result(EXIT_STATUS, String.valueOf(exit.shellStatus()));
            sender.control(new StreamControl("exit", null, null, null, exit.shellStatus(), null));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "exec broke off", e);
            throw new ApiException(ErrorCode.INTERNAL, "the client went away before the process ended", null);
        } finally {
            if (sender != null) {
                sender.close(NORMAL, "");
            }
            if (process != null) {
                process.close();
                if (!spec.terminal()) {
                    anticipation.used(container);
                }
            }
        }
    }

    /** The WebSocket, once it is open. */
    private Session opened() throws InterruptedException {
        if (!connected.await(CONNECT_SECONDS, TimeUnit.SECONDS)) {
            throw nobody();
        }
        return session;
    }

    /** Starts the process; says why where it cannot. */
    private String start() {
        try {
            Container.Process started = container.exec(spec);
            process = started;
            if (!interactive && !spec.terminal()) {
                started.closeInput();
            }
            endIfGone(started);
            return null;
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "cannot run " + spec.command(), e);
            return "cannot run " + spec.program() + ": " + e.getMessage();
        }
    }

    /** The client may leave before there is a process, and is not told of again. */
    private void endIfGone(Container.Process started) {
        if (gone) {
            started.close();
        }
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
        gone = true; // and then a look at the process, as it is the other way round where that is set
        Container.Process running = process;
        if (running != null) {
            running.close();
        }
    }
}
