package trefoil.pc.acpi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow, little-endian. */
final class Bytes {
    private byte[] bytes = new byte[256];
    private int length;

    Bytes put(int size, long... values) {
        for (long value : values) {
            for (int i = 0; i < size; i++) {
                octet((int) (value >>> 8 * i));
            }
        }
        return this;
    }

    Bytes octet(int value) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = (byte) value;
        return this;
    }

    Bytes put(byte[] more) {
        for (byte value : more) {
            octet(value);
        }
        return this;
    }

    /** ASCII, filled up with a character, or cut, to a length. */
    Bytes text(String text, int size, char filler) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < size; i++) {
            octet(i < ascii.length ? ascii[i] : filler);
        }
        return this;
    }

    Bytes align(int boundary) {
        while (length % boundary != 0) {
            octet(0);
        }
        return this;
    }

    /** Other content of the same length. */
    void replace(byte[] all) {
        System.arraycopy(all, 0, bytes, 0, length);
    }

    int length() {
        return length;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    /** The byte that makes a range's sum 0. */
    static byte checksum(byte[] of, int start, int end) {
        int sum = 0;
        for (int i = start; i < end; i++) {
            sum += of[i];
        }
        return (byte) -sum;
    }
}
