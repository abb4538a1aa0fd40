package trefoil.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One connection that speaks HTTP/1.1 (RFC 9112) over a Unix socket, one request at a time. For one thread at a time;
 * {@link #close} may come from any.
 */
final class HttpConnection implements Closeable {
    /** Most octets of a status line with its header fields. */
    private static final int MAX_HEAD = 64 * 1024;

    private static final int BUFFER = 32 * 1024;

    private final SocketChannel channel;
    private final Deadline deadline;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER).limit(0);
    private boolean reusable = true;
    private boolean answerBegun;
    private long idleSince;
    private String current = "";
    /** {@code null} for none. */
    private Duration limit = Duration.ofSeconds(60);

    private HttpConnection(SocketChannel channel, Watchman watchman) {
        this.channel = channel;
        this.deadline = new Deadline(channel, watchman);
    }

    /** Connects to a socket; {@code watchman} closes it when a wait takes too long. */
    static HttpConnection open(Path socket, Watchman watchman) throws DaemonUnreachableException {
        try {
            return new HttpConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket)), watchman);
        } catch (IOException e) {
            throw unreachable(socket, e);
        }
    }

    private static DaemonUnreachableException unreachable(Path socket, IOException cause) {
        DaemonUnreachableException.Reason reason;
        if (cause instanceof ConnectException) {
            reason = DaemonUnreachableException.Reason.REFUSED;
        } else if (Files.exists(socket)) {
            reason = Files.isWritable(socket)
                    ? DaemonUnreachableException.Reason.FAILED
                    : DaemonUnreachableException.Reason.FORBIDDEN;
        } else if (Files.exists(socket.getParent()) && !Files.isDirectory(socket.getParent())) {
            reason = DaemonUnreachableException.Reason.FAILED;
        } else if (searchable(socket.getParent())) {
            reason = DaemonUnreachableException.isTooLong(socket) ? DaemonUnreachableException.Reason.FAILED : DaemonUnreachableException.Reason.MISSING;
        } else {
            reason = DaemonUnreachableException.Reason.FORBIDDEN;
        }
        return new DaemonUnreachableException(reason, socket, cause);
    }

    private static boolean searchable(Path directory) {
        return !Files.exists(directory) || Files.isExecutable(directory);
    }

    /** Sends a request and reads the answer's head; {@code whenRead} runs when its body has been read to the end and another request may follow. */
    HttpAnswer exchange(HttpRequest request, Duration timeout, Runnable whenRead) throws IOException {
        current = request.method() + " " + request.target();
        limit = timeout;
        answerBegun = false;
        IOException unsent = send(request);
        HttpAnswer answer;
        try {
            answer = readAnswer(request.method(), whenRead);
        } catch (IOException e) {
            throw unsent != null ? unsent : e;
        }
        if (unsent != null) {
            reusable = false;
        }
        return answer;
    }

    /** Nanoseconds since the last exchange ended. */
    long idleNanos() {
        return System.nanoTime() - idleSince;
    }

    /** Whether any octet of the current answer has come. */
    boolean answerBegun() {
        return answerBegun;
    }

    /**
     * Sends a request. A failure of the connection is returned, not thrown: the daemon may have refused the request
     * before it read all of it, and then its answer says why.
     */
    private IOException send(HttpRequest request) throws IOException {
        byte[] head = request.head();
        IOException unsent = tryWrite(head, head.length, false);
        if (unsent != null || request.body() == null) {
            return unsent;
        }
        byte[] buffer = new byte[BUFFER];
        long left = request.length();
        while (left != 0) {
            int want = left > 0 ? (int) Math.min(left, buffer.length) : buffer.length;
            int n = request.body().read(buffer, 0, want);
            if (n < 0) {
                break;
            }
            IOException failure = tryWrite(buffer, n, request.length() < 0);
            if (failure != null) {
                return failure;
            }
            left -= left > 0 ? n : 0;
        }
        if (left > 0) {
            close();
            throw new IOException("what was to be sent ended " + left + " bytes early");
        }
        return request.length() < 0 ? tryWrite(new byte[0], 0, true) : null;
    }

    private IOException tryWrite(byte[] data, int length, boolean chunked) {
        try {
            if (chunked) {
                write(ByteBuffer.wrap((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII)));
            }
            write(ByteBuffer.wrap(data, 0, length));
            if (chunked) {
                write(ByteBuffer.wrap(new byte[] {'\r', '\n'}));
            }
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    /** Writes all of {@code data}. */
    void write(ByteBuffer data) throws IOException {
        arm();
        try {
            while (data.hasRemaining()) {
                channel.write(data);
            }
        } catch (IOException e) {
            throw explain(e);
        } finally {
            deadline.disarm();
        }
    }

    private HttpAnswer readAnswer(String method, Runnable whenRead) throws IOException {
        int status;
        Headers headers;
        do {
            int[] budget = {MAX_HEAD};
            status = status(line(budget));
            headers = headers(budget);
        } while (status >= 100 && status < 200 && status != 101);
        if (headers.has("Connection", "close")) {
            reusable = false;
        }
        return new HttpAnswer(status, headers, body(method, status, headers, whenRead));
    }

    private static int status(String line) throws ProtocolException {
        boolean shape = line.length() >= 12 && line.startsWith("HTTP/1.") && line.charAt(8) == ' ';
        if (!shape) {
            throw new ProtocolException("the answer is not HTTP/1.1: it begins with \"" + printable(line) + "\"");
        }
        int status = 0;
        for (int i = 9; i < 12; i++) {
            int digit = line.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new ProtocolException("the answer's status is not a number: \"" + printable(line) + "\"");
            }
            status = status * 10 + digit;
        }
        return status;
    }

    private Headers headers(int[] budget) throws IOException {
        Headers headers = new Headers();
        for (String line = line(budget); !line.isEmpty(); line = line(budget)) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new ProtocolException("a header of the answer has no name: \"" + printable(line) + "\"");
            }
            try {
                headers.add(line.substring(0, colon), line.substring(colon + 1).strip());
            } catch (IllegalArgumentException e) {
                throw new ProtocolException("a header of the answer is malformed", e);
            }
        }
        return headers;
    }

    /** How an answer's body is framed (RFC 9112, section 6.3). */
    private InputStream body(String method, int status, Headers headers, Runnable whenRead) throws IOException {
        if (status == 101) {
            return InputStream.nullInputStream();
        }
        if (method.equals("HEAD") || status == 204 || status == 304) {
            finish(whenRead);
            return InputStream.nullInputStream();
        }
        if (headers.has("Transfer-Encoding", "chunked")) {
            return new ChunkedBody(this, whenRead);
        }
        String length = headers.get("Content-Length");
        if (length == null) {
            reusable = false;
            return new SizedBody(this, Long.MAX_VALUE, () -> finish(whenRead));
        }
        long octets = number(length);
        if (octets == 0) {
            finish(whenRead);
            return InputStream.nullInputStream();
        }
        return new SizedBody(this, octets, () -> finish(whenRead));
    }

    private static long number(String length) throws ProtocolException {
        try {
            long octets = Long.parseLong(length);
            if (octets >= 0) {
                return octets;
            }
        } catch (NumberFormatException e) {
            throw new ProtocolException("the answer's Content-Length is not a number: " + printable(length), e);
        }
        throw new ProtocolException("the answer's Content-Length is negative");
    }

    /** Ends an exchange: gives the connection back or closes it. */
    void finish(Runnable whenRead) {
        if (reusable) {
            idleSince = System.nanoTime();
            whenRead.run();
        } else {
            close();
        }
    }

    /** A line of the answer without its line end; {@code budget[0]} is what the whole head may still hold. */
    String line(int[] budget) throws IOException {
        StringBuilder line = new StringBuilder(80);
        while (true) {
            int octet = read();
            if (octet < 0) {
                throw new ProtocolException("the daemon closed the connection within its answer to " + current);
            }
            if (--budget[0] < 0) {
                throw new ProtocolException("the answer's head is longer than " + MAX_HEAD + " bytes");
            }
            if (octet == '\n') {
                int last = line.length() - 1;
                if (last >= 0 && line.charAt(last) == '\r') {
                    line.setLength(last);
                }
                return line.toString();
            }
            line.append((char) octet);
        }
    }

    /** One octet, or -1 at the end of the stream. */
    int read() throws IOException {
        return in.hasRemaining() || fill() ? in.get() & 0xff : -1;
    }

    /** Up to {@code length} octets; -1 at the end of the stream. */
    int read(byte[] to, int offset, int length) throws IOException {
        if (!in.hasRemaining() && !fill()) {
            return -1;
        }
        int n = Math.min(length, in.remaining());
        in.get(to, offset, n);
        return n;
    }

    private void arm() {
        if (limit != null) {
            deadline.arm(limit);
        }
    }

    private boolean fill() throws IOException {
        arm();
        in.clear();
        int n = -1;
        try {
            n = channel.read(in);
        } catch (IOException e) {
            throw explain(e);
        } finally {
            deadline.disarm();
            in.limit(Math.max(n, 0)).position(0);
        }
        answerBegun |= n > 0;
        return n > 0;
    }

    /** From now on a wait has no end: for streams that may be silent for days. */
    void waitForever() {
        limit = null;
        deadline.end();
    }

    private IOException explain(IOException cause) {
        return deadline.passed() ? new AnswerTimeoutException(current, limit, cause) : cause;
    }

    static String printable(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), 60); i++) {
            char c = text.charAt(i);
            out.append(c < ' ' || c >= 0x7f ? '?' : c);
        }
        return out.toString();
    }

    @Override
    public void close() {
        deadline.end();
        try {
            channel.close();
        } catch (IOException e) {
            // close(2) of a socket releases it whatever it returns; there is nothing left to do or to lose.
            reusable = false;
        }
    }
}
