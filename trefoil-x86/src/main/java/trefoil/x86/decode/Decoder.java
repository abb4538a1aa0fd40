package trefoil.x86.decode;

import static trefoil.x86.isa.ImmediateForm.*;

import trefoil.x86.isa.EncodingKey;
import trefoil.x86.isa.ImmediateForm;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.InstructionTable.Lookup;
import trefoil.x86.isa.OpcodeMap;

/**
 * Decodes one instruction at a time (Intel SDM Vol. 2, chapter 2). Not for several threads: it keeps a cursor.
 *
 * <p>Prefixes as processors take them: any order, any number within 15 octets; the last segment override and the last of F2 and F3 count; REX counts only right before
 * the opcode; F2 and F3 go before 66 as mandatory prefix (Vol. 2, 2.1.1, 2.2.1, appendix A.2.4). Near branches ignore 66 in 64-bit code.
 */
public final class Decoder {
    private static final int LONGEST = 15;

    // Kinds of prefixes; overrides of ES CS SS DS FS GS are SEGMENT + 0 ... 5.
    private static final int OPERAND_SIZE = 1;
    private static final int ADDRESS_SIZE = 2;
    private static final int LOCK = 3;
    private static final int REPEAT = 4;
    private static final int REX = 5;
    private static final int SEGMENT = 6;
    private static final byte[] PREFIXES = prefixes();

    private static final int[] BASE16 = {3, 3, 5, 5, 6, 7, 5, 3};
    private static final int[] INDEX16 = {6, 7, 6, 7, -1, -1, -1, -1};

    private byte[] code;
    private int at;
    private int end;
    private boolean missing;
    private CodeSize size;
    private Instruction to;

    private static byte[] prefixes() {
        byte[] kinds = new byte[256];
        kinds[0x66] = OPERAND_SIZE;
        kinds[0x67] = ADDRESS_SIZE;
        kinds[0xF0] = LOCK;
        kinds[0xF2] = REPEAT;
        kinds[0xF3] = REPEAT;
        for (int i = 0x40; i < 0x50; i++) {
            kinds[i] = REX;
        }
        int[] overrides = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
        for (int i = 0; i < overrides.length; i++) {
            kinds[overrides[i]] = (byte) (SEGMENT + i);
        }
        return kinds;
    }

    /**
     * Decodes what begins at {@code offset}.
     *
     * @param limit where the octets that may be read end
     * @param into filled if the outcome is {@link Outcome#DECODED}; else of no meaning
     */
    public Outcome decode(CodeSize codeSize, byte[] octets, int offset, int limit, Instruction into) {
        code = octets;
        at = offset;
        end = Math.min(limit, offset + LONGEST);
        missing = false;
        size = codeSize;
        to = into;
        Outcome outcome = decode();
        if (outcome == Outcome.TRUNCATED) {
            return at - offset >= LONGEST ? Outcome.TOO_LONG : Outcome.TRUNCATED;
        }
        into.length = at - offset;
        return outcome;
    }

    private Outcome decode() {
        boolean longMode = size == CodeSize.BITS64;
        int octet = prefixes(longMode);
        int map = 0;
        if (octet == 0x0F) {
            octet = next();
            map = octet == 0x38 ? 2 : octet == 0x3A ? 3 : 1;
            octet = map > 1 ? next() : octet;
        } else if ((octet & 0xFE) == 0xC4 && (longMode || at < end && (code[at] & 0xC0) == 0xC0)) {
            return vex(octet, longMode);
        } else if ((octet & 0xFE) == 0xC4 && at >= end) {
            missing = true;
        }
        if (missing) {
            return Outcome.TRUNCATED;
        }
        to.opcode = octet;
        to.vectorLength = 16;
        to.vvvv = 0;
        to.w = (to.rex & 8) != 0;
        int prefix = to.repeat == 0xF3 ? 2 : to.repeat == 0xF2 ? 3 : to.operandSizePrefix ? 1 : 0;
        return select(map, prefix << EncodingKey.PREFIX_SHIFT | (to.rex & 8) << 6 | (to.rex & 1) << 11, longMode);
    }

    /** Reads prefixes; answers the octet after them. */
    private int prefixes(boolean longMode) {
        Instruction i = to;
        i.segment = Instruction.NONE;
        i.repeat = 0;
        i.lock = false;
        i.operandSizePrefix = false;
        i.rex = 0;
        i.addressSize = size.addressSize();
        while (true) {
            int octet = next();
            int kind = PREFIXES[octet];
            if (kind == 0 || kind == REX && !longMode) {
                return octet;
            }
            i.rex = kind == REX ? octet : 0;
            if (kind != REX) {
                prefix(kind, octet, longMode);
            }
        }
    }

    private void prefix(int kind, int octet, boolean longMode) {
        switch (kind) {
            case OPERAND_SIZE -> to.operandSizePrefix = true;
            case ADDRESS_SIZE -> to.addressSize = size == CodeSize.BITS32 ? 2 : 4;
            case LOCK -> to.lock = true;
            case REPEAT -> to.repeat = octet;
            default -> to.segment = longMode && kind < SEGMENT + 4 ? to.segment : kind - SEGMENT;
        }
    }

    /** VEX (Vol. 2, 2.3.5 and 2.3.6). */
    private Outcome vex(int escape, boolean longMode) {
        if (to.rex != 0 || to.operandSizePrefix || to.repeat != 0 || to.lock) {
            return Outcome.UNDEFINED;
        }
        int first = next();
        int second = escape == 0xC4 ? next() : first & 0x7F;
        int map = escape == 0xC4 ? first & 31 : 1;
        int octet = next();
        if (missing) {
            return Outcome.TRUNCATED;
        }
        if (map == 0 || map > 3) {
            return Outcome.UNDEFINED;
        }
        int rxb = (escape == 0xC4 ? ~first >> 5 & 7 : ~first >> 5 & 4);
        to.rex = longMode ? rxb : 0;
        to.w = (second & 0x80) != 0;
        to.vvvv = ~second >> 3 & 15;
        to.vectorLength = (second & 4) != 0 ? 32 : 16;
        to.opcode = octet;
        int prefix = second & 3;
        return select(map - 1 + OpcodeMap.VEX1.ordinal(), prefix << EncodingKey.PREFIX_SHIFT | (second & 0x80) << 2 | (second & 4) << 8, longMode);
    }

    /** Finds the row, then reads what it has. */
    private Outcome select(int map, int key, boolean longMode) {
        Lookup lookup = InstructionTable.lookup(longMode);
        int slot = lookup.slot(map, to.opcode);
        if (slot < 0) {
            return Outcome.UNDEFINED;
        }
        boolean hasModrm = Lookup.hasModrm(slot);
        int modrm = hasModrm ? next() : 0;
        if (missing) {
            return Outcome.TRUNCATED;
        }
        int row = lookup.row(slot, hasModrm ? key | modrm & 63 | (modrm >= 0xC0 ? EncodingKey.REGISTER_FORM : 0) : key);
        if (row < 0) {
            return Outcome.UNDEFINED;
        }
        int traits = RowTraits.bits(row);
        to.row = row;
        to.modrm = modrm;
        to.operandSize = operandSize(traits, longMode);
        if (to.lock && ((traits & RowTraits.LOCK) == 0 || modrm >= 0xC0) || to.vvvv != 0 && (traits & RowTraits.VVVV) == 0) {
            return Outcome.UNDEFINED;
        }
        to.vvvv &= longMode ? 15 : 7;
        if (hasModrm) {
            modrm(modrm, traits);
        } else {
            withoutModrm();
            to.rm = (traits & RowTraits.OPCODE_REGISTER) != 0 ? to.opcode & 7 | (to.rex & 1) << 3 : 0;
        }
        if ((traits & RowTraits.CHECKED) != 0 && !missing && isRefused(traits)) {
            return Outcome.UNDEFINED;
        }
        to.immediate = 0;
        if ((traits & RowTraits.IMMEDIATE) != 0) {
            immediate(RowTraits.form(traits));
        }
        return missing ? Outcome.TRUNCATED : Outcome.DECODED;
    }

    private void withoutModrm() {
        to.reg = 0;
        to.base = Instruction.NONE;
        to.index = Instruction.NONE;
        to.scale = 0;
        to.displacement = 0;
        to.displacementSize = 0;
    }

    private int operandSize(int traits, boolean longMode) {
        if (!longMode) {
            return (size == CodeSize.BITS16) == to.operandSizePrefix ? 4 : 2;
        }
        if (to.w || (traits & RowTraits.F64) != 0) {
            return 8;
        }
        return to.operandSizePrefix ? 2 : (traits & RowTraits.D64) != 0 ? 8 : 4;
    }

    private void modrm(int modrm, int traits) {
        Instruction i = to;
        i.reg = modrm >> 3 & 7 | ((traits & RowTraits.REG_OF_EIGHT) == 0 ? (i.rex & 4) << 1 : 0);
        i.base = Instruction.NONE;
        i.index = Instruction.NONE;
        i.scale = 0;
        i.displacement = 0;
        i.displacementSize = 0;
        i.rm = Instruction.NONE;
        if (modrm >= 0xC0 || (traits & RowTraits.IGNORES_MOD) != 0) {
            i.modrm |= 0xC0;
            i.rm = modrm & 7 | ((traits & RowTraits.RM_OF_EIGHT) == 0 ? (i.rex & 1) << 3 : 0);
        } else if (i.addressSize == 2) {
            memory16(modrm >> 6, modrm & 7);
        } else {
            memory(modrm >> 6, modrm & 7, (traits & RowTraits.VSIB) != 0);
        }
    }

    /** Table 2-1. */
    private void memory16(int mod, int rm) {
        boolean direct = mod == 0 && rm == 6;
        to.base = direct ? Instruction.NONE : BASE16[rm];
        to.index = INDEX16[rm];
        displacement(direct ? 2 : mod);
    }

    /** Tables 2-2 and 2-3, and 2.2.1.6 for rip-relative addresses. */
    private void memory(int mod, int rm, boolean vsib) {
        Instruction i = to;
        int base = rm | (i.rex & 1) << 3;
        if (rm == 4) {
            int sib = next();
            int index = sib >> 3 & 7 | (i.rex & 2) << 2;
            i.index = index == 4 && !vsib ? Instruction.NONE : index;
            i.scale = sib >> 6;
            base = sib & 7 | (i.rex & 1) << 3;
        }
        if (mod == 0 && (base & 7) == 5) {
            i.base = rm == 4 || size != CodeSize.BITS64 ? Instruction.NONE : Instruction.RIP;
            displacement(4);
        } else {
            i.base = base;
            displacement(mod == 2 ? 4 : mod);
        }
    }

    private void displacement(int octets) {
        to.displacementSize = octets;
        to.displacement = switch (octets) {
            case 0 -> 0;
            case 1 -> (byte) next();
            case 2 -> (short) word();
            default -> doubleword();
        };
    }

    /** Registers that do not exist (Vol. 2, MOV), and VSIB's own rules (2.3.12). */
    private boolean isRefused(int traits) {
        if ((traits & RowTraits.CONTROL_REGISTER) != 0) {
            return (0b1_0001_1101 >> to.reg & 1) == 0;
        }
        if ((traits & RowTraits.DEBUG_REGISTER) != 0) {
            return to.reg > 7;
        }
        if ((traits & RowTraits.VSIB) != 0) {
            return (to.modrm & 7) != 4 || to.addressSize == 2 || to.reg == to.index || to.reg == to.vvvv || to.index == to.vvvv;
        }
        return to.reg > 5 || to.reg == 1 && (traits & RowTraits.SEGMENT_WRITTEN) != 0;
    }

    private void immediate(ImmediateForm form) {
        Instruction i = to;
        if (form == JB || form == SIGNED_IB) {
            i.immediate = (byte) next();
        } else if (form == IB) {
            i.immediate = next();
        } else if (form == JZ || form == IZ) {
            i.immediate = i.operandSize == 2 ? (short) word() : doubleword();
        } else {
            rareImmediate(form);
        }
    }

    private void rareImmediate(ImmediateForm form) {
        switch (form) {
            case IW -> to.immediate = word();
            case IV -> to.immediate = to.operandSize == 2 ? (short) word() : to.operandSize == 4 ? doubleword() : quadword();
            case O -> to.immediate = to.addressSize == 2 ? word() : to.addressSize == 4 ? doubleword() & 0xffffffffL : quadword();
            case IW_IB -> {
                to.immediate = word();
                to.second = next();
            }
            case AP -> {
                to.immediate = to.operandSize == 2 ? word() : doubleword() & 0xffffffffL;
                to.second = word();
            }
            case NONE, IB, SIGNED_IB, IZ, JB, JZ -> throw new IllegalArgumentException(form.name());
        }
    }

    /** The next octet; 0 past the end, with {@link #missing} set. */
    private int next() {
        if (at < end) {
            return code[at++] & 0xff;
        }
        missing = true;
        return 0;
    }

    private int word() {
        int low = next();
        return low | next() << 8;
    }

    private int doubleword() {
        int low = word();
        return low | word() << 16;
    }

    private long quadword() {
        long low = doubleword() & 0xffffffffL;
        return low | (long) doubleword() << 32;
    }
}
