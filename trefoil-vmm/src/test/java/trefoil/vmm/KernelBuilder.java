package trefoil.vmm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** A tiny kernel: octets of code and data at {@link #BASE}, as an ELF file with the note that PVH asks for. It begins in 32-bit protected mode without paging, flat, at its first octet. */
final class KernelBuilder {
    /** Where the code is, and begins. */
    static final int BASE = 0x10_0000;
    /** Where the code lies in the file. */
    static final int CODE_OFFSET = 0x100;

    private static final int NOTE_OFFSET = 0xC0;
    private static final int NOTE_LENGTH = 20;
    private static final int MEMORY = 1 << 16;

    private final ByteArrayOutputStream code = new ByteArrayOutputStream();

    /** Adds code, in hexadecimal; spaces are for people. */
    KernelBuilder code(String hexadecimal) {
        code.writeBytes(HexFormat.of().parseHex(hexadecimal.replace(" ", "")));
        return this;
    }

    /** Adds a number of that many octets, little-endian. */
    KernelBuilder number(long value, int octets) {
        for (int n = 0; n < octets; n++) {
            code.write((int) (value >>> 8 * n));
        }
        return this;
    }

    /** Fills with zeros up to an address. */
    KernelBuilder upTo(int address) {
        if (address < here()) {
            throw new IllegalArgumentException("the code is there already: 0x" + Integer.toHexString(here()));
        }
        code.writeBytes(new byte[address - here()]);
        return this;
    }

    /** Address of what is added next. */
    int here() {
        return BASE + code.size();
    }

    // ---- single instructions of 32-bit mode ----

    /** MOV EDX, port; MOV EAX, value; OUT DX, AL, AX or EAX. */
    KernelBuilder out(int port, int size, long value) {
        code("BA").number(port, 4).code("B8").number(value, 4);
        return code(size == 1 ? "EE" : size == 2 ? "66EF" : "EF");
    }

    /** MOV DWORD [address], value. */
    KernelBuilder store(long address, long value) {
        return code("C705").number(address, 4).number(value, 4);
    }

    /** One character to the serial line. */
    KernelBuilder print(char character) {
        return out(0x3F8, 1, character);
    }

    /** Writes the soft-off state into PM1a_CNT: SLP_TYP of S5 and SLP_EN (ACPI 6.5, 4.8.3.2.1). */
    KernelBuilder powerOff() {
        return out(0x604, 2, 7 << 10 | 1 << 13);
    }

    /** The file. */
    byte[] elf() {
        byte[] octets = code.toByteArray();
        ByteBuffer file = ByteBuffer.allocate(CODE_OFFSET + octets.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1}).putShort(16, (short) 2).putShort(18, (short) 62).putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
        file.putInt(64, 1).putLong(64 + 8, CODE_OFFSET).putLong(64 + 24, BASE).putLong(64 + 32, octets.length).putLong(64 + 40, Math.max(MEMORY, octets.length));
        file.putInt(120, 4).putLong(120 + 8, NOTE_OFFSET).putLong(120 + 32, NOTE_LENGTH);
        file.putInt(NOTE_OFFSET, 4).putInt(NOTE_OFFSET + 4, 4).putInt(NOTE_OFFSET + 8, 18).putInt(NOTE_OFFSET + 12, 0x006E_6558).putInt(NOTE_OFFSET + 16, BASE);
        return file.put(CODE_OFFSET, octets).array();
    }

    /** Writes the file. */
    Path write(Path directory, String name) throws IOException {
        return Files.write(directory.resolve(name), elf());
    }
}
