package trefoil.x86.isa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All rows, and the tables by which a decoder finds one.
 *
 * <p>For each opcode of each map there is a slot: which bits of the {@link EncodingKey} select the row, and where its rows begin. The bits are pressed together
 * ({@link Integer#compress}) into the index. 16- and 32-bit code share one set of slots, 64-bit code has its own.
 */
public final class InstructionTable {
    /** No row: the encoding is undefined. */
    public static final int NONE = -1;

    private static final int OPCODES = OpcodeMap.values().length * 256;
    private static final int MODRM = 1 << EncodingKey.BITS;
    private static final int OFFSET_SHIFT = EncodingKey.BITS + 1;

    private static final Row[] ROWS = read();
    private static final Lookup LEGACY = new Lookup(false);
    private static final Lookup LONG = new Lookup(true);

    private InstructionTable() {}

    private static Row[] read() {
        Rows t = new Rows();
        OneByteTable.define(t);
        TwoByteTable.define(t);
        X87Table.define(t);
        SimdTable.define(t);
        ThreeByteTable.define(t);
        VexTable.define(t);
        return t.rows().toArray(Row[]::new);
    }

    /** All rows by index. */
    public static List<Row> rows() {
        return List.of(ROWS);
    }

    /** How many rows there are. */
    public static int size() {
        return ROWS.length;
    }

    /** The row of an index. */
    public static Row row(int index) {
        return ROWS[index];
    }

    /** The tables of 64-bit code, or those of 16- and 32-bit code. */
    public static Lookup lookup(boolean longMode) {
        return longMode ? LONG : LEGACY;
    }

    /** Finds rows in one kind of code. */
    public static final class Lookup {
        /** By map and opcode: mask over the key, whether ModRM follows, where the rows begin; or -1. */
        private final int[] slots = new int[OPCODES];

        private final short[] rows;

        private Lookup(boolean longMode) {
            List<List<Row>> bySlot = new ArrayList<>();
            for (int i = 0; i < OPCODES; i++) {
                bySlot.add(new ArrayList<>());
            }
            for (Row row : ROWS) {
                for (int i = 0; row.existsIn(longMode) && i < row.span(); i++) {
                    bySlot.get(row.map().ordinal() << 8 | row.opcode() + i).add(row);
                }
            }
            short[] all = new short[1 << 16];
            int used = 0;
            for (int i = 0; i < OPCODES; i++) {
                slots[i] = bySlot.get(i).isEmpty() ? -1 : slot(bySlot.get(i), used);
                used += bySlot.get(i).isEmpty() ? 0 : fill(bySlot.get(i), all, used, slots[i] & MODRM - 1);
            }
            rows = Arrays.copyOf(all, used);
        }

        private static int slot(List<Row> candidates, int offset) {
            int mask = 0;
            boolean modrm = false;
            for (Row row : candidates) {
                mask |= row.keyMask() | (row.prefixes() == 0b1111 ? 0 : EncodingKey.PREFIX);
                modrm |= row.hasModrm();
            }
            return mask | (modrm ? MODRM : 0) | offset << OFFSET_SHIFT;
        }

        private static int fill(List<Row> candidates, short[] all, int offset, int mask) {
            int count = 1 << Integer.bitCount(mask);
            for (int i = 0; i < count; i++) {
                int key = Integer.expand(i, mask);
                all[offset + i] = NONE;
                for (Row row : candidates) {
                    if (matches(row, key)) {
                        all[offset + i] = (short) row.index();
                    }
                }
            }
            return count;
        }

        /** The slot of an opcode; negative if no row has it. */
        public int slot(int map, int opcode) {
            return slots[map << 8 | opcode];
        }

        /** Whether ModRM follows the opcode of a slot. */
        public static boolean hasModrm(int slot) {
            return (slot & MODRM) != 0;
        }

        /** Index of the row that a slot has for a key, or {@link #NONE}. */
        public int row(int slot, int key) {
            int mask = slot & MODRM - 1;
            int at = slot >>> OFFSET_SHIFT;
            if (mask == EncodingKey.REG) {
                return rows[at + (key >> 3 & 7)];
            }
            return rows[mask == 0 ? at : at + Integer.compress(key, mask)];
        }
    }

    /** Whether {@code row} stands for {@code key}. */
    public static boolean matches(Row row, int key) {
        return (key & row.keyMask()) == row.keyValue() && (row.prefixes() >> EncodingKey.prefix(key) & 1) != 0;
    }
}
