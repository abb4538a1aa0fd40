package trefoil.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.cli.session.Session;
import trefoil.cli.session.Signals;
import trefoil.client.ServerStream;

/**
 * Moves octets between this process's standard streams and a server's. Standard input is read on a daemon thread, which a
 * blocked read cannot keep the process alive with; output is written by the thread that calls {@link #run}.
 */
public final class Relay {
    /** Status of a process whose reader went away: 128 + SIGPIPE. */
    private static final int READER_GONE = 141;

    /** What {@link #run} answers when the stream ended without a status. */
    public static final int NO_STATUS = -1;

    private final Session session;
    private final ServerStream stream;
    private volatile boolean left;
    private volatile boolean inputEnded;

    public Relay(Session session, ServerStream stream) {
        this.session = session;
        this.stream = stream;
    }

    /** Forwards standard input to its end, then closes the process's. */
    public void forwardInput() {
        start(() -> {
            if (copyInput(null)) {
                stream.endInput();
            }
        });
    }

    /** Forwards what is typed until the keys that leave are typed; the end of standard input ends nothing. */
    public void forwardKeys() {
        EscapeKeys keys = new EscapeKeys();
        start(() -> {
            copyInput(keys);
            if (keys.left()) {
                left = true;
                stream.finish();
                // The server's answer to the closing handshake may wait behind much output.
                stream.close();
            }
        });
    }

    /** Whether the keys that leave were typed. */
    public boolean left() {
        return left;
    }

    private interface Work {
        void run() throws IOException;
    }

    private void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // The process has ended, or the stream broke: run() learns which. What was sent to this side can still be
                // read, so the stream stays open.
                inputEnded = true;
            }
        }, "trefoil-input");
        thread.setDaemon(true);
        thread.start();
    }

    /** True when standard input came to its end. */
    private boolean copyInput(EscapeKeys keys) throws IOException {
        InputStream in = session.in();
        byte[] buffer = new byte[ServerStream.MAX_INPUT];
        for (int n = read(in, buffer); n >= 0; n = read(in, buffer)) {
            if (keys == null) {
                stream.input(buffer, 0, n);
            } else {
                byte[] sent = keys.pass(buffer, n);
                stream.input(sent, 0, sent.length);
                if (keys.left()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Standard input that cannot be read any more, such as a terminal that was hung up, is taken as ended. */
    private int read(InputStream in, byte[] buffer) {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            session.say("standard input cannot be read: " + e.getMessage());
            return -1;
        }
    }

    /** Sends this terminal's size, and again whenever it changes. */
    public void followSize() {
        Signals.handle("WINCH", this::sendSize);
        sendSize();
    }

    private void sendSize() {
        try {
            TerminalSize size = TerminalSize.ofThis();
            stream.resize(size.columns(), size.rows());
        } catch (IOException e) {
            // Neither a terminal without a size nor a stream that just ended is worth the session.
            session.say("the terminal's size could not be sent: " + e.getMessage());
        }
    }

    /** Forwards a signal that this process receives; the third ends this process, for a command that heeds none. */
    public void forwardSignal(String name, int number) {
        int[] received = {0};
        Signals.handle(name, () -> {
            if (++received[0] >= 3) {
                Runtime.getRuntime().halt(128 + number);
            }
            try {
                stream.signal(number);
            } catch (IOException e) {
                // As above: the process has ended, or run() learns that the stream broke.
                inputEnded = true;
            }
        });
    }

    /**
     * Writes output until the stream ends.
     *
     * @return the process's exit status, or {@link #NO_STATUS}
     */
    public int run() throws IOException {
        int status = NO_STATUS;
        while (true) {
            ServerStream.Received received;
            try {
                received = stream.receive();
            } catch (IOException e) {
                if (left || status != NO_STATUS) {
                    return status;
                }
                throw e;
            }
            // No switch over the types: its code is made at run time, which costs the command 30 ms.
            if (received instanceof ServerStream.Output(boolean error, ByteBuffer data)) {
                if (!write(error ? session.err() : session.out(), data)) {
                    stream.close();
                    return READER_GONE;
                }
            } else if (received instanceof ServerStream.Exit(int exitStatus)) {
                status = exitStatus;
            } else if (received instanceof ServerStream.Failure failure) {
                status = failed(failure);
            } else if (received instanceof ServerStream.Ended(int code, String reason)) {
                return ended(status, code, reason);
            }
        }
    }

    private int failed(ServerStream.Failure failure) {
        if (failure.status() == null) {
            throw new ApiException(new ApiError("internal", 500, failure.message(), null, null));
        }
        session.err().println("error: " + failure.message());
        return failure.status();
    }

    private int ended(int status, int code, String reason) throws IOException {
        if (inputEnded && session.verbosity() == Session.Verbosity.DEBUG) {
            session.err().println("standard input was not taken to its end");
        }
        if (status != NO_STATUS || left || code == 1000) {
            return status;
        }
        throw new IOException(code == 1006
                ? "the daemon went away; what ran in the server may still run"
                : "the daemon ended the stream with code " + code + (reason.isEmpty() ? "" : ": " + reason));
    }

    private static boolean write(PrintStream to, ByteBuffer data) {
        to.write(data.array(), data.arrayOffset() + data.position(), data.remaining());
        return !to.checkError();
    }
}
