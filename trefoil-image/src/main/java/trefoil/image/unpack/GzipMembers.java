package trefoil.image.unpack;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decompresses the members of a gzip file (RFC 1952), one after the other. Stricter than the JDK's stream, which
 * overlooks whatever follows a member: here only another member or zeros may. Not thread-safe.
 */
public final class GzipMembers extends InputStream {
    private static final int FHCRC = 2;
    private static final int FEXTRA = 4;
    private static final int FNAME = 8;
    private static final int FCOMMENT = 16;
    private static final int TEXT_LIMIT = 65536;

    private final PushbackInputStream source;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[65536];
    private int given;
    private boolean inMember;
    private boolean ended;

    public GzipMembers(InputStream source) throws IOException {
        this.source = new PushbackInputStream(source, buffer.length);
        if (!header()) {
            throw new EOFException("gzip: nothing there");
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            int n = inflate(bytes, from, length);
            if (n > 0) {
                crc.update(bytes, from, n);
                return n;
            }
            if (inflater.finished()) {
                trailer();
                ended = !header();
            } else if (inflater.needsDictionary()) {
                throw new ZipException("gzip: a preset dictionary");
            } else {
                refill();
            }
        }
        return -1;
    }

    private int inflate(byte[] bytes, int from, int length) throws IOException {
        try {
            return inflater.inflate(bytes, from, length);
        } catch (DataFormatException e) {
            ZipException damaged = new ZipException("gzip: " + (e.getMessage() == null ? "damaged data" : e.getMessage()));
            damaged.initCause(e);
            throw damaged;
        }
    }

    private void refill() throws IOException {
        given = source.read(buffer);
        if (given < 0) {
            throw new EOFException("gzip: the file stops short; it was cut off");
        }
        inflater.setInput(buffer, 0, given);
    }

    /** CRC32 and length modulo 2^32 of what the member held. */
    private void trailer() throws IOException {
        int left = inflater.getRemaining();
        source.unread(buffer, given - left, left);
        if (littleEndian(4) != crc.getValue() || littleEndian(4) != (inflater.getBytesWritten() & 0xffffffffL)) {
            throw new ZipException("gzip: wrong checksum");
        }
        inMember = false;
    }

    /** Whether another member begins; only zeros may stand where none does. */
    private boolean header() throws IOException {
        int first = source.read();
        if (first == 0 && !inMember && inflater.getBytesWritten() > 0) {
            while (first == 0) {
                first = source.read();
            }
            if (first >= 0) {
                throw new ZipException("gzip: data after the end");
            }
        }
        if (first < 0) {
            return false;
        }
        if (first != 0x1f || source.read() != 0x8b || source.read() != 8) {
            throw new ZipException("gzip: data after the end that are no further member");
        }
        fields();
        inflater.reset();
        given = 0;
        crc.reset();
        inMember = true;
        return true;
    }

    private void fields() throws IOException {
        int flags = octet();
        littleEndian(4);
        littleEndian(2);
        if ((flags & 0xe0) != 0) {
            throw new ZipException("gzip: reserved flags are set");
        }
        if ((flags & FEXTRA) != 0) {
            source.skipNBytes(littleEndian(2));
        }
        if ((flags & FNAME) != 0) {
            text();
        }
        if ((flags & FCOMMENT) != 0) {
            text();
        }
        if ((flags & FHCRC) != 0) {
            littleEndian(2);
        }
    }

    private void text() throws IOException {
        for (int i = 0; octet() != 0; i++) {
            if (i > TEXT_LIMIT) {
                throw new ZipException("gzip: a name without end");
            }
        }
    }

    private int octet() throws IOException {
        int b = source.read();
        if (b < 0) {
            throw new EOFException("gzip: the file stops short; it was cut off");
        }
        return b;
    }

    private long littleEndian(int octets) throws IOException {
        long value = 0;
        for (int i = 0; i < octets; i++) {
            value |= (long) octet() << 8 * i;
        }
        return value;
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        source.close();
    }
}
