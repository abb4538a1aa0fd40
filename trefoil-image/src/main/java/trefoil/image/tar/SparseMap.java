package trefoil.image.tar;

import java.util.ArrayList;
import java.util.List;
import trefoil.image.tar.TarEntry.Extent;

/** Where the data of a file with holes goes. Collects extents and checks that they make sense together. */
final class SparseMap {
    /** More extents than any file system image that anybody packed; 16 bytes of memory each. */
    static final int EXTENT_LIMIT = 200_000;

    private final List<Extent> extents = new ArrayList<>();
    private final long offset;

    /** @param offset of the member in the archive, for messages */
    SparseMap(long offset) {
        this.offset = offset;
    }

    void add(long at, long length) throws TarFormatException {
        if (extents.size() >= EXTENT_LIMIT) {
            throw new TarFormatException("more than " + EXTENT_LIMIT + " extents in the sparse file at offset " + offset);
        }
        extents.add(new Extent(at, length));
    }

    /** The extents, ascending, inside {@code size} and with {@code stored} bytes of data in all. */
    List<Extent> checked(long size, long stored) throws TarFormatException {
        if (size < 0) {
            throw new TarFormatException("a sparse file without a size at offset " + offset);
        }
        long end = 0;
        long sum = 0;
        for (Extent e : extents) {
            if (e.offset() < end || e.length() < 0 || e.length() > size - e.offset()) {
                throw new TarFormatException("a sparse map with overlapping or outlying extents at offset " + offset);
            }
            end = e.offset() + e.length();
            sum += e.length();
        }
        if (sum != stored) {
            throw new TarFormatException("a sparse map of " + sum + " bytes for " + stored + " bytes of data at offset " + offset);
        }
        return List.copyOf(extents);
    }
}
