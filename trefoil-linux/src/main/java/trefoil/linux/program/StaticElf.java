package trefoil.linux.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A program file: ELF-64, ET_EXEC, no interpreter, no sections (System V gABI, chapters 4 and 5; AMD64 supplement).
 * Two loaded segments, one readable and executable with the interpreter, one readable and writable with the table, and
 * PT_GNU_STACK without execution: no memory is ever writable and executable.
 */
public final class StaticElf {
    private static final long CODE = 0x40_0000;
    private static final long TABLE = 0x50_0000;
    private static final int PAGE = 4096;
    private static final int HEADER = 64;
    private static final int PROGRAM_HEADER = 56;
    private static final int SEGMENTS = 3;
    private static final int PT_LOAD = 1;
    private static final int PT_GNU_STACK = 0x6474_E551;
    private static final int X = 1;
    private static final int W = 2;
    private static final int R = 4;

    private StaticElf() {}

    /** The address to lay a program out for. */
    public static long base() {
        return TABLE;
    }

    /**
     * The file of a program.
     *
     * @param image laid out at {@link #base}
     */
    public static byte[] of(ProgramImage image) {
        if (image.base() != TABLE) {
            throw new IllegalArgumentException("laid out for " + Long.toHexString(image.base()));
        }
        byte[] code = Interpreter.entry(TABLE);
        int codeAt = HEADER + SEGMENTS * PROGRAM_HEADER;
        ByteBuffer file = ByteBuffer.allocate(PAGE + image.size()).order(ByteOrder.LITTLE_ENDIAN);
        header(file, CODE + codeAt);
        segment(file, PT_LOAD, R | X, 0, CODE, codeAt + code.length);
        segment(file, PT_LOAD, R | W, PAGE, TABLE, image.size());
        segment(file, PT_GNU_STACK, R | W, 0, 0, 0);
        file.put(code);
        file.put(PAGE, image.bytes());
        return file.array();
    }

    private static void header(ByteBuffer file, long entry) {
        file.put(new byte[] {0x7F, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* LSB */, 1 /* version */, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        file.putShort((short) 2); // e_type ET_EXEC
        file.putShort((short) 62); // e_machine EM_X86_64
        file.putInt(1); // e_version
        file.putLong(entry);
        file.putLong(HEADER); // e_phoff
        file.putLong(0); // e_shoff
        file.putInt(0); // e_flags
        file.putShort((short) HEADER);
        file.putShort((short) PROGRAM_HEADER);
        file.putShort((short) SEGMENTS);
        file.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    }

    private static void segment(ByteBuffer file, int type, int flags, long offset, long address, long size) {
        file.putInt(type).putInt(flags).putLong(offset).putLong(address).putLong(address);
        file.putLong(size).putLong(size).putLong(type == PT_LOAD ? PAGE : 16);
    }
}
