package trefoil.x86.decode;

import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;

/** A decoded instruction. It is filled again by each decoding, so that none allocates; fields are plain ints for the same reason. */
public final class Instruction {
    /** No register, no segment. */
    public static final int NONE = -1;
    /** {@link #base()} of rip-relative addresses: the displacement counts from the next instruction. */
    public static final int RIP = 16;

    int row;
    int length;
    int opcode;
    int operandSize;
    int addressSize;
    int segment;
    int repeat;
    boolean lock;
    boolean operandSizePrefix;
    int rex;
    boolean w;
    int vvvv;
    int vectorLength;
    int modrm;
    int reg;
    int rm;
    int base;
    int index;
    int scale;
    int displacement;
    int displacementSize;
    long immediate;
    int second;

    /** Index of the row. */
    public int rowIndex() {
        return row;
    }

    /** The row. */
    public Row row() {
        return InstructionTable.row(row);
    }

    /** What is done. */
    public Operation operation() {
        return row().operation();
    }

    /** Octets of the whole instruction. */
    public int length() {
        return length;
    }

    /** The last octet of the opcode: its low bits may name register or condition. */
    public int opcode() {
        return opcode;
    }

    /** Operand size in octets: 2, 4 or 8. Operands of type b do not care. */
    public int operandSize() {
        return operandSize;
    }

    /** Address size in octets: 2, 4 or 8. */
    public int addressSize() {
        return addressSize;
    }

    /** Number of the overriding segment register (ES CS SS DS FS GS), or {@link #NONE}. In 64-bit code only FS and GS override. */
    public int segment() {
        return segment;
    }

    /** The last repeat prefix: 0xF3, 0xF2 or 0. Where it is a mandatory prefix it repeats nothing. */
    public int repeat() {
        return repeat;
    }

    /** Whether LOCK stands before it; the decoder has checked that it may. */
    public boolean lock() {
        return lock;
    }

    /** Whether the prefix 66 stands before it. */
    public boolean operandSizePrefix() {
        return operandSizePrefix;
    }

    /** The prefix REX, 0x40 to 0x4F, or 0. With it, byte registers 4 to 7 are SPL, BPL, SIL, DIL. For VEX the bits R, X, B as REX has them. */
    public int rex() {
        return rex;
    }

    /** REX.W or VEX.W. */
    public boolean w() {
        return w;
    }

    /** The register of VEX.vvvv. */
    public int vvvv() {
        return vvvv;
    }

    /** 16, or 32 with VEX.L. */
    public int vectorLength() {
        return vectorLength;
    }

    /** ModRM, or 0. */
    public int modrm() {
        return modrm;
    }

    /** Whether ModRM.rm is a register (or there is no ModRM). */
    public boolean registerForm() {
        return modrm >= 0xC0;
    }

    /** The register of ModRM.reg, with REX.R where it counts. */
    public int reg() {
        return reg;
    }

    /** The register of ModRM.rm in the register form, or of the opcode's low bits, with REX.B where it counts; {@link #NONE} if ModRM.rm is memory. */
    public int rm() {
        return rm;
    }

    /** Base register of the memory operand, {@link #RIP} or {@link #NONE}. */
    public int base() {
        return base;
    }

    /** Index register of the memory operand (a vector register for VSIB), or {@link #NONE}. */
    public int index() {
        return index;
    }

    /** Binary logarithm of the scale: 0 to 3. */
    public int scale() {
        return scale;
    }

    /** Displacement of the memory operand, extended by its sign. */
    public int displacement() {
        return displacement;
    }

    /** Octets of the displacement: 0, 1, 2 or 4. */
    public int displacementSize() {
        return displacementSize;
    }

    /** Immediate, relative offset, offset of a far pointer, or address of a moffs operand; extended as its row says. */
    public long immediate() {
        return immediate;
    }

    /** Second immediate: nesting level of ENTER, selector of a far pointer. */
    public int secondImmediate() {
        return second;
    }

    /** Where a relative jump at {@code ip} leads, cut to the operand size (Vol. 2, JMP). */
    public long target(long ip) {
        long to = ip + length + immediate;
        return operandSize == 8 ? to : operandSize == 4 ? to & 0xffffffffL : to & 0xffff;
    }
}
