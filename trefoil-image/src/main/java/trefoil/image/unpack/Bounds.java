package trefoil.image.unpack;

/**
 * What an image may take of the host.
 *
 * @param bytes most bytes that one layer unpacks to, holes included; the free space below the store, less a reserve, where that is smaller
 * @param entries most members in one layer
 * @param directories most directories in one layer
 * @param ratio most times that data may grow when decompressed, once they are more than {@code ratioFrom} bytes
 */
public record Bounds(long bytes, long entries, int directories, int ratio, long ratioFrom) {
    /** 1 TiB, 2 million members of which 250,000 directories; 200 times beyond 256 MiB. */
    public static final Bounds DEFAULT = new Bounds(1L << 40, 2_000_000, 250_000, 200, 256L << 20);

    public Bounds {
        if (bytes <= 0 || entries <= 0 || directories <= 0 || ratio <= 0 || ratioFrom < 0) {
            throw new IllegalArgumentException("bounds are positive");
        }
    }

    /** The same with another limit of bytes. */
    public Bounds withBytes(long limit) {
        return new Bounds(limit, entries, directories, ratio, ratioFrom);
    }
}
