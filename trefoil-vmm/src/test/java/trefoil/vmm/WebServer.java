package trefoil.vmm;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/** HTTP/1.0 (RFC 1945) at port 8080 of all addresses: GET /n brings the first n octets of the content, and to POST it answers the sum of what it was sent. In the namespace that it was made in. */
final class WebServer implements AutoCloseable {
    private static final int PORT = 8080;

    private final ServerSocket socket = new ServerSocket();
    private final byte[] content;

    WebServer(byte[] content) throws IOException {
        this.content = content;
        socket.bind(new InetSocketAddress(PORT));
        Thread.ofPlatform().daemon().start(this::serve);
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket caller = socket.accept()) {
                answer(new BufferedInputStream(caller.getInputStream(), 1 << 16), caller.getOutputStream());
            } catch (IOException e) {
                // closed, or a caller that left: the test sees what it did not get
            }
        }
    }

    private void answer(InputStream in, OutputStream out) throws IOException {
        String request = line(in);
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        byte[] body = request.startsWith("GET /") ? Arrays.copyOf(content, Integer.parseInt(request.split("[/ ]+")[1])) : ("uploaded " + sum(in, length) + "\n").getBytes(StandardCharsets.US_ASCII);
        out.write(("HTTP/1.0 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new IOException("the request ends early");
            }
            if (octet != '\r') {
                line.append((char) octet);
            }
        }
        return line.toString();
    }

    private static String sum(InputStream in, int length) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(in.readNBytes(length)));
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
