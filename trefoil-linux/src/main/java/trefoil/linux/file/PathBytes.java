package trefoil.linux.file;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/**
 * File names between the kernel's bytes and Java's characters, with no loss: names are UTF-8, and a byte 0x80–0xFF that is
 * no part of valid UTF-8 becomes the lone surrogate U+DC00 + byte (which valid UTF-8 cannot contain) and back.
 */
public final class PathBytes {
    private static final int ESCAPE = 0xDC00;

    private PathBytes() {}

    /** The characters of a name. Never fails. */
    public static String decode(byte[] name) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(name);
        CharBuffer out = CharBuffer.allocate(name.length + 1);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE + (in.get() & 0xFF)));
            }
            decoder.reset();
        }
    }

    /** The bytes of a name, without a terminating zero. Inverse of {@link #decode}. */
    public static byte[] encode(String name) {
        byte[] plain = name.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < name.length(); i++) {
            if (escaped(name.charAt(i))) {
                return encodeEscaped(name);
            }
        }
        return plain;
    }

    private static boolean escaped(int c) {
        return c >= ESCAPE + 0x80 && c <= ESCAPE + 0xFF;
    }

    private static byte[] encodeEscaped(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length() + 8);
        for (int i = 0; i < name.length(); ) {
            int c = name.codePointAt(i);
            int width = Character.charCount(c);
            if (escaped(c)) {
                bytes.write(c - ESCAPE);
            } else {
                bytes.writeBytes(name.substring(i, i + width).getBytes(StandardCharsets.UTF_8));
            }
            i += width;
        }
        return bytes.toByteArray();
    }

    /** A zero-terminated copy for the kernel. {@code EINVAL} when the name holds a zero, which would silently cut it. */
    static MemorySegment zeroTerminated(Arena arena, String call, String name) throws ErrnoException {
        byte[] bytes = encode(name);
        for (byte b : bytes) {
            if (b == 0) {
                throw new ErrnoException(call + ": a name with a zero byte", Errno.EINVAL);
            }
        }
        MemorySegment segment = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }
}
