package trefoil.daemon.resource;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import trefoil.api.StreamControl;
import trefoil.api.StreamFrame;
import trefoil.container.Console;
import trefoil.daemon.http.RecordReader;

/** One watcher of a server's console. One that falls a megabyte behind is told so and disconnected: the guest never waits for it. */
public final class ConsoleSession implements Session.Listener, Console.Watcher {
    private static final System.Logger LOG = System.getLogger(ConsoleSession.class.getName());
    private static final int NORMAL = 1000;
    private static final int TRY_AGAIN_LATER = 1013;
    private static final long FARTHEST_BEHIND = 1 << 20;
    private static final byte[] END = {};

    private final Console console;
    private final Integer columns;
    private final Integer rows;
    private final LinkedBlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
    private final AtomicLong behind = new AtomicLong();
    private volatile boolean overrun;
    private volatile Session session;

    /** @param columns width of the client's terminal; {@code null} leaves the console's */
    ConsoleSession(Console console, Integer columns, Integer rows) {
        this.console = console;
        this.columns = columns;
        this.rows = rows;
    }

    @Override
    public void onWebSocketOpen(Session opened) {
        session = opened;
        Thread.ofVirtual().name("console").start(this::serve);
    }

    private void serve() {
        FrameSender sender = new FrameSender(session);
        try (AutoCloseable _ = console.watch(this)) {
            if (columns != null && rows != null) {
                console.resize(columns, rows);
            }
            session.demand();
            for (byte[] data = queue.take(); data != END; data = queue.take()) {
                behind.addAndGet(-data.length);
                sender.send(StreamFrame.STDOUT, data, data.length);
            }
            sender.close(overrun ? TRY_AGAIN_LATER : NORMAL, overrun ? "this reader is too slow" : "the server stopped");
        } catch (IOException | InterruptedException e) {
            LOG.log(Level.DEBUG, "a console's watcher left", e);
            session.disconnect();
        } catch (Exception e) {
            // AutoCloseable.close declares it; leaving a console has no checked failure of its own
            throw new IllegalStateException("could not leave the console", e);
        }
    }

    @Override
    public void output(byte[] data) {
        if (overrun || data.length == 0) {
            return;
        }
        if (behind.addAndGet(data.length) > FARTHEST_BEHIND) {
            overrun = true;
            queue.add(END);
            return;
        }
        queue.add(data);
    }

    @Override
    public void closed() {
        queue.add(END);
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        byte[] frame = new byte[payload.remaining()];
        payload.get(frame);
        callback.succeed();
        Thread.ofVirtual().start(() -> take(frame));
    }

    private void take(byte[] frame) {
        try {
            if (frame.length > 1 && frame[0] == StreamFrame.STDIN) {
                console.write(java.util.Arrays.copyOfRange(frame, 1, frame.length));
            } else if (frame.length > 0 && frame[0] == StreamFrame.CONTROL) {
                resize(Control.read(frame));
            }
        } catch (RecordReader.Fault e) {
            Control.refuse(session, e);
            return;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the console takes no input", e);
        }
        session.demand();
    }

    private void resize(StreamControl control) throws IOException {
        if ("resize".equals(control.type()) && control.columns() != null && control.rows() != null) {
            console.resize(control.columns(), control.rows());
        }
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        Departure.note("a console", cause);
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        callback.succeed();
        queue.add(END);
    }
}
