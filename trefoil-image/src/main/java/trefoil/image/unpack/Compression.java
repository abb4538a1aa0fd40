package trefoil.image.unpack;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.tukaani.xz.XZInputStream;
import trefoil.linux.zstd.ZstdInputStream;

/** How data are compressed, told by their first bytes and never by a name. */
public enum Compression {
    NONE(""),
    GZIP("inside gzip, "),
    XZ("inside xz, "),
    ZSTD("inside zstd, ");

    /** {@code xz -9} needs 65 MiB; more is refused, in KiB. */
    private static final int XZ_MEMORY = 100 * 1024;

    private final String inside;

    Compression(String inside) {
        this.inside = inside;
    }

    /** For a message: {@code "inside gzip, "}; empty for none. */
    public String inside() {
        return inside;
    }

    /** What {@code head} begins. */
    public static Compression of(byte[] head, int length) {
        if (length >= 3 && head[0] == 0x1f && head[1] == (byte) 0x8b && head[2] == 8) {
            return GZIP;
        }
        if (length >= 6 && head[0] == (byte) 0xfd && head[1] == '7' && head[2] == 'z' && head[3] == 'X' && head[4] == 'Z' && head[5] == 0) {
            return XZ;
        }
        boolean zstd = length >= 4 && head[1] == (byte) 0xb5 && head[2] == 0x2f && head[3] == (byte) 0xfd && head[0] == 0x28;
        boolean skippable = length >= 4 && (head[0] & 0xf0) == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18;
        return zstd || skippable ? ZSTD : NONE;
    }

    /**
     * Opens what {@code file} holds, decompressed below an {@link ExpansionGuard}, and marks nothing read.
     *
     * @param file its bytes; closed with the result
     */
    public static Opened open(CountedInput file, Bounds bounds) throws IOException {
        BufferedInputStream head = new BufferedInputStream(file, 1 << 16);
        head.mark(16);
        byte[] magic = new byte[6];
        int n = head.readNBytes(magic, 0, 6);
        head.reset();
        Compression compression = of(magic, n);
        if (compression == NONE) {
            return new Opened(compression, head);
        }
        return new Opened(compression, new ExpansionGuard(compression.decompress(head), file::count, bounds));
    }

    private InputStream decompress(InputStream in) throws IOException {
        return switch (this) {
            case NONE -> in;
            case GZIP -> new GzipMembers(in);
            case XZ -> new XZInputStream(in, XZ_MEMORY);
            case ZSTD -> new ZstdInputStream(in);
        };
    }

    /** Decompressed data, and how they were compressed. */
    public record Opened(Compression compression, InputStream stream) {}
}
