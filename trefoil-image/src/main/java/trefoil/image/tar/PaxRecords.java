package trefoil.image.tar;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import trefoil.linux.unpack.At;

/** The records {@code "%d %s=%s\n"} of a pax extended header. Values are raw. */
final class PaxRecords {
    private static final int ATTRIBUTE_LIMIT = 128;
    private static final int ATTRIBUTE_VALUE_LIMIT = 65536; // XATTR_SIZE_MAX, linux/limits.h

    final Map<String, String> values = new LinkedHashMap<>();
    /** Offset and length of GNU sparse format 0.0, whose keys repeat. */
    final List<Long> sparsePairs = new ArrayList<>();

    /** Adds the records of one header; a key that comes again replaces the former value. */
    void parse(byte[] data, long offset) throws TarFormatException {
        int at = 0;
        while (at < data.length) {
            int space = indexOf(data, ' ', at, Math.min(data.length, at + 20));
            int length = space < 0 ? -1 : length(data, at, space);
            int end = at + length;
            if (length <= space - at + 1 || end > data.length || data[end - 1] != '\n') {
                throw malformed(offset);
            }
            int equals = indexOf(data, '=', space + 1, end - 1);
            if (equals < 0) {
                throw malformed(offset);
            }
            put(text(data, space + 1, equals), text(data, equals + 1, end - 1), offset);
            at = end;
        }
    }

    private void put(String key, String value, long offset) throws TarFormatException {
        if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
            if ((sparsePairs.size() % 2 == 0) != key.endsWith("offset") || sparsePairs.size() > 2 * SparseMap.EXTENT_LIMIT) {
                throw new TarFormatException("a sparse map that makes no sense in the extended header at " + offset);
            }
            sparsePairs.add(number(key, value, offset));
        } else {
            values.put(key, value);
        }
    }

    private static TarFormatException malformed(long offset) {
        return new TarFormatException("a malformed pax extended header at offset " + offset);
    }

    private static int length(byte[] data, int from, int to) {
        int n = 0;
        for (int i = from; i < to; i++) {
            if (data[i] < '0' || data[i] > '9' || n > 100_000_000) {
                return -1;
            }
            n = n * 10 + data[i] - '0';
        }
        return n;
    }

    private static int indexOf(byte[] data, char c, int from, int to) {
        for (int i = from; i < to; i++) {
            if (data[i] == c) {
                return i;
            }
        }
        return -1;
    }

    private static String text(byte[] data, int from, int to) {
        return new String(data, from, to - from, StandardCharsets.ISO_8859_1);
    }

    String get(String key, String otherwise) {
        return values.getOrDefault(key, otherwise);
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /** A non-negative decimal number, or {@code otherwise} when there is no such record. */
    long number(String key, long otherwise, long offset) throws TarFormatException {
        String value = values.get(key);
        return value == null ? otherwise : number(key, value, offset);
    }

    static long number(String key, String value, long offset) throws TarFormatException {
        if (!value.matches("[0-9]{1,18}")) {
            throw new TarFormatException(
                    "pax record " + At.readable(key) + "=" + At.readable(value) + " at offset " + offset + " is no number");
        }
        return Long.parseLong(value);
    }

    /** A time with a decimal fraction as {seconds, nanoseconds}; {@code null} when there is none. */
    long[] time(String key, long offset) throws TarFormatException {
        String value = values.get(key);
        if (value == null) {
            return null;
        }
        if (!value.matches("-?[0-9]{1,18}(\\.[0-9]{0,30})?")) {
            throw new TarFormatException("pax record " + key + " at offset " + offset + " is no time");
        }
        BigDecimal time = new BigDecimal(value.endsWith(".") ? value + "0" : value);
        BigDecimal seconds = time.setScale(0, RoundingMode.FLOOR);
        return new long[] {seconds.longValueExact(), time.subtract(seconds).movePointRight(9).intValue()};
    }

    /** Extended attributes as star, GNU tar and Docker write them ({@code SCHILY.xattr.}), or libarchive. */
    Map<String, byte[]> attributes(long offset) throws TarFormatException {
        Map<String, byte[]> found = new LinkedHashMap<>();
        for (Map.Entry<String, String> record : values.entrySet()) {
            String key = record.getKey();
            if (key.startsWith("SCHILY.xattr.")) {
                found.put(key.substring(13), record.getValue().getBytes(StandardCharsets.ISO_8859_1));
            } else if (key.startsWith("LIBARCHIVE.xattr.")) {
                found.putIfAbsent(percentDecoded(key.substring(17)), base64(key, record.getValue(), offset));
            }
        }
        for (Map.Entry<String, byte[]> a : found.entrySet()) {
            if (a.getKey().isEmpty() || a.getKey().length() > 255 || a.getKey().indexOf(0) >= 0
                    || a.getValue().length > ATTRIBUTE_VALUE_LIMIT || found.size() > ATTRIBUTE_LIMIT) {
                throw new TarFormatException("extended attributes beyond what Linux can hold at offset " + offset);
            }
        }
        return found;
    }

    private static byte[] base64(String key, String value, long offset) throws TarFormatException {
        try {
            return Base64.getDecoder().decode(value.replaceAll("[^A-Za-z0-9+/]", ""));
        } catch (IllegalArgumentException e) {
            throw new TarFormatException("pax record " + At.readable(key) + " at offset " + offset + " is no base64");
        }
    }

    private static String percentDecoded(String key) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) == '%' && i + 2 < key.length() && key.substring(i + 1, i + 3).matches("[0-9A-Fa-f]{2}")) {
                out.append((char) Integer.parseInt(key.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                out.append(key.charAt(i));
            }
        }
        return out.toString();
    }
}
