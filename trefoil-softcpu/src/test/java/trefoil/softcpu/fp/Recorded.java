package trefoil.softcpu.fp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * What a processor (AMD EPYC, family 19h) made of instructions, recorded in November 2026. Of the x87: each with its operands loaded under
 * masked exceptions, then FNCLEX, FLDCW, the instruction, FNSTSW; the result as FSTP of 80 bits, or what the instruction stored. Of SSE: LDMXCSR, the
 * scalar instruction, STMXCSR. Operands are random, with many that are zero, infinite, NaNs, denormal, unsupported, near a limit or
 * near one another; control words and MXCSR too.
 */
final class Recorded {
    private Recorded() {}

    /** An x87 instruction: 40 bytes of a record. */
    record X87(int operation, int controlWord, int topHigh, long top, int nextHigh, long next, int resultHigh, long result, int statusWord) {
        private static X87 read(ByteBuffer b) {
            int operation = b.getShort();
            int controlWord = b.getShort() & 0xFFFF;
            int topHigh = b.getShort() & 0xFFFF;
            int nextHigh = b.getShort() & 0xFFFF;
            long top = b.getLong();
            long next = b.getLong();
            int resultHigh = b.getShort() & 0xFFFF;
            int statusWord = b.getShort() & 0xFFFF;
            b.getInt();
            return new X87(operation, controlWord, topHigh, top, nextHigh, next, resultHigh, b.getLong(), statusWord);
        }

        int flags() {
            return statusWord & FloatStatus.ALL;
        }

        boolean roundedUp() {
            return (statusWord & 1 << 9) != 0;
        }

        /** C0, C2 and C3 in their places. */
        int condition() {
            return statusWord & 0x4500;
        }

        @Override
        public String toString() {
            return String.format("operation %d, control word %04x, %04x.%016x, %04x.%016x: %04x.%016x, status word %04x",
                    operation, controlWord, topHigh, top, nextHigh, next, resultHigh, result, statusWord);
        }
    }

    /** A scalar SSE instruction: 48 bytes of a record. */
    record Sse(int operation, Format format, int mxcsr, long first, long second, long third, long result, int flags) {
        private static Sse read(ByteBuffer b) {
            int operation = b.getShort();
            Format format = b.getShort() == 1 ? Format.BINARY64 : Format.BINARY32;
            int mxcsr = b.getInt();
            long mask = mask(format);
            Sse read = new Sse(operation, format, mxcsr, b.getLong() & mask, b.getLong() & mask, b.getLong() & mask, b.getLong(), b.getInt());
            b.getInt();
            return read;
        }

        static long mask(Format format) {
            return format == Format.BINARY64 ? -1L : 0xFFFF_FFFFL;
        }

        @Override
        public String toString() {
            return String.format("operation %d, %s, MXCSR %04x, %x, %x, %x: %x, flags %02x", operation, format, mxcsr, first, second, third, result, flags);
        }
    }

    static List<X87> x87(String name) throws IOException {
        ByteBuffer b = bytes(name);
        List<X87> records = new ArrayList<>();
        while (b.hasRemaining()) {
            records.add(X87.read(b));
        }
        return records;
    }

    static List<Sse> sse() throws IOException {
        ByteBuffer b = bytes("sse.gz");
        List<Sse> records = new ArrayList<>();
        while (b.hasRemaining()) {
            records.add(Sse.read(b));
        }
        return records;
    }

    private static ByteBuffer bytes(String name) throws IOException {
        try (InputStream in = new GZIPInputStream(Recorded.class.getResourceAsStream(name))) {
            return ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
