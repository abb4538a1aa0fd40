package trefoil.disk.qcow2;

import java.util.Arrays;

/** A growing array of longs. */
final class LongList {
    private long[] values = new long[16];
    private int size;

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
    }

    int size() {
        return size;
    }

    long get(int index) {
        return values[index];
    }

    void sort() {
        Arrays.sort(values, 0, size);
    }

    /** All that is in it, which it loses. */
    LongList drain() {
        LongList drained = new LongList();
        drained.values = values;
        drained.size = size;
        values = new long[16];
        size = 0;
        return drained;
    }
}
