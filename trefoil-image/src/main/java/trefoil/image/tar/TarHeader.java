package trefoil.image.tar;

import java.nio.charset.StandardCharsets;

/**
 * The 512-byte header block, {@code tar(5)}: name 0+100, mode 100+8, uid 108+8, gid 116+8, size 124+12, mtime 136+12,
 * checksum 148+8, type 156, link 157+100, magic 257+6, prefix 345+155; GNU: extents from 386, flag 482, real size 483.
 */
final class TarHeader {
    static final int BLOCK = 512;

    private final byte[] block;
    final long offset;

    TarHeader(byte[] block, long offset) throws TarFormatException {
        this.block = block;
        this.offset = offset;
        verifyChecksum();
    }

    static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** The sum of all bytes, the checksum's own taken as spaces; historic tars summed signed bytes. */
    private void verifyChecksum() throws TarFormatException {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BLOCK; i++) {
            int b = i >= 148 && i < 156 ? ' ' : block[i];
            unsigned += b & 0xff;
            signed += b;
        }
        long stored = octal(148, 8, "checksum");
        if (stored != unsigned && stored != signed) {
            throw new TarFormatException("no tar header at offset " + offset + ": its checksum is wrong");
        }
    }

    char type() {
        return (char) (block[156] & 0xff);
    }

    boolean isGnu() {
        return text(257, 6).equals("ustar ");
    }

    private boolean isPosix() {
        return text(257, 6).equals("ustar");
    }

    /** The name, its prefix put before it where the dialect has one. */
    String name() {
        String name = text(0, 100);
        if (!isPosix()) {
            return name;
        }
        boolean star = block[508] == 't' && block[509] == 'a' && block[510] == 'r' && block[511] == 0;
        String prefix = text(345, star ? 131 : 155);
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    String linkName() {
        return text(157, 100);
    }

    int mode() throws TarFormatException {
        return (int) (number(100, 8, "mode") & 07777);
    }

    long uid() throws TarFormatException {
        return number(108, 8, "uid");
    }

    long gid() throws TarFormatException {
        return number(116, 8, "gid");
    }

    long size() throws TarFormatException {
        long size = number(124, 12, "size");
        if (size < 0 || size > Long.MAX_VALUE / 4) {
            throw new TarFormatException("a size of " + size + " bytes at offset " + offset);
        }
        return size;
    }

    long mtime() throws TarFormatException {
        return number(136, 12, "mtime");
    }

    boolean hasMoreExtents() {
        return block[482] != 0;
    }

    long realSize() throws TarFormatException {
        return number(483, 12, "real size");
    }

    /** Adds the four extents of an old GNU sparse header. */
    void extents(SparseMap map) throws TarFormatException {
        extents(block, 386, 4, offset, map);
    }

    /** Adds {@code count} extents of a GNU sparse (extension) block; an empty field ends them. */
    static void extents(byte[] block, int from, int count, long offset, SparseMap map) throws TarFormatException {
        for (int i = 0; i < count && block[from + 24 * i] != 0; i++) {
            map.add(number(block, from + 24 * i, 12, "extent", offset), number(block, from + 24 * i + 12, 12, "extent", offset));
        }
    }

    private String text(int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return new String(block, at, end - at, StandardCharsets.ISO_8859_1);
    }

    private long octal(int at, int length, String field) throws TarFormatException {
        return octal(block, at, length, field, offset);
    }

    private long number(int at, int length, String field) throws TarFormatException {
        return number(block, at, length, field, offset);
    }

    /** Octal, or GNU's base 256 where the top bit of the first byte is set. */
    private static long number(byte[] block, int at, int length, String field, long offset) throws TarFormatException {
        int first = block[at] & 0xff;
        if (first < 0x80) {
            return octal(block, at, length, field, offset);
        }
        long value = first == 0xff ? -1 : first & 0x3f;
        for (int i = 1; i < length; i++) {
            long next = value << 8 | block[at + i] & 0xff;
            if (next >> 8 != value) {
                throw new TarFormatException("a " + field + " beyond 64 bits at offset " + offset);
            }
            value = next;
        }
        return value;
    }

    private static long octal(byte[] block, int at, int length, String field, long offset) throws TarFormatException {
        int i = at;
        int end = at + length;
        while (i < end && block[i] == ' ') {
            i++;
        }
        long value = 0;
        for (; i < end && block[i] != 0 && block[i] != ' '; i++) {
            if (block[i] < '0' || block[i] > '7') {
                throw new TarFormatException("no tar header at offset " + offset + ": its " + field + " is no number");
            }
            value = value << 3 | block[i] - '0';
        }
        return value;
    }
}
