package trefoil.image.tar;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import trefoil.image.tar.TarEntry.Type;

/**
 * Writes a pax archive: the same members give the same bytes. What ustar's fields cannot hold goes into an extended
 * header. Not thread-safe; {@link #close} writes the end mark and leaves the target open.
 */
public final class TarWriter implements Closeable {
    private static final int BLOCK = TarHeader.BLOCK;
    private static final long OCTAL_11 = 1L << 33;
    private static final long OCTAL_7 = 1L << 21;

    private final OutputStream target;
    private long dataLeft;
    private int padding;

    public TarWriter(OutputStream target) {
        this.target = target;
    }

    /** Begins a member; its {@code stored} bytes must follow by {@link #write}. Files are written without holes. */
    public void begin(TarEntry entry) throws IOException {
        if (dataLeft != 0) {
            throw new IllegalStateException(dataLeft + " bytes of the member before are missing");
        }
        pad();
        byte[] records = records(entry);
        if (records.length > 0) {
            target.write(header("PaxHeader", "", 'x', 0644, 0, 0, records.length, 0));
            target.write(records);
            target.write(new byte[-records.length & BLOCK - 1]);
        }
        target.write(header(
                entry.name(), entry.linkName(), flag(entry.type()), entry.mode(), entry.uid(), entry.gid(), entry.stored(),
                entry.mtime()));
        dataLeft = entry.stored();
        padding = (int) (-entry.stored() & BLOCK - 1);
    }

    /** Data of the member begun last. */
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (length > dataLeft) {
            throw new IllegalStateException("more data than the member was announced to have");
        }
        target.write(bytes, from, length);
        dataLeft -= length;
    }

    @Override
    public void close() throws IOException {
        if (dataLeft != 0) {
            throw new IllegalStateException(dataLeft + " bytes of the last member are missing");
        }
        pad();
        target.write(new byte[2 * BLOCK]);
        target.flush();
    }

    private void pad() throws IOException {
        target.write(new byte[padding]);
        padding = 0;
    }

    private static char flag(Type type) {
        return switch (type) {
            case FILE -> '0';
            case HARD_LINK -> '1';
            case SYMBOLIC_LINK -> '2';
            case CHARACTER_DEVICE -> '3';
            case BLOCK_DEVICE -> '4';
            case DIRECTORY -> '5';
            case FIFO -> '6';
        };
    }

    private static byte[] records(TarEntry e) {
        Map<String, byte[]> records = new TreeMap<>();
        if (e.name().length() > 100) {
            records.put("path", raw(e.name()));
        }
        if (e.linkName().length() > 100) {
            records.put("linkpath", raw(e.linkName()));
        }
        putLarge(records, "size", e.stored(), OCTAL_11);
        putLarge(records, "uid", e.uid(), OCTAL_7);
        putLarge(records, "gid", e.gid(), OCTAL_7);
        if (e.mtimeNanos() != 0 || e.mtime() < 0 || e.mtime() >= OCTAL_11) {
            records.put("mtime", raw(time(e.mtime(), e.mtimeNanos())));
        }
        e.attributes().forEach((name, value) -> records.put("SCHILY.xattr." + name, value));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        records.forEach((key, value) -> append(out, key, value));
        return out.toByteArray();
    }

    private static void putLarge(Map<String, byte[]> records, String key, long value, long limit) {
        if (value >= limit) {
            records.put(key, raw(Long.toString(value)));
        }
    }

    private static String time(long seconds, int nanos) {
        return java.math.BigDecimal.valueOf(seconds)
                .add(java.math.BigDecimal.valueOf(nanos, 9))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** {@code "%d %s=%s\n"}: the length counts its own digits. */
    private static void append(ByteArrayOutputStream out, String key, byte[] value) {
        int rest = key.length() + value.length + 3;
        int length = rest + Integer.toString(rest).length();
        if (Integer.toString(length).length() != Integer.toString(rest).length()) {
            length = rest + Integer.toString(length).length();
        }
        out.writeBytes(raw(length + " " + key + "="));
        out.writeBytes(value);
        out.write('\n');
    }

    private static byte[] header(
            String name, String link, char type, int mode, long uid, long gid, long size, long mtime) {
        byte[] block = new byte[BLOCK];
        put(block, 0, 100, raw(name));
        octal(block, 100, 7, mode);
        octal(block, 108, 7, uid < OCTAL_7 ? uid : 0);
        octal(block, 116, 7, gid < OCTAL_7 ? gid : 0);
        octal(block, 124, 11, size < OCTAL_11 ? size : 0);
        octal(block, 136, 11, mtime >= 0 && mtime < OCTAL_11 ? mtime : 0);
        block[156] = (byte) type;
        put(block, 157, 100, raw(link));
        put(block, 257, 8, raw("ustar\00000"));
        int sum = 8 * ' ';
        for (byte b : block) {
            sum += b & 0xff;
        }
        octal(block, 148, 6, sum);
        block[155] = ' ';
        return block;
    }

    private static void put(byte[] block, int at, int limit, byte[] bytes) {
        System.arraycopy(bytes, 0, block, at, Math.min(limit, bytes.length));
    }

    private static void octal(byte[] block, int at, int digits, long value) {
        for (int i = digits - 1; i >= 0; i--) {
            block[at + i] = (byte) ('0' + (value & 7));
            value >>= 3;
        }
    }

    private static byte[] raw(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
