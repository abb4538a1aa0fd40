package trefoil.x86.encode;

import java.util.random.RandomGenerator;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.EncodingKey;
import trefoil.x86.isa.Mark;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;

/** Makes random encodings of a row: registers, addressing forms, sizes, prefixes that the row allows. The same seed gives the same encodings. */
public final class EncodingSampler {
    private static final int[] SEGMENTS = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
    private static final int[] CONTROL_REGISTERS = {0, 2, 3, 4, 8};

    private final RandomGenerator random;

    /** Takes every choice from {@code random}. */
    public EncodingSampler(RandomGenerator random) {
        this.random = random;
    }

    /** Octets of a random encoding of {@code row}, which must exist in such code. */
    public byte[] sample(Row row, CodeSize size) {
        boolean vsib = row.uses(Addressing.T);
        boolean narrow = random.nextInt(8) == 0 && !(vsib && size != CodeSize.BITS64);
        int addressSize = size == CodeSize.BITS32 ? narrow ? 2 : 4 : size == CodeSize.BITS16 ? narrow || vsib ? 4 : 2 : narrow ? 4 : 8;
        Encoding encoding = new Encoding(row, size);
        boolean registerForm = modrm(encoding);
        int operandSize = prefixes(encoding, addressSize, registerForm);
        registers(encoding);
        encoding.displacement(octets(encoding.displacementSize(addressSize)));
        encoding.immediate(octets(immediateSize(row, operandSize, addressSize)));
        return encoding.octets(addressSize);
    }

    /** ModRM and SIB by the row's key; answers whether ModRM.rm is a register. */
    private boolean modrm(Encoding encoding) {
        Row row = encoding.row();
        if (!row.hasModrm()) {
            return true;
        }
        int fixed = row.keyMask();
        int octet = random.nextInt(256) & ~fixed | row.keyValue() & fixed & (EncodingKey.REG | EncodingKey.RM);
        if ((fixed & EncodingKey.REGISTER_FORM) != 0) {
            boolean register = (row.keyValue() & EncodingKey.REGISTER_FORM) != 0;
            octet = octet & 0x3F | (register ? 3 : random.nextInt(3)) << 6;
        } else if (row.ignoresMod()) {
            octet |= 0xC0;
        } else {
            octet = octet & 0x3F | random.nextInt(4) << 6;
        }
        if (row.uses(Addressing.T)) {
            octet = octet & 0xC0 | random.nextInt(8) << 3 | 4;
        }
        encoding.modrm(octet).sib(random.nextInt(256));
        return octet >= 0xC0;
    }

    /** Prefixes; answers the operand size. */
    private int prefixes(Encoding encoding, int addressSize, boolean registerForm) {
        Row row = encoding.row();
        CodeSize size = encoding.size();
        if (addressSize != size.addressSize()) {
            encoding.prefix(0x67);
        }
        if (random.nextInt(8) == 0 && !registerForm) {
            encoding.prefix(SEGMENTS[random.nextInt(size == CodeSize.BITS64 ? 4 : 0, 6)]);
        }
        if (row.lockable() && !registerForm && random.nextBoolean()) {
            encoding.prefix(0xF0);
        }
        boolean wide = wide(row);
        if (row.vex()) {
            vexFields(encoding, wide);
            return size == CodeSize.BITS64 && wide ? 8 : 4;
        }
        boolean sixteen = mandatory(encoding);
        boolean operandSize16 = (size == CodeSize.BITS16) != sixteen;
        if (size == CodeSize.BITS64) {
            encoding.rex((wide ? 8 : 0) | random.nextInt(8) & ~(fixedB(row) ? 1 : 0) | bValue(row), random.nextBoolean());
            return wide || row.is(Mark.F64) ? 8 : sixteen ? 2 : row.is(Mark.D64) ? 8 : 4;
        }
        return operandSize16 ? 2 : 4;
    }

    private boolean wide(Row row) {
        return (row.keyMask() & EncodingKey.W) != 0 ? (row.keyValue() & EncodingKey.W) != 0 : random.nextInt(3) == 0;
    }

    private static boolean fixedB(Row row) {
        return (row.keyMask() & EncodingKey.B) != 0;
    }

    private static int bValue(Row row) {
        return (row.keyValue() & EncodingKey.B) != 0 ? 1 : 0;
    }

    /** Writes the mandatory prefix, or sometimes 66 as operand-size prefix; answers whether 66 is there. */
    private boolean mandatory(Encoding encoding) {
        int allowed = encoding.row().prefixes();
        if ((allowed & 1) == 0) {
            int prefix = Integer.numberOfTrailingZeros(allowed);
            boolean sixteen = prefix == 1 || takesOperandSize(encoding.row()) && random.nextInt(4) == 0;
            if (sixteen) {
                encoding.prefix(0x66);
            }
            if (prefix > 1) {
                encoding.prefix(prefix == 2 ? 0xF3 : 0xF2);
            }
            return sixteen;
        }
        boolean sixteen = (allowed & 2) != 0 && random.nextInt(4) == 0;
        if (sixteen) {
            encoding.prefix(0x66);
        }
        return sixteen;
    }

    private static boolean takesOperandSize(Row row) {
        return switch (row.operation()) {
            case POPCNT, LZCNT, TZCNT, CRC32 -> true;
            default -> false;
        };
    }

    private void vexFields(Encoding encoding, boolean wide) {
        Row row = encoding.row();
        boolean uses = row.uses(Addressing.H) || row.uses(Addressing.B);
        int vvvv = uses ? random.nextInt(encoding.size() == CodeSize.BITS64 ? 16 : 8) : 0;
        boolean l = (row.keyMask() & EncodingKey.L) != 0 ? (row.keyValue() & EncodingKey.L) != 0 : random.nextBoolean();
        encoding.rex((wide ? 8 : 0) | (encoding.size() == CodeSize.BITS64 ? random.nextInt(8) : 0), false);
        encoding.vex(vvvv, l, Integer.numberOfTrailingZeros(row.prefixes()), random.nextBoolean());
        if (row.uses(Addressing.T)) {
            distinct(encoding, l);
        }
    }

    /** VSIB wants three different registers. */
    private void distinct(Encoding encoding, boolean l) {
        int first = random.nextInt(8);
        encoding.modrm(encoding.modrm() & 0xC0 | first << 3 | 4);
        encoding.sib(encoding.sib() & 0xC7 | (first + 1 & 7) << 3);
        encoding.vex(first + 2 & 7, l, 1, false);
        encoding.rex(encoding.wrxb() & 0b1001, false);
    }

    private void registers(Encoding encoding) {
        Row row = encoding.row();
        boolean longMode = encoding.size() == CodeSize.BITS64;
        if (row.uses(Addressing.Z)) {
            int lowest = row.opcode() & 7;
            encoding.opcodeRegister(random.nextInt(lowest, lowest + row.span()) | (bValue(row) | (fixedB(row) ? 0 : encoding.wrxb() & 1)) << 3);
        }
        if (row.uses(Addressing.C)) {
            int number = CONTROL_REGISTERS[random.nextInt(longMode ? 5 : 4)];
            encoding.modrm(encoding.modrm() & 0xC7 | (number & 7) << 3).rex(encoding.wrxb() & ~4 | number >> 1 & 4, false);
        } else if (row.uses(Addressing.D)) {
            encoding.rex(encoding.wrxb() & ~4, false);
        } else if (row.operation() == Operation.MOVSR) {
            int number = row.operands().getFirst().addressing() == Addressing.S ? new int[] {0, 2, 3, 4, 5}[random.nextInt(5)] : random.nextInt(6);
            encoding.modrm(encoding.modrm() & 0xC7 | number << 3);
        }
    }

    /** Octets after the displacement. */
    private static int immediateSize(Row row, int operandSize, int addressSize) {
        return switch (row.immediate()) {
            case NONE -> 0;
            case IB, SIGNED_IB, JB -> 1;
            case IW -> 2;
            case IW_IB -> 3;
            case IZ -> operandSize == 2 ? 2 : 4;
            case JZ -> operandSize == 2 ? 2 : 4;
            case IV -> operandSize;
            case AP -> operandSize + 2;
            case O -> addressSize;
        };
    }

    private byte[] octets(int count) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        return octets;
    }
}
