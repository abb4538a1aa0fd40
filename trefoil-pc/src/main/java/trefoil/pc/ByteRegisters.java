package trefoil.pc;

import trefoil.machine.PortIo;

/** A chip on the 8-bit bus: an access of 2 or 4 bytes reaches it as several of one byte, the lowest port first. */
public interface ByteRegisters extends PortIo {
    /** Reads one register, 0 to 255. */
    int read(int offset);

    /** Writes one register; {@code value} is 0 to 255. */
    void write(int offset, int value);

    @Override
    default int read(int offset, int size) {
        int value = 0;
        for (int i = 0; i < size; i++) {
            value |= read(offset + i) << 8 * i;
        }
        return value;
    }

    @Override
    default void write(int offset, int size, int value) {
        for (int i = 0; i < size; i++) {
            write(offset + i, value >>> 8 * i & 0xFF);
        }
    }
}
