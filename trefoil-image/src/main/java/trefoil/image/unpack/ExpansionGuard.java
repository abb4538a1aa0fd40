package trefoil.image.unpack;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongSupplier;

/** Stops a decompression bomb: counts what comes out and compares it with what went in. Not thread-safe. */
final class ExpansionGuard extends FilterInputStream {
    private final LongSupplier compressed;
    private final Bounds bounds;
    private long produced;

    /** @param compressed bytes taken from the compressed file so far */
    ExpansionGuard(InputStream decompressed, LongSupplier compressed, Bounds bounds) {
        super(decompressed);
        this.compressed = compressed;
        this.bounds = bounds;
    }

    @Override
    public int read() throws IOException {
        int b = in.read();
        count(b < 0 ? 0 : 1);
        return b;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int n = in.read(bytes, from, length);
        count(Math.max(0, n));
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = in.skip(n);
        count(skipped);
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(long n) throws IOException {
        produced += n;
        if (produced > bounds.ratioFrom() && produced / bounds.ratio() > Math.max(1, compressed.getAsLong())) {
            throw Refusal.bad("it is a decompression bomb: " + compressed.getAsLong() + " bytes grew to more than " + produced
                    + "; Trefoil lets data grow " + bounds.ratio() + " times");
        }
    }
}
