package trefoil.linux.zstd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Decompresses the frames of a Zstandard stream, one after the other, to its end. A stream that ends within a frame, a
 * wrong checksum and bytes that are no frame throw {@link IOException}. Not thread-safe.
 */
public final class ZstdInputStream extends InputStream {
    private static final int CHUNK = 128 * 1024;

    private final InputStream source;
    private final Zstd zstd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment context;
    private final MemorySegment inData = arena.allocate(CHUNK);
    private final MemorySegment outData = arena.allocate(CHUNK);
    /** {@code ZSTD_inBuffer} and {@code ZSTD_outBuffer}: pointer, size, position. */
    private final MemorySegment in = arena.allocate(24, 8);

    private final MemorySegment out = arena.allocate(24, 8);
    private final byte[] heap = new byte[CHUNK];
    private int ready;
    private int taken;
    private boolean withinFrame;
    private boolean flushing;
    private boolean closed;

    /** Takes {@code source} over and closes it with itself. */
    public ZstdInputStream(InputStream source) throws IOException {
        this.source = Objects.requireNonNull(source);
        this.zstd = Zstd.library();
        this.context = zstd.newDecoder();
        in.set(JAVA_LONG, 0, inData.address());
        out.set(JAVA_LONG, 0, outData.address());
        out.set(JAVA_LONG, 8, CHUNK);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (closed) {
            throw new IOException("stream closed");
        }
        if (length == 0) {
            return 0;
        }
        while (taken == ready) {
            if (!decodeMore()) {
                return -1;
            }
        }
        int n = Math.min(length, ready - taken);
        MemorySegment.copy(outData, JAVA_BYTE, taken, bytes, offset, n);
        taken += n;
        return n;
    }

    private boolean decodeMore() throws IOException {
        if (in.get(JAVA_LONG, 16) == in.get(JAVA_LONG, 8) && !flushing && !refill()) {
            if (withinFrame) {
                throw new EOFException("zstd: the stream ends within a frame");
            }
            return false;
        }
        out.set(JAVA_LONG, 16, 0L);
        long hint = zstd.decode(context, out, in);
        ready = (int) out.get(JAVA_LONG, 16);
        taken = 0;
        withinFrame = hint != 0;
        flushing = ready == CHUNK && withinFrame;
        return true;
    }

    private boolean refill() throws IOException {
        int n = source.read(heap);
        if (n < 0) {
            return false;
        }
        MemorySegment.copy(heap, 0, inData, JAVA_BYTE, 0, n);
        in.set(JAVA_LONG, 8, n);
        in.set(JAVA_LONG, 16, 0L);
        return true;
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            try (source) {
                zstd.freeDecoder(context);
            } finally {
                arena.close();
            }
        }
    }
}
