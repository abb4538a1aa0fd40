package trefoil.client.fake;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The server's end of a WebSocket, frame by frame, so that tests can break every rule. */
public final class FakeSocket {
    /** A frame as received, unmasked. */
    public record Frame(int opcode, boolean masked, byte[] payload) {
        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    private final FakeDaemon.Request request;
    private final InputStream in;
    private final OutputStream out;

    private FakeSocket(FakeDaemon.Request request, InputStream in, OutputStream out) {
        this.request = request;
        this.in = in;
        this.out = out;
    }

    static FakeSocket accept(FakeDaemon.Request request, InputStream in, OutputStream out) throws IOException {
        String accept = accept(request.headers().get("sec-websocket-key"));
        FakeDaemon.raw(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n");
        return new FakeSocket(request, in, out);
    }

    private static String accept(String key) {
        try {
            byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    public FakeDaemon.Request request() {
        return request;
    }

    /** Reads one frame. */
    public Frame read() throws IOException {
        int first = must();
        int second = must();
        long length = second & 0x7f;
        if (length == 126) {
            length = must() << 8 | must();
        } else if (length == 127) {
            length = ByteBuffer.wrap(in.readNBytes(8)).getLong();
        }
        boolean masked = (second & 0x80) != 0;
        byte[] key = masked ? in.readNBytes(4) : new byte[4];
        byte[] payload = in.readNBytes((int) length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= key[i % 4];
        }
        return new Frame(first & 0x0f, masked, payload);
    }

    private int must() throws IOException {
        int octet = in.read();
        if (octet < 0) {
            throw new EOFException("the client went away");
        }
        return octet;
    }

    /** Writes one frame with the first octet as given. */
    public void write(int first, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        if (payload.length < 126) {
            frame.write(payload.length);
        } else if (payload.length < 1 << 16) {
            frame.write(126);
            frame.writeBytes(new byte[] {(byte) (payload.length >> 8), (byte) payload.length});
        } else {
            frame.write(127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        frame.writeBytes(payload);
        out.write(frame.toByteArray());
        out.flush();
    }

    /** Writes octets as they are. */
    public void raw(int... octets) throws IOException {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        out.write(bytes);
        out.flush();
    }

    public void text(String text) throws IOException {
        write(0x81, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a frame of a stream: a channel, then data. */
    public void stream(int channel, byte[] data) throws IOException {
        write(0x82, ByteBuffer.allocate(1 + data.length).put((byte) channel).put(data).array());
    }

    public void stream(int channel, String text) throws IOException {
        stream(channel, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a close frame. */
    public void close(int code, String reason) throws IOException {
        byte[] words = reason.getBytes(StandardCharsets.UTF_8);
        write(0x88, ByteBuffer.allocate(2 + words.length).putShort((short) code).put(words).array());
    }
}
