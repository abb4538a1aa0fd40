package trefoil.pc.boot;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.SingleXZInputStream;
import trefoil.pc.boot.KernelException.Cause;

/** Takes the ELF file out of a bzImage: gzip (RFC 1952), xz, LZ4, and Zstandard by a decoder that is given. Behind all but gzip stands the size of what comes out, in four bytes. */
public final class KernelUnpacker {
    private static final int LARGEST = 1 << 30;
    private static final int XZ_MEMORY_KIB = 256 << 10;

    private final ZstdDecoder zstd;

    public KernelUnpacker(ZstdDecoder zstd) {
        this.zstd = zstd;
    }

    /** The bytes of the ELF file. */
    public byte[] unpack(BzImage image) throws KernelException {
        byte[] payload = image.payload();
        if (payload.length < 12) {
            throw new KernelException(Cause.TRUNCATED, "the kernel in the bzImage has " + payload.length + " bytes");
        }
        int size = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).getInt(payload.length - 4);
        if (size <= 0 || size > LARGEST) {
            throw new KernelException(Cause.DAMAGED, "the kernel in the bzImage would have " + Integer.toUnsignedString(size) + " bytes");
        }
        try {
            return decode(payload, size);
        } catch (IOException e) {
            throw new KernelException(Cause.DAMAGED, "the kernel in the bzImage cannot be unpacked: " + e.getMessage());
        }
    }

    private byte[] decode(byte[] payload, int size) throws IOException, KernelException {
        byte[] packed = Arrays.copyOf(payload, payload.length - 4);
        int magic = ByteBuffer.wrap(payload).getInt();
        if (magic >>> 16 == 0x1F8B) {
            return whole(new GZIPInputStream(new ByteArrayInputStream(payload)), size);
        }
        return switch (magic) {
            case 0x0221_4C18 -> Lz4Legacy.decode(packed, size);
            case 0xFD37_7A58 -> whole(new SingleXZInputStream(new ByteArrayInputStream(packed), XZ_MEMORY_KIB), size);
            case 0x28B5_2FFD -> zstd.decode(packed, size);
            default -> throw new KernelException(Cause.UNKNOWN_COMPRESSION, "the kernel in the bzImage begins with 0x%08x: only gzip, xz, lz4 and zstd are known".formatted(magic));
        };
    }

    private static byte[] whole(InputStream in, int size) throws IOException {
        try (in) {
            byte[] out = in.readNBytes(size);
            if (out.length != size || in.read() >= 0) {
                throw new IOException("another size than the " + size + " bytes that it says");
            }
            return out;
        }
    }
}
