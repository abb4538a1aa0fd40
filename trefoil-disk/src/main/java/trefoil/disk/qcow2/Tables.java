package trefoil.disk.qcow2;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import trefoil.disk.BlockFile;

/** Tables of big-endian numbers, from and to the file. */
final class Tables {
    private static final ValueLayout.OfLong BE = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Tables() {}

    static long[] readLongs(BlockFile file, long offset, int count) throws IOException {
        long[] table = new long[count];
        if (count > 0) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(8L * count);
                file.read(offset, List.of(buffer));
                MemorySegment.copy(buffer, BE, 0, table, 0, count);
            }
        }
        return table;
    }

    /** Writes entries {@code from} to {@code to} of a table that begins at {@code offset}. */
    static void writeLongs(BlockFile file, long offset, long[] table, int from, int to) throws IOException {
        if (from < to) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(8L * (to - from));
                MemorySegment.copy(table, from, buffer, BE, 0, to - from);
                file.write(offset + 8L * from, List.of(buffer));
            }
        }
    }

    static byte[] readBytes(BlockFile file, long offset, int count) throws IOException {
        byte[] bytes = new byte[count];
        if (count > 0) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(count);
                file.read(offset, List.of(buffer));
                MemorySegment.copy(buffer, JAVA_BYTE, 0, bytes, 0, count);
            }
        }
        return bytes;
    }

    static void writeBytes(BlockFile file, long offset, byte[] bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            file.write(offset, List.of(arena.allocateFrom(JAVA_BYTE, bytes)));
        }
    }
}
