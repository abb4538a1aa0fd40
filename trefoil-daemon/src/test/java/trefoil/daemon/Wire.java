package trefoil.daemon;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Speaks HTTP/1.1 to a daemon octet by octet, one request on a connection of its own; no client stands between. */
record Wire(Path socket) {
    private static final System.Logger LOG = System.getLogger(Wire.class.getName());

    /** @param text the whole answer, head and body */
    record Answer(int status, String text) {}

    /** A request whose body is a text. {@code line} is the request line. */
    Answer send(String line, String body) throws IOException {
        return send(line, body.getBytes(StandardCharsets.UTF_8));
    }

    /** A request whose body is these octets. */
    Answer send(String line, byte[] body) throws IOException {
        return send(line, "Content-Length: " + body.length, body);
    }

    /** A request with a header line that says how long the body is, truly or not; nothing follows the body. */
    Answer send(String line, String framing, byte[] body) throws IOException {
        byte[] head = (line + "\r\nHost: x\r\nConnection: close\r\n" + framing + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
        return send(ByteBuffer.allocate(head.length + body.length).put(head).put(body).array());
    }

    /** The octets of a request. */
    Answer send(byte[] request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            write(channel, ByteBuffer.wrap(request));
            return answer(channel);
        }
    }

    /** A daemon may answer, and close, before it has read all. */
    private static void write(SocketChannel channel, ByteBuffer request) {
        try {
            while (request.hasRemaining()) {
                channel.write(request);
            }
            channel.shutdownOutput();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the daemon did not read all of the request", e);
        }
    }

    private static Answer answer(SocketChannel channel) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(1 << 20);
        while (channel.read(answer) >= 0) {
            if (!answer.hasRemaining()) {
                throw new IOException("the answer is longer than " + answer.capacity() + " octets");
            }
        }
        String text = new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        return new Answer(text.isEmpty() ? 0 : Integer.parseInt(text.substring(9, 12)), text);
    }
}
