package trefoil.client;

import java.io.IOException;
import java.io.InputStream;

/** A body of a known number of octets, or of as many as come until the connection ends ({@code Long.MAX_VALUE}). */
final class SizedBody extends InputStream {
    private final HttpConnection connection;
    private final boolean untilClose;
    private final Runnable atEnd;
    private long left;

    SizedBody(HttpConnection connection, long octets, Runnable atEnd) {
        this.connection = connection;
        this.untilClose = octets == Long.MAX_VALUE;
        this.left = octets;
        this.atEnd = atEnd;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        if (length == 0) {
            return 0;
        }
        int n = connection.read(to, offset, (int) Math.min(length, left));
        if (n < 0) {
            return ended();
        }
        left -= untilClose ? 0 : n;
        if (left == 0) {
            atEnd.run();
        }
        return n;
    }

    private int ended() throws ProtocolException {
        long missing = left;
        left = 0;
        connection.close();
        if (!untilClose) {
            throw new ProtocolException("the daemon closed the connection " + missing + " bytes before the end of its answer");
        }
        return -1;
    }

    @Override
    public void close() {
        if (left > 0) {
            left = 0;
            connection.close();
        }
    }
}
