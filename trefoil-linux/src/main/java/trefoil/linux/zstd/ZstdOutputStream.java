package trefoil.linux.zstd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Compresses into one Zstandard frame with a checksum; the frame is complete when this is closed. Not thread-safe. */
public final class ZstdOutputStream extends OutputStream {
    private static final int CHUNK = 128 * 1024;
    private static final int CONTINUE = 0;
    private static final int END = 2;

    private final OutputStream target;
    private final Zstd zstd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment context;
    private final MemorySegment inData = arena.allocate(CHUNK);
    private final MemorySegment outData = arena.allocate(CHUNK);
    private final MemorySegment in = arena.allocate(24, 8);
    private final MemorySegment out = arena.allocate(24, 8);
    private final byte[] heap = new byte[CHUNK];
    private boolean closed;

    /**
     * @param target closed with this stream
     * @param level 1 (fastest) to 19 (smallest)
     */
    public ZstdOutputStream(OutputStream target, int level) throws IOException {
        if (level < 1 || level > 19) {
            throw new IllegalArgumentException("level 1 to 19, not " + level);
        }
        this.target = Objects.requireNonNull(target);
        this.zstd = Zstd.library();
        this.context = zstd.newEncoder(level);
        in.set(JAVA_LONG, 0, inData.address());
        out.set(JAVA_LONG, 0, outData.address());
        out.set(JAVA_LONG, 8, CHUNK);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (closed) {
            throw new IOException("stream closed");
        }
        for (int done = 0; done < length; ) {
            int n = Math.min(CHUNK, length - done);
            MemorySegment.copy(bytes, offset + done, inData, JAVA_BYTE, 0, n);
            give(n, CONTINUE);
            done += n;
        }
    }

    private void give(int length, int directive) throws IOException {
        in.set(JAVA_LONG, 8, length);
        in.set(JAVA_LONG, 16, 0L);
        long left;
        do {
            out.set(JAVA_LONG, 16, 0L);
            left = zstd.encode(context, out, in, directive);
            int n = (int) out.get(JAVA_LONG, 16);
            MemorySegment.copy(outData, JAVA_BYTE, 0, heap, 0, n);
            target.write(heap, 0, n);
        } while (directive == END ? left != 0 : in.get(JAVA_LONG, 16) < length);
    }

    /** Flushes the target; what the frame has not given out yet stays until {@link #close}. */
    @Override
    public void flush() throws IOException {
        target.flush();
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            try (target) {
                give(0, END);
            } finally {
                zstd.freeEncoder(context);
                arena.close();
            }
        }
    }
}
