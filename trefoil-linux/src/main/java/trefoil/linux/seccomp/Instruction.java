package trefoil.linux.seccomp;

import java.nio.ByteBuffer;

/**
 * {@code struct sock_filter} of linux/filter.h, one instruction of classic BPF: {@code u16 code; u8 jt, jf; u32 k}.
 * Jumps count instructions from the next one on.
 *
 * @param code what it does
 * @param whenTrue instructions to skip when the condition holds, 0–255
 * @param whenFalse instructions to skip when it does not, 0–255
 * @param k the constant
 */
record Instruction(int code, int whenTrue, int whenFalse, int k) {
    static final int SIZE = 8;
    static final int LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
    static final int JUMP = 0x05; // BPF_JMP | BPF_JA
    static final int EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    static final int AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K, unsigned
    static final int ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
    static final int RETURN = 0x06; // BPF_RET | BPF_K

    /** Offsets in {@code struct seccomp_data} (seccomp(2)). */
    static final int NUMBER = 0;

    static final int ARCHITECTURE = 4;

    Instruction {
        if ((whenTrue | whenFalse) >>> 8 != 0) {
            throw new IllegalArgumentException("a jump of more than 255 instructions");
        }
    }

    /** Offset of the low 32 bits of an argument. */
    static int lowHalf(int argument) {
        return 16 + 8 * argument;
    }

    static Instruction load(int offset) {
        return new Instruction(LOAD, 0, 0, offset);
    }

    static Instruction jump(int skip) {
        return new Instruction(JUMP, 0, 0, skip);
    }

    static Instruction answer(int action) {
        return new Instruction(RETURN, 0, 0, action);
    }

    void encode(ByteBuffer to) {
        to.putShort((short) code).put((byte) whenTrue).put((byte) whenFalse).putInt(k);
    }

    /** As in the assembler of bpf_asm. */
    @Override
    public String toString() {
        String constant = "#0x" + Integer.toHexString(k);
        return switch (code) {
            case LOAD -> "ld [" + k + "]";
            case JUMP -> "ja +" + k;
            case EQUAL -> "jeq " + constant + ", +" + whenTrue + ", +" + whenFalse;
            case AT_LEAST -> "jge " + constant + ", +" + whenTrue + ", +" + whenFalse;
            case ANY_BIT -> "jset " + constant + ", +" + whenTrue + ", +" + whenFalse;
            case RETURN -> "ret " + constant;
            default -> throw new IllegalStateException("no instruction of this assembler: " + code);
        };
    }
}
