package trefoil.linux.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A block of bytes that a program's operations point into; 8-byte aligned. Not thread-safe. */
public final class Data {
    private record Pointer(int offset, Operand.InData to) {}

    private final String text;
    private final byte[] bytes;
    private final List<Pointer> pointers = new ArrayList<>();
    private int offset = -1;

    Data(String text, byte[] bytes) {
        this.text = text;
        this.bytes = bytes;
    }

    /** Its address. */
    public Operand.InData address() {
        return new Operand.InData(this, 0);
    }

    /** The address of one of its bytes. */
    public Operand.InData at(int byteOffset) {
        if (byteOffset < 0 || byteOffset > bytes.length) {
            throw new IllegalArgumentException(byteOffset + " is outside " + text);
        }
        return new Operand.InData(this, byteOffset);
    }

    /** Puts a 64-bit word. */
    public Data put(int byteOffset, long word) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(byteOffset, word);
        return this;
    }

    /** Puts the address of other data, known when the program is laid out. */
    public Data put(int byteOffset, Operand.InData pointer) {
        pointers.add(new Pointer(byteOffset, pointer));
        return this;
    }

    /** Its size in bytes. */
    public int size() {
        return bytes.length;
    }

    void place(int at) {
        offset = at;
    }

    int offset() {
        return offset;
    }

    void write(ByteBuffer image, long base) {
        image.put(offset, bytes);
        for (Pointer pointer : pointers) {
            image.putLong(offset + pointer.offset(), base + pointer.to().data().offset() + pointer.to().offset());
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
