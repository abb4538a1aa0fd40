package trefoil.machine.snapshot;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Type;
import java.nio.ByteOrder;

/** Arrays of primitives as little-endian bytes. */
final class PackedArrays {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private PackedArrays() {}

    static Node.Packed encode(Object array) {
        return switch (array) {
            case byte[] bytes -> new Node.Packed(1, bytes.clone());
            case boolean[] flags -> new Node.Packed(1, bytes(flags));
            case short[] shorts -> packed(2, ValueLayout.JAVA_SHORT_UNALIGNED, shorts, shorts.length);
            case char[] chars -> packed(2, ValueLayout.JAVA_CHAR_UNALIGNED, chars, chars.length);
            case int[] ints -> packed(4, ValueLayout.JAVA_INT_UNALIGNED, ints, ints.length);
            case float[] floats -> packed(4, ValueLayout.JAVA_FLOAT_UNALIGNED, floats, floats.length);
            case long[] longs -> packed(8, ValueLayout.JAVA_LONG_UNALIGNED, longs, longs.length);
            case double[] doubles -> packed(8, ValueLayout.JAVA_DOUBLE_UNALIGNED, doubles, doubles.length);
            default -> throw new IllegalArgumentException("not an array of primitives: " + array.getClass());
        };
    }

    private static Node.Packed packed(int width, ValueLayout layout, Object array, int length) {
        byte[] bytes = new byte[Math.multiplyExact(width, length)];
        MemorySegment.copy(array, 0, MemorySegment.ofArray(bytes), layout.withOrder(LE), 0, length);
        return new Node.Packed(width, bytes);
    }

    private static byte[] bytes(boolean[] flags) {
        byte[] bytes = new byte[flags.length];
        for (int i = 0; i < flags.length; i++) {
            bytes[i] = (byte) (flags[i] ? 1 : 0);
        }
        return bytes;
    }

    static Object decode(Node.Packed packed, Type type, String path) throws SnapshotException {
        int n = packed.bytes().length / packed.width();
        if (type == byte[].class && packed.width() == 1) {
            return packed.bytes().clone();
        } else if (type == boolean[].class && packed.width() == 1) {
            return flags(packed.bytes());
        } else if (type == short[].class && packed.width() == 2) {
            return unpacked(packed, ValueLayout.JAVA_SHORT_UNALIGNED, new short[n], n);
        } else if (type == char[].class && packed.width() == 2) {
            return unpacked(packed, ValueLayout.JAVA_CHAR_UNALIGNED, new char[n], n);
        } else if (type == int[].class && packed.width() == 4) {
            return unpacked(packed, ValueLayout.JAVA_INT_UNALIGNED, new int[n], n);
        } else if (type == float[].class && packed.width() == 4) {
            return unpacked(packed, ValueLayout.JAVA_FLOAT_UNALIGNED, new float[n], n);
        } else if (type == long[].class && packed.width() == 8) {
            return unpacked(packed, ValueLayout.JAVA_LONG_UNALIGNED, new long[n], n);
        } else if (type == double[].class && packed.width() == 8) {
            return unpacked(packed, ValueLayout.JAVA_DOUBLE_UNALIGNED, new double[n], n);
        }
        throw new SnapshotException(path + " is an array of other elements than " + type.getTypeName());
    }

    private static Object unpacked(Node.Packed packed, ValueLayout layout, Object array, int length) {
        MemorySegment.copy(MemorySegment.ofArray(packed.bytes()), layout.withOrder(LE), 0, array, 0, length);
        return array;
    }

    private static boolean[] flags(byte[] bytes) {
        boolean[] flags = new boolean[bytes.length];
        MemorySegment from = MemorySegment.ofArray(bytes);
        for (int i = 0; i < flags.length; i++) {
            flags[i] = from.get(JAVA_BYTE, i) != 0;
        }
        return flags;
    }
}
