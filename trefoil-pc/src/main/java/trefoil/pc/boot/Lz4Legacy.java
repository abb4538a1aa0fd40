package trefoil.pc.boot;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** LZ4's legacy frame (LZ4 Frame Format Description 1.6.2, "Legacy frame"; LZ4 Block Format Description), as kernels are packed. */
final class Lz4Legacy {
    private static final int BLOCK = 8 << 20;
    private static final int SHORTEST_MATCH = 4;

    private final ByteBuffer in;
    private final byte[] out;
    private int at;

    private Lz4Legacy(byte[] packed, int size) {
        this.in = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN).position(4);
        this.out = new byte[size];
    }

    /** @param packed from the magic number to the end of the last block */
    static byte[] decode(byte[] packed, int size) throws IOException {
        Lz4Legacy frame = new Lz4Legacy(packed, size);
        try {
            while (frame.in.remaining() >= 4 && frame.at < size) {
                frame.block();
            }
        } catch (BufferUnderflowException e) {
            throw new IOException("an LZ4 block ends early", e);
        }
        if (frame.at != size) {
            throw new IOException(frame.at + " bytes came out of LZ4 instead of " + size);
        }
        return frame.out;
    }

    private void block() throws IOException {
        int length = in.getInt();
        if (length <= 0 || length > in.remaining()) {
            throw new IOException("an LZ4 block of " + Integer.toUnsignedString(length) + " bytes");
        }
        int end = in.position() + length;
        int start = at;
        while (in.position() < end) {
            sequence(start, end);
        }
        if (at - start > BLOCK || in.position() != end) {
            throw new IOException("an LZ4 block is longer than it says");
        }
    }

    private void sequence(int start, int end) throws IOException {
        int token = in.get() & 0xFF;
        int literals = length(token >> 4);
        if (literals < 0 || literals > out.length - at) {
            throw new IOException("more comes out of LZ4 than the kernel says");
        }
        in.get(out, at, literals);
        at += literals;
        if (in.position() >= end) {
            return;
        }
        int distance = in.getShort() & 0xFFFF;
        int match = length(token & 15) + SHORTEST_MATCH;
        if (distance == 0 || distance > at - start || match < SHORTEST_MATCH || match > out.length - at) {
            throw new IOException("an LZ4 match from outside of its block");
        }
        copy(distance, match);
    }

    private void copy(int distance, int match) {
        if (distance >= match) {
            System.arraycopy(out, at - distance, out, at, match);
            at += match;
            return;
        }
        for (int left = match; left > 0; left--) {
            out[at] = out[at - distance];
            at++;
        }
    }

    private int length(int nibble) {
        int length = nibble;
        for (int more = nibble == 15 ? 255 : 0; more == 255; ) {
            more = in.get() & 0xFF;
            length += more;
        }
        return length;
    }
}
