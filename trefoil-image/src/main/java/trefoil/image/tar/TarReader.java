package trefoil.image.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import trefoil.image.tar.TarEntry.Extent;
import trefoil.image.tar.TarEntry.Type;
import trefoil.linux.unpack.At;

/** Reads the members of an archive one after the other, see the package. Not thread-safe; does not close its source. */
public final class TarReader {
    /** A name beyond {@code PATH_MAX} names no file. */
    private static final int NAME_LIMIT = 4096;
    private static final int PAX_LIMIT = 1 << 20;
    /** Headers that only describe the next one. */
    private static final int METADATA_LIMIT = 16;
    /** Zeros that may follow the end: a tape's block, with room to spare. */
    private static final int PADDING_LIMIT = 16 << 20;
    private static final int BLOCK = TarHeader.BLOCK;

    private final InputStream source;
    private final PaxRecords global = new PaxRecords();
    private long offset;
    private long dataLeft;
    private long padding;
    private boolean ended;
    private boolean marked;

    public TarReader(InputStream source) {
        this.source = Objects.requireNonNull(source);
    }

    /** The next member, what is left of the former one's data skipped; {@code null} at the end. */
    public TarEntry next() throws IOException {
        if (ended) {
            return null;
        }
        skip(dataLeft + padding);
        dataLeft = 0;
        padding = 0;
        Description described = new Description();
        for (int headers = 0; headers < METADATA_LIMIT; headers++) {
            TarHeader header = header();
            if (header == null) {
                return end(described);
            }
            if (!described.take(header)) {
                return entry(header, described);
            }
        }
        throw new TarFormatException("more than " + METADATA_LIMIT + " headers that describe nothing before offset " + offset);
    }

    /** Whether the archive ended with the blocks of zeros that mark its end, rather than just stopped between members. */
    public boolean endMarked() {
        return marked;
    }

    /** Where in the archive the next byte of data comes from. */
    public long offset() {
        return offset;
    }

    /** Reads data of the current member; −1 at its end. */
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (dataLeft == 0) {
            return -1;
        }
        int n = source.read(bytes, from, (int) Math.min(length, dataLeft));
        if (n < 0) {
            throw truncated();
        }
        offset += n;
        dataLeft -= n;
        return n;
    }

    /** Reads on to the end of the source: only zeros may follow the end of the archive. */
    public void finish() throws IOException {
        byte[] buffer = new byte[8192];
        long seen = 0;
        for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
            for (int i = 0; i < n; i++) {
                if (buffer[i] != 0) {
                    throw new TarFormatException("data after the end of the archive, at offset " + (offset + i));
                }
            }
            offset += n;
            seen += n;
            if (seen > PADDING_LIMIT) {
                throw new TarFormatException("more than " + PADDING_LIMIT + " zeros after the end of the archive");
            }
        }
    }

    private TarEntry end(Description described) throws TarFormatException {
        if (described.any) {
            throw new TarFormatException("the archive ends after a header that describes a member, at offset " + offset);
        }
        ended = true;
        return null;
    }

    /** The next header; {@code null} at a block of zeros or the end of the source. */
    private TarHeader header() throws IOException {
        byte[] block = new byte[BLOCK];
        long at = offset;
        int n = source.readNBytes(block, 0, BLOCK);
        offset += n;
        if (n == 0) {
            return null;
        }
        if (n < BLOCK) {
            throw truncated();
        }
        if (TarHeader.isZero(block)) {
            marked = true;
            return null;
        }
        return new TarHeader(block, at);
    }

    private TarEntry entry(TarHeader header, Description d) throws IOException {
        PaxRecords pax = d.pax;
        Type type = type(header, d);
        long[] time = pax.time("mtime", header.offset);
        String name = pax.get("GNU.sparse.name", pax.get("path", d.longName != null ? d.longName : header.name()));
        String link = pax.get("linkpath", d.longLink != null ? d.longLink : header.linkName());
        long stored = type == Type.FILE ? pax.number("size", header.size(), header.offset) : 0;
        refuseUnusable(name, link, header.offset);
        dataLeft = stored;
        padding = -stored & BLOCK - 1;
        List<Extent> extents = List.of(new Extent(0, stored));
        long size = stored;
        if (type == Type.FILE) {
            SparseMap map = sparseMap(header, pax);
            if (map != null) {
                size = header.type() == 'S' ? header.realSize()
                        : pax.number("GNU.sparse.realsize", pax.number("GNU.sparse.size", -1, header.offset), header.offset);
                extents = map.checked(size, dataLeft);
            }
        }
        return new TarEntry(
                type, name, type == Type.HARD_LINK || type == Type.SYMBOLIC_LINK ? link : "", header.mode(),
                pax.number("uid", header.uid(), header.offset), pax.number("gid", header.gid(), header.offset),
                size, dataLeft, time == null ? header.mtime() : time[0], time == null ? 0 : (int) time[1],
                pax.attributes(header.offset), extents);
    }

    private static void refuseUnusable(String name, String link, long offset) throws TarFormatException {
        if (name.length() >= NAME_LIMIT || link.length() >= NAME_LIMIT) {
            throw new TarFormatException("a name of more than " + (NAME_LIMIT - 1) + " bytes at offset " + offset);
        }
        if (name.indexOf(0) >= 0 || link.indexOf(0) >= 0) {
            throw new TarFormatException("a NUL in a name at offset " + offset);
        }
    }

    private static Type type(TarHeader header, Description d) throws TarFormatException {
        return switch (header.type()) {
            case 0, '0', '7' -> isOldDirectory(header, d) ? Type.DIRECTORY : Type.FILE;
            case 'S' -> Type.FILE;
            case '1' -> Type.HARD_LINK;
            case '2' -> Type.SYMBOLIC_LINK;
            case '3' -> Type.CHARACTER_DEVICE;
            case '4' -> Type.BLOCK_DEVICE;
            case '5' -> Type.DIRECTORY;
            case '6' -> Type.FIFO;
            case 'D', 'M', 'N' -> throw new TarFormatException(
                    "a member of an incremental or multi-volume archive at offset " + header.offset);
            default -> throw new TarFormatException(
                    "a member of unknown type " + At.readable(String.valueOf(header.type())) + " at offset " + header.offset);
        };
    }

    /** V7 tells a directory by the slash at the end of its name. */
    private static boolean isOldDirectory(TarHeader header, Description d) {
        return d.longName == null && !d.pax.has("path") && !d.pax.has("GNU.sparse.name") && header.name().endsWith("/");
    }

    private SparseMap sparseMap(TarHeader header, PaxRecords pax) throws IOException {
        SparseMap map = new SparseMap(header.offset);
        if (header.type() == 'S') {
            header.extents(map);
            boolean more = header.hasMoreExtents();
            while (more) {
                byte[] block = metadata(BLOCK);
                TarHeader.extents(block, 0, 21, header.offset, map);
                more = block[504] != 0;
            }
            return map;
        }
        if (pax.get("GNU.sparse.major", "").equals("1") && pax.get("GNU.sparse.minor", "").equals("0")) {
            readMap(map);
            return map;
        }
        if (pax.has("GNU.sparse.map")) {
            String[] numbers = pax.get("GNU.sparse.map", "").split(",", 2 * SparseMap.EXTENT_LIMIT + 2);
            for (int i = 0; i + 1 < numbers.length; i += 2) {
                map.add(PaxRecords.number("GNU.sparse.map", numbers[i], header.offset),
                        PaxRecords.number("GNU.sparse.map", numbers[i + 1], header.offset));
            }
            return map;
        }
        if (!pax.has("GNU.sparse.size")) {
            return null;
        }
        for (int i = 0; i + 1 < pax.sparsePairs.size(); i += 2) {
            map.add(pax.sparsePairs.get(i), pax.sparsePairs.get(i + 1));
        }
        return map;
    }

    /** Sparse format 1.0: decimal numbers, a line each, before the data, padded to a block. */
    private void readMap(SparseMap map) throws IOException {
        DecimalLines lines = new DecimalLines();
        long count = lines.next();
        for (long i = 0; i < count; i++) {
            map.add(lines.next(), lines.next());
        }
    }

    private final class DecimalLines {
        private byte[] block = new byte[0];
        private int at;

        long next() throws IOException {
            long value = 0;
            for (int digits = 0; ; digits++) {
                if (at == block.length) {
                    block = mapBlock();
                    at = 0;
                }
                int c = block[at++];
                if (c == '\n' && digits > 0) {
                    return value;
                }
                if (c < '0' || c > '9' || digits >= 18) {
                    throw new TarFormatException("a malformed sparse map before offset " + offset);
                }
                value = value * 10 + c - '0';
            }
        }
    }

    private byte[] mapBlock() throws IOException {
        if (dataLeft < BLOCK) {
            throw new TarFormatException("a sparse map longer than its member at offset " + offset);
        }
        dataLeft -= BLOCK;
        return metadata(BLOCK);
    }

    private byte[] metadata(int length) throws IOException {
        byte[] data = source.readNBytes(length);
        offset += data.length;
        if (data.length < length) {
            throw truncated();
        }
        return data;
    }

    private void skip(long length) throws IOException {
        try {
            source.skipNBytes(length);
        } catch (EOFException e) {
            throw truncated();
        }
        offset += length;
    }

    private TarFormatException truncated() {
        return new TarFormatException("the archive stops short at offset " + offset + "; it was cut off");
    }

    /** What headers before a member's own say of it. */
    private final class Description {
        private final PaxRecords pax = new PaxRecords();
        private String longName;
        private String longLink;
        private boolean any;

        Description() {
            pax.values.putAll(global.values);
        }

        /** Whether the header only describes; its data are then read. */
        boolean take(TarHeader header) throws IOException {
            switch (header.type()) {
                case 'L' -> longName = name(header);
                case 'K' -> longLink = name(header);
                case 'x', 'X' -> pax.parse(body(header, PAX_LIMIT), header.offset);
                case 'g' -> takeGlobal(header);
                case 'V' -> body(header, PAX_LIMIT);
                default -> {
                    return false;
                }
            }
            any |= header.type() != 'g' && header.type() != 'V';
            return true;
        }

        private void takeGlobal(TarHeader header) throws IOException {
            global.parse(body(header, PAX_LIMIT), header.offset);
            for (String key : List.of("path", "linkpath", "size")) {
                if (global.has(key)) {
                    throw new TarFormatException("a global pax header that sets every " + key + ", at offset " + header.offset);
                }
            }
            global.values.keySet().removeIf(key -> key.startsWith("GNU.sparse."));
            for (Map.Entry<String, String> record : global.values.entrySet()) {
                pax.values.putIfAbsent(record.getKey(), record.getValue());
            }
        }

        private String name(TarHeader header) throws IOException {
            byte[] data = body(header, NAME_LIMIT + 1);
            int end = 0;
            while (end < data.length && data[end] != 0) {
                end++;
            }
            return new String(data, 0, end, java.nio.charset.StandardCharsets.ISO_8859_1);
        }

        private byte[] body(TarHeader header, int limit) throws IOException {
            if (header.size() > limit) {
                throw new TarFormatException("a header of " + header.size() + " bytes at offset " + header.offset
                        + "; Trefoil reads up to " + limit);
            }
            int length = (int) header.size();
            byte[] data = metadata(length);
            metadata(-length & BLOCK - 1);
            return data;
        }
    }
}
