package trefoil.cli.session;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import trefoil.cli.output.Safe;
import trefoil.cli.value.Size;

/** A stream that shows on a terminal how much of it has been read, a few times a second, from the second megabyte on. */
public final class Transfer extends FilterInputStream {
    private static final long SILENT = 1 << 20;
    private static final long PAUSE_NANOS = 200_000_000L;

    private final Session session;
    private final String words;
    private final long total;
    private long done;
    private long shown;
    private boolean lineOpen;

    /**
     * @param words what is shown before the figures
     * @param total octets in all, -1 when unknown
     */
    public Transfer(Session session, String words, InputStream in, long total) {
        super(in);
        this.session = session;
        this.words = Safe.line(words);
        this.total = total;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        int n = in.read(to, offset, length);
        if (n > 0) {
            done += n;
            show();
        }
        if (n < 0 || done == total) {
            clear();
        }
        return n;
    }

    private void show() {
        long now = System.nanoTime();
        boolean due = shown == 0 || now - shown > PAUSE_NANOS;
        if (done < SILENT || !due || !session.terminals().err() || session.verbosity() == Session.Verbosity.QUIET) {
            return;
        }
        shown = now;
        lineOpen = true;
        session.err().print("\r\033[K" + words + ": " + Size.show(done) + (total < 0 ? "" : " of " + Size.show(total)));
        session.err().flush();
    }

    private void clear() {
        if (lineOpen) {
            session.err().print("\r\033[K");
            session.err().flush();
            lineOpen = false;
        }
    }

    @Override
    public void close() throws IOException {
        clear();
        super.close();
    }
}
