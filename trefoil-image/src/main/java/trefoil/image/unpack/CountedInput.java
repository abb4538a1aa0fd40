package trefoil.image.unpack;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;

/** A file as it is read: counts its bytes, and tells a failing disk from a damaged archive. Not thread-safe. */
public final class CountedInput extends FilterInputStream {
    private static final long STEP = 1 << 20;

    private final String name;
    private final LongConsumer progress;
    private long count;
    private long told;

    /** @param progress told the bytes read so far, about every MiB */
    public CountedInput(InputStream in, String name, LongConsumer progress) {
        super(in);
        this.name = name;
        this.progress = progress;
    }

    /** Bytes read so far. */
    public long count() {
        return count;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        try {
            int n = in.read(bytes, from, length);
            tell(Math.max(0, n));
            return n;
        } catch (ImageException e) {
            throw e;
        } catch (IOException e) {
            throw new ImageException(Reason.SOURCE_FAILED, "cannot read " + name + ": " + e.getMessage(), null, e);
        }
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = in.skip(n);
        tell(skipped);
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void tell(long n) {
        count += n;
        if (count - told >= STEP) {
            told = count;
            progress.accept(count);
        }
    }
}
