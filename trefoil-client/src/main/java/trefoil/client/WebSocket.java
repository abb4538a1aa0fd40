package trefoil.client;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The client's end of a WebSocket (RFC 6455). One thread receives; any may send. What it sends is one masked frame per
 * message (section 5.3); what it receives may be fragmented (section 5.4) up to {@link #MAX_MESSAGE} octets. A ping is
 * answered (section 5.5.2) from a thread of its own, so that a receiver never waits for a sender that the other side
 * stalls: with both directions full, that would be a deadlock.
 */
public final class WebSocket implements Closeable {
    /** Longest message that is received, in octets. */
    public static final int MAX_MESSAGE = 16 << 20;

    /** Normal closure (section 7.4.1). */
    public static final int NORMAL = 1000;
    /** What is told when a connection ended without a close frame (section 7.1.5); never sent. */
    public static final int ABNORMAL = 1006;

    private static final int PROTOCOL_ERROR = 1002;
    private static final int NOT_UTF8 = 1007;
    private static final int TOO_BIG = 1009;

    /** Concatenated with the key by the server (section 1.3). */
    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /** Keys and masks; thread-safe. */
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final int CONTINUATION = 0x0;
    private static final int TEXT = 0x1;
    private static final int BINARY = 0x2;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int PONG = 0xA;

    /** What is received. */
    public sealed interface Message {}

    /** A text message. */
    public record Text(String text) implements Message {}

    /** A binary message. */
    public record Binary(ByteBuffer data) implements Message {}

    /**
     * The end.
     *
     * @param code status code of section 7.4, {@link #ABNORMAL} when the connection ended without one
     * @param reason the other side's words, may be empty
     */
    public record Closed(int code, String reason) implements Message {}

    private final Transport transport;
    private final HttpConnection connection;

    /** Held while a frame is written. Taken alone, never inside another lock. */
    private final ReentrantLock sending = new ReentrantLock();

    private boolean closeSent;
    private Closed closed;

    private WebSocket(Transport transport, HttpConnection connection) {
        this.transport = transport;
        this.connection = connection;
    }

    /** Opens a WebSocket by the handshake of section 4.1; a refusal is thrown as {@link trefoil.api.ApiException}. */
    static WebSocket open(Transport transport, String target, Duration timeout) throws IOException {
        return open(transport, target, new Headers(), timeout);
    }

    /** @param headers of the request, beside those of the handshake, which are added */
    static WebSocket open(Transport transport, String target, Headers headers, Duration timeout) throws IOException {
        byte[] nonce = new byte[16];
        RANDOM.nextBytes(nonce);
        String key = Base64.getEncoder().encodeToString(nonce);
        headers.add("Upgrade", "websocket")
                .add("Connection", "Upgrade")
                .add("Sec-WebSocket-Key", key)
                .add("Sec-WebSocket-Version", "13");
        Transport.Exchanged begun = transport.upgrade(new HttpRequest("GET", target, headers, null, 0), timeout);
        Headers answer = begun.answer().headers();
        if (!answer.has("Upgrade", "websocket") || !accept(key).equals(answer.get("Sec-WebSocket-Accept"))) {
            begun.connection().close();
            throw new ProtocolException("the answer to the WebSocket handshake for " + target + " is not one");
        }
        begun.connection().waitForever();
        return new WebSocket(transport, begun.connection());
    }

    /** What a server answers to a key (section 4.2.2). */
    static String accept(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(sha1.digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-1", e);
        }
    }

    /** Waits for a message. After {@link Closed} every call answers the same. */
    public Message receive() throws IOException {
        if (closed != null) {
            return closed;
        }
        try {
            return receiveMessage();
        } catch (Violation e) {
            sendClose(e.code, e.getMessage());
            closed = new Closed(e.code, e.getMessage());
            connection.close();
            throw new ProtocolException("the daemon's WebSocket breaks RFC 6455: " + e.getMessage(), e);
        }
    }

    private Message receiveMessage() throws IOException, Violation {
        byte[] message = new byte[0];
        int kind = CONTINUATION;
        while (true) {
            int first = firstOctet();
            if (first < 0) {
                return ended(new Closed(ABNORMAL, ""));
            }
            Frame frame = readFrame(first);
            if (frame.opcode >= CLOSE) {
                if (control(frame)) {
                    return closed;
                }
                continue;
            }
            require((frame.opcode == CONTINUATION) == (kind != CONTINUATION), "a fragment is out of order");
            kind = kind == CONTINUATION ? frame.opcode : kind;
            message = append(message, frame.payload);
            if (frame.last) {
                return kind == TEXT ? new Text(utf8(message)) : new Binary(ByteBuffer.wrap(message));
            }
        }
    }

    /** The first octet of a frame, or -1 when the connection ended, also by a reset: the other side went without having read all. */
    private int firstOctet() throws IOException {
        try {
            return connection.read();
        } catch (SocketException e) {
            return -1;
        }
    }

    private record Frame(boolean last, int opcode, byte[] payload) {}

    /** Section 5.2. */
    private Frame readFrame(int first) throws IOException, Violation {
        int opcode = first & 0x0f;
        boolean last = (first & 0x80) != 0;
        require((first & 0x70) == 0, "a reserved bit is set");
        require(opcode <= BINARY || opcode >= CLOSE && opcode <= PONG, "opcode " + opcode + " is not known");
        int second = must();
        require((second & 0x80) == 0, "a frame from the server is masked");
        long length = second & 0x7f;
        if (opcode >= CLOSE) {
            require(last && length <= 125, "a control frame is fragmented or too long");
        }
        if (length == 126) {
            length = bigEndian(2);
        } else if (length == 127) {
            length = bigEndian(8);
        }
        if (length < 0 || length > MAX_MESSAGE) {
            throw new Violation(TOO_BIG, "a frame is longer than " + MAX_MESSAGE + " bytes");
        }
        return new Frame(last, opcode, readFully((int) length));
    }

    private static byte[] append(byte[] message, byte[] more) throws Violation {
        if (message.length == 0) {
            return more;
        }
        if (message.length + more.length > MAX_MESSAGE) {
            throw new Violation(TOO_BIG, "a message is longer than " + MAX_MESSAGE + " bytes");
        }
        byte[] both = Arrays.copyOf(message, message.length + more.length);
        System.arraycopy(more, 0, both, message.length, more.length);
        return both;
    }

    /** Handles a control frame; true when it ends the WebSocket. */
    private boolean control(Frame frame) throws IOException, Violation {
        switch (frame.opcode) {
            case PING -> Thread.ofVirtual().start(() -> pong(frame.payload));
            case CLOSE -> {
                require(frame.payload.length != 1, "a close frame holds half a status code");
                int code = frame.payload.length == 0 ? NORMAL : (frame.payload[0] & 0xff) << 8 | frame.payload[1] & 0xff;
                String reason = frame.payload.length <= 2 ? "" : utf8(Arrays.copyOfRange(frame.payload, 2, frame.payload.length));
                sendClose(code, "");
                ended(new Closed(code, reason));
                return true;
            }
            default -> {
                // PONG: an answer to nothing, or to a ping that nobody waits for (section 5.5.3).
            }
        }
        return false;
    }

    private Closed ended(Closed end) {
        closed = end;
        connection.close();
        return end;
    }

    private void pong(byte[] payload) {
        try {
            send(PONG, ByteBuffer.wrap(payload));
        } catch (IOException e) {
            // The other side has gone. What it sent before can still be received, and tells the end.
            return;
        }
    }

    /** Sends a binary message; waits while the other side does not read. */
    public void sendBinary(ByteBuffer data) throws IOException {
        send(BINARY, data);
    }

    /** Sends a text message; waits while the other side does not read. */
    public void sendText(String text) throws IOException {
        send(TEXT, StandardCharsets.UTF_8.encode(text));
    }

    /** Says that this side is done (section 7.1.2); what is still under way can be received until {@link Closed}. */
    public void sendClose(int code, String reason) throws IOException {
        byte[] words = reason.getBytes(StandardCharsets.UTF_8);
        ByteBuffer payload = ByteBuffer.allocate(2 + Math.min(words.length, 123));
        payload.putShort((short) code).put(words, 0, payload.remaining()).flip();
        try {
            send(CLOSE, payload);
        } catch (IOException e) {
            // The other side has gone already, which is what closing asks for.
            connection.close();
        }
    }

    private void send(int opcode, ByteBuffer payload) throws IOException {
        ByteBuffer frame = frame(opcode, payload);
        sending.lock();
        try {
            if (closeSent) {
                if (opcode == CLOSE || opcode == PONG) {
                    return;
                }
                throw new IOException("the WebSocket is closed");
            }
            closeSent = opcode == CLOSE;
            connection.write(frame);
        } finally {
            sending.unlock();
        }
    }

    private ByteBuffer frame(int opcode, ByteBuffer payload) {
        int length = payload.remaining();
        ByteBuffer frame = ByteBuffer.allocate(14 + length);
        frame.put((byte) (0x80 | opcode));
        if (length < 126) {
            frame.put((byte) (0x80 | length));
        } else if (length < 1 << 16) {
            frame.put((byte) (0x80 | 126)).putShort((short) length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(length);
        }
        int key = RANDOM.nextInt();
        frame.putInt(key);
        mask(payload, frame, key);
        return frame.flip();
    }

    /** Section 5.3: octet {@code i} of the data is combined with octet {@code i mod 4} of the key. */
    private static void mask(ByteBuffer from, ByteBuffer to, int key) {
        while (from.remaining() >= 4) {
            to.putInt(from.getInt() ^ key);
        }
        for (int shift = 24; from.hasRemaining(); shift -= 8) {
            to.put((byte) (from.get() ^ key >>> shift));
        }
    }

    private int must() throws IOException {
        int octet = connection.read();
        if (octet < 0) {
            throw new ProtocolException("the daemon closed the connection within a WebSocket frame");
        }
        return octet;
    }

    private long bigEndian(int octets) throws IOException {
        long value = 0;
        for (int i = 0; i < octets; i++) {
            value = value << 8 | must();
        }
        return value;
    }

    private byte[] readFully(int length) throws IOException {
        byte[] all = new byte[length];
        int done = 0;
        while (done < length) {
            int n = connection.read(all, done, length - done);
            if (n < 0) {
                throw new ProtocolException("the daemon closed the connection within a WebSocket frame");
            }
            done += n;
        }
        return all;
    }

    private static String utf8(byte[] octets) throws Violation {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new Violation(NOT_UTF8, "a text is not UTF-8");
        }
    }

    private static void require(boolean condition, String violated) throws Violation {
        if (!condition) {
            throw new Violation(PROTOCOL_ERROR, violated);
        }
    }

    /** A breach of RFC 6455 by the other side, with the status code that tells it so. */
    private static final class Violation extends Exception {
        private static final long serialVersionUID = 1L;
        private final int code;

        private Violation(int code, String message) {
            super(message);
            this.code = code;
        }
    }

    /** Ends the connection at once, without the closing handshake. */
    @Override
    public void close() {
        connection.close();
        transport.upgradeEnded();
    }
}
