package trefoil.client;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import trefoil.api.JsonTypes;
import trefoil.api.StreamControl;
import trefoil.api.StreamFrame;

/**
 * The streams of a process in a server ({@code exec}) or of a server's console: frames of {@link StreamFrame} on a
 * WebSocket. One thread receives; any may send. A receiver that stops receiving stalls that one process.
 */
public final class ServerStream implements Closeable {
    /** Most octets of input in one frame; below the 64 KiB that WebSocket servers commonly take. */
    public static final int MAX_INPUT = 32 * 1024;

    /** What is received. */
    public sealed interface Received {}

    /**
     * Output.
     *
     * @param error whether it is of standard error
     */
    public record Output(boolean error, ByteBuffer data) implements Received {}

    /** The process ended with a status of 0–255, 128 + signal where a signal ended it. */
    public record Exit(int status) implements Received {}

    /**
     * The daemon could not do it.
     *
     * @param message why
     * @param status exit status to end with, such as 127 for a command that is not there; {@code null} where not told
     */
    public record Failure(String message, Integer status) implements Received {}

    /** The stream is over; see {@link WebSocket.Closed}. */
    public record Ended(int code, String reason) implements Received {}

    private final WebSocket socket;

    ServerStream(WebSocket socket) {
        this.socket = socket;
    }

    /** Waits for the next frame; frames of unknown channels and controls, which a newer daemon may send, are passed over. */
    public Received receive() throws IOException {
        while (true) {
            WebSocket.Message message = socket.receive();
            Received received;
            // No switch over the types: its code is made at run time, which costs the command 30 ms.
            if (message instanceof WebSocket.Binary(ByteBuffer data)) {
                received = decode(data);
            } else if (message instanceof WebSocket.Text(String text)) {
                received = control(text);
            } else {
                WebSocket.Closed closed = (WebSocket.Closed) message;
                received = new Ended(closed.code(), closed.reason());
            }
            if (received != null) {
                return received;
            }
        }
    }

    private static Received decode(ByteBuffer data) throws ProtocolException {
        if (!data.hasRemaining()) {
            throw new ProtocolException("a frame of the stream names no channel");
        }
        return switch (data.get()) {
            case StreamFrame.STDOUT -> new Output(false, data);
            case StreamFrame.STDERR -> new Output(true, data);
            case StreamFrame.CONTROL -> control(StandardCharsets.UTF_8.decode(data).toString());
            default -> null;
        };
    }

    private static Received control(String json) throws ProtocolException {
        StreamControl control;
        try {
            control = JsonTypes.lenient(StreamControl.class).fromJson(json);
        } catch (RuntimeException e) {
            throw new ProtocolException("a control frame of the stream is not JSON of the Trefoil API", e);
        }
        if ("exit".equals(control.type()) && control.exitStatus() != null) {
            return new Exit(control.exitStatus());
        }
        return "error".equals(control.type()) ? new Failure(control.message(), control.exitStatus()) : null;
    }

    /** Sends input; waits while the process does not read. */
    public void input(byte[] data, int offset, int length) throws IOException {
        for (int done = 0; done < length; done += MAX_INPUT) {
            int n = Math.min(MAX_INPUT, length - done);
            ByteBuffer frame = ByteBuffer.allocate(1 + n).put(StreamFrame.STDIN).put(data, offset + done, n);
            socket.sendBinary(frame.flip());
        }
    }

    /** Closes the process's standard input. */
    public void endInput() throws IOException {
        socket.sendBinary(ByteBuffer.wrap(new byte[] {StreamFrame.STDIN}));
    }

    /** Tells the terminal's new size. */
    public void resize(int columns, int rows) throws IOException {
        send(new StreamControl("resize", columns, rows, null, null, null));
    }

    /** Sends a signal, by its number, to the process. */
    public void signal(int signal) throws IOException {
        send(new StreamControl("signal", null, null, signal, null, null));
    }

    private void send(StreamControl control) throws IOException {
        byte[] json = JsonTypes.of(StreamControl.class).toJson(control).getBytes(StandardCharsets.UTF_8);
        socket.sendBinary(ByteBuffer.allocate(1 + json.length).put(StreamFrame.CONTROL).put(json).flip());
    }

    /** Says that this side is done; the other side then ends the stream. */
    public void finish() throws IOException {
        socket.sendClose(WebSocket.NORMAL, "");
    }

    /** Ends the stream at once. */
    @Override
    public void close() {
        socket.close();
    }
}
