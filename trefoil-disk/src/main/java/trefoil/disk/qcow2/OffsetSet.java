package trefoil.disk.qcow2;

/** Offsets of clusters that hold tables: a hash set of longs other than 0. Reads may run beside one another, not beside a change. */
final class OffsetSet {
    private long[] slots = new long[64];
    private int used;

    boolean contains(long offset) {
        for (int i = start(offset); slots[i] != 0; i = (i + 1) & (slots.length - 1)) {
            if (slots[i] == offset) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether it was not there. */
    boolean add(long offset) {
        if (contains(offset)) {
            return false;
        }
        if (used++ * 2 > slots.length) {
            long[] old = slots;
            slots = new long[old.length * 2];
            for (long entry : old) {
                if (entry != 0) {
                    put(entry);
                }
            }
        }
        put(offset);
        return true;
    }

    void remove(long offset) {
        int i = start(offset);
        while (slots[i] != offset) {
            if (slots[i] == 0) {
                return;
            }
            i = (i + 1) & (slots.length - 1);
        }
        used--;
        slots[i] = 0;
        for (int next = (i + 1) & (slots.length - 1); slots[next] != 0; next = (next + 1) & (slots.length - 1)) {
            long moved = slots[next];
            slots[next] = 0;
            put(moved);
        }
    }

    private void put(long offset) {
        int i = start(offset);
        while (slots[i] != 0) {
            i = (i + 1) & (slots.length - 1);
        }
        slots[i] = offset;
    }

    private int start(long offset) {
        return (int) ((offset * 0x9E3779B97F4A7C15L) >>> 32) & (slots.length - 1);
    }
}
