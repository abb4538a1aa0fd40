package trefoil.daemon.resource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import trefoil.api.JsonTypes;
import trefoil.api.StreamControl;
import trefoil.api.StreamFrame;
import trefoil.container.Container;

/** Sends frames and waits until each has left: a client that does not read stalls whoever sends to it, and nobody else. */
final class FrameSender implements Container.Output {
    private static final int LONGEST_REASON = 120; // RFC 6455, section 5.5: 125 octets less the code
    private final Session session;

    FrameSender(Session session) {
        this.session = session;
    }

    @Override
    public void out(byte[] data, int length) throws IOException, InterruptedException {
        send(StreamFrame.STDOUT, data, length);
    }

    @Override
    public void error(byte[] data, int length) throws IOException, InterruptedException {
        send(StreamFrame.STDERR, data, length);
    }

    void send(byte channel, byte[] data, int length) throws IOException, InterruptedException {
        ByteBuffer frame = ByteBuffer.allocate(1 + length).put(channel).put(data, 0, length).flip();
        CompletableFuture<Void> sent = new CompletableFuture<>();
        session.sendBinary(frame, Callback.from(() -> sent.complete(null), sent::completeExceptionally));
        try {
            sent.get();
        } catch (ExecutionException e) {
            throw new IOException("the client went away", e.getCause());
        }
    }

    void control(StreamControl control) throws IOException, InterruptedException {
        byte[] json = JsonTypes.of(StreamControl.class).toJson(control).getBytes(StandardCharsets.UTF_8);
        send(StreamFrame.CONTROL, json, json.length);
    }

    void close(int code, String reason) {
        String fitting = reason;
        while (fitting.getBytes(StandardCharsets.UTF_8).length > LONGEST_REASON) {
            fitting = fitting.substring(0, fitting.length() - 1);
        }
        session.close(code, fitting, Callback.NOOP);
    }
}
