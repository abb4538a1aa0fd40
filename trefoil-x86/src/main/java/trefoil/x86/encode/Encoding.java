package trefoil.x86.encode;

import java.io.ByteArrayOutputStream;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.isa.OpcodeMap;
import trefoil.x86.isa.Row;

/** The fields of one instruction (Intel SDM Vol. 2, figures 2-1 and 2-8), to be set one by one and written as octets. */
public final class Encoding {
    private static final int[] ESCAPES = {0, 0x0F, 0x0F38, 0x0F3A};

    private final Row row;
    private final CodeSize size;
    /** Prefixes other than REX and VEX, in order. */
    private final ByteArrayOutputStream prefixes = new ByteArrayOutputStream();

    private int opcode;
    /** Bits W R X B as REX has them; VEX stores R, X, B inverted. */
    private int wrxb;

    private boolean rex;
    private int vvvv;
    private boolean longVector;
    private int vexPrefix;
    private boolean shortVex;
    private int modrm = -1;
    private int sib;
    private byte[] displacement = {};
    private byte[] immediate = {};

    /** An encoding of {@code row} without prefixes, ModRM and immediate. */
    public Encoding(Row row, CodeSize size) {
        this.row = row;
        this.size = size;
        this.opcode = row.opcode();
    }

    /** The row. */
    public Row row() {
        return row;
    }

    /** The code's default size. */
    public CodeSize size() {
        return size;
    }

    /** Adds a prefix behind those that are there. */
    public Encoding prefix(int octet) {
        prefixes.write(octet);
        return this;
    }

    /** Sets the low bits of an opcode that name a register. */
    public Encoding opcodeRegister(int number) {
        opcode = row.opcode() & ~7 | number & 7;
        wrxb = wrxb & ~1 | number >> 3 & 1;
        return this;
    }

    /** Sets W R X B; {@code present} asks for a REX prefix even if all are 0. */
    public Encoding rex(int bits, boolean present) {
        wrxb = bits & 15;
        rex = present || bits != 0;
        return this;
    }

    /** Sets the fields that only VEX has; the short form is taken where it can be. */
    public Encoding vex(int register, boolean l, int prefix, boolean preferShort) {
        vvvv = register;
        longVector = l;
        vexPrefix = prefix;
        shortVex = preferShort;
        return this;
    }

    /** Sets ModRM. */
    public Encoding modrm(int octet) {
        modrm = octet;
        return this;
    }

    /** ModRM, or -1. */
    public int modrm() {
        return modrm;
    }

    /** W R X B. */
    public int wrxb() {
        return wrxb;
    }

    /** Sets SIB, which is written when ModRM asks for it. */
    public Encoding sib(int octet) {
        sib = octet;
        return this;
    }

    /** SIB. */
    public int sib() {
        return sib;
    }

    /** Sets the displacement; its length must be what ModRM and SIB ask for. */
    public Encoding displacement(byte... octets) {
        displacement = octets.clone();
        return this;
    }

    /** Sets what stands at the end. */
    public Encoding immediate(byte... octets) {
        immediate = octets.clone();
        return this;
    }

    /** Whether an address of {@code addressSize} has a SIB octet. */
    public boolean hasSib(int addressSize) {
        return modrm >= 0 && modrm < 0xC0 && addressSize != 2 && (modrm & 7) == 4 && !row.ignoresMod();
    }

    /** How many octets of displacement ModRM and SIB ask for. */
    public int displacementSize(int addressSize) {
        if (modrm < 0 || modrm >= 0xC0 || row.ignoresMod()) {
            return 0;
        }
        int mod = modrm >> 6;
        if (addressSize == 2) {
            return mod == 0 ? (modrm & 7) == 6 ? 2 : 0 : mod;
        }
        int base = hasSib(addressSize) ? sib & 7 : modrm & 7;
        return mod == 0 ? base == 5 ? 4 : 0 : mod == 1 ? 1 : 4;
    }

    /** The octets. */
    public byte[] octets(int addressSize) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(prefixes.toByteArray());
        if (row.vex()) {
            writeVex(out);
        } else {
            writeEscapes(out);
        }
        out.write(opcode);
        if (modrm >= 0) {
            out.write(modrm);
        }
        if (hasSib(addressSize)) {
            out.write(sib);
        }
        out.writeBytes(displacement);
        out.writeBytes(immediate);
        return out.toByteArray();
    }

    private void writeEscapes(ByteArrayOutputStream out) {
        if (size == CodeSize.BITS64 && (rex || wrxb != 0)) {
            out.write(0x40 | wrxb);
        }
        int escape = ESCAPES[row.map().ordinal()];
        if (escape > 0xff) {
            out.write(escape >> 8);
        }
        if (escape != 0) {
            out.write(escape & 0xff);
        }
    }

    private void writeVex(ByteArrayOutputStream out) {
        int last = ~vvvv << 3 & 0x78 | (longVector ? 4 : 0) | vexPrefix;
        int inverted = ~wrxb;
        if (shortVex && row.map() == OpcodeMap.VEX1 && (wrxb & 0b1011) == 0) {
            out.write(0xC5);
            out.write(inverted << 5 & 0x80 | last);
            return;
        }
        out.write(0xC4);
        out.write(inverted << 5 & 0xE0 | row.map().ordinal() - OpcodeMap.VEX1.ordinal() + 1);
        out.write((wrxb & 8) << 4 | last);
    }
}
