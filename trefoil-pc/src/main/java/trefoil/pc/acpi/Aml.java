package trefoil.pc.acpi;

import java.nio.charset.StandardCharsets;

/** Terms of ACPI Machine Language (ACPI 6.5, 20.2), as bytes. */
final class Aml {
    private static final int ZERO = 0x00;
    private static final int ONE = 0x01;
    private static final int NAME = 0x08;
    private static final int BYTE = 0x0A;
    private static final int WORD = 0x0B;
    private static final int DWORD = 0x0C;
    private static final int STRING = 0x0D;
    private static final int QWORD = 0x0E;
    private static final int SCOPE = 0x10;
    private static final int BUFFER = 0x11;
    private static final int PACKAGE = 0x12;
    private static final int DUAL_NAME = 0x2E;
    private static final int EXTENDED = 0x5B;
    private static final int DEVICE = 0x82;

    private Aml() {}

    static byte[] integer(long value) {
        Bytes out = new Bytes();
        if (value == 0 || value == 1) {
            return out.octet(value == 0 ? ZERO : ONE).toArray();
        }
        int size = Long.compareUnsigned(value, 0xFF) <= 0 ? 1 : Long.compareUnsigned(value, 0xFFFF) <= 0 ? 2 : Long.compareUnsigned(value, 0xFFFF_FFFFL) <= 0 ? 4 : 8;
        int prefix = size == 1 ? BYTE : size == 2 ? WORD : size == 4 ? DWORD : QWORD;
        return out.octet(prefix).put(size, value).toArray();
    }

    static byte[] string(String text) {
        return new Bytes().octet(STRING).put(text.getBytes(StandardCharsets.US_ASCII)).octet(0).toArray();
    }

    /** A compressed EISA id, as {@code PNP0A08} (ACPI 6.5, 19.3.4). */
    static byte[] eisaId(String id) {
        int letters = 0;
        for (int i = 0; i < 3; i++) {
            letters = letters << 5 | id.charAt(i) - 'A' + 1;
        }
        int value = letters << 16 | Integer.parseInt(id.substring(3), 16);
        return integer(Integer.toUnsignedLong(Integer.reverseBytes(value)));
    }

    static byte[] buffer(byte[] content) {
        return sized(new Bytes().octet(BUFFER), new Bytes().put(integer(content.length)).put(content));
    }

    static byte[] list(byte[]... elements) {
        Bytes body = new Bytes().octet(elements.length);
        for (byte[] element : elements) {
            body.put(element);
        }
        return sized(new Bytes().octet(PACKAGE), body);
    }

    static byte[] name(String name, byte[] object) {
        return new Bytes().octet(NAME).put(path(name)).put(object).toArray();
    }

    static byte[] scope(String name, byte[]... terms) {
        return block(new Bytes().octet(SCOPE), name, terms);
    }

    static byte[] device(String name, byte[]... terms) {
        return block(new Bytes().octet(EXTENDED).octet(DEVICE), name, terms);
    }

    private static byte[] block(Bytes head, String name, byte[]... terms) {
        Bytes body = new Bytes().put(path(name));
        for (byte[] term : terms) {
            body.put(term);
        }
        return sized(head, body);
    }

    /** A name of one or two segments, from the root if it begins with a backslash; segments are filled up with underscores. */
    private static byte[] path(String name) {
        Bytes out = new Bytes();
        boolean root = name.startsWith("\\");
        if (root) {
            out.octet('\\');
        }
        String[] segments = name.substring(root ? 1 : 0).split("\\.");
        if (segments.length == 2) {
            out.octet(DUAL_NAME);
        }
        for (String segment : segments) {
            out.text(segment, 4, '_');
        }
        return out.toArray();
    }

    /** PkgLength, which counts itself, and the body. */
    private static byte[] sized(Bytes head, Bytes body) {
        int length = body.length();
        if (length + 1 < 0x40) {
            head.octet(length + 1);
        } else {
            int more = length + 2 < 0x1000 ? 1 : length + 3 < 0x10_0000 ? 2 : 3;
            int total = length + 1 + more;
            head.octet(more << 6 | total & 15);
            head.put(more, total >>> 4);
        }
        return head.put(body.toArray()).toArray();
    }
}
