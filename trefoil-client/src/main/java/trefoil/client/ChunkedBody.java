package trefoil.client;

import java.io.IOException;
import java.io.InputStream;

/** A body in chunks (RFC 9112, section 7.1). Chunk extensions and trailers are read and dropped. */
final class ChunkedBody extends InputStream {
    /** Most octets of a chunk's size line, and of all trailers together. */
    private static final int MAX_LINE = 8192;

    private final HttpConnection connection;
    private final Runnable whenRead;
    private long left;
    private boolean first = true;
    private boolean ended;

    ChunkedBody(HttpConnection connection, Runnable whenRead) {
        this.connection = connection;
        this.whenRead = whenRead;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0 && !ended) {
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int n = connection.read(to, offset, (int) Math.min(length, left));
        if (n < 0) {
            ended = true;
            connection.close();
            throw new ProtocolException("the daemon closed the connection within a chunk of its answer");
        }
        left -= n;
        return n;
    }

    private void nextChunk() throws IOException {
        if (!first && !connection.line(new int[] {2}).isEmpty()) {
            throw new ProtocolException("a chunk of the answer is longer than it says");
        }
        first = false;
        left = size(connection.line(new int[] {MAX_LINE}));
        if (left == 0) {
            int[] budget = {MAX_LINE};
            while (!connection.line(budget).isEmpty()) {
                // a trailer field, which nothing here needs
            }
            ended = true;
            connection.finish(whenRead);
        }
    }

    private static long size(String line) throws ProtocolException {
        int end = line.indexOf(';');
        String digits = (end < 0 ? line : line.substring(0, end)).strip();
        try {
            if (!digits.isEmpty() && digits.length() <= 15 && digits.charAt(0) != '-' && digits.charAt(0) != '+') {
                return Long.parseLong(digits, 16);
            }
        } catch (NumberFormatException e) {
            throw new ProtocolException("a chunk of the answer has no size: \"" + HttpConnection.printable(line) + "\"", e);
        }
        throw new ProtocolException("a chunk of the answer has no size: \"" + HttpConnection.printable(line) + "\"");
    }

    @Override
    public void close() {
        if (!ended) {
            ended = true;
            connection.close();
        }
    }
}
