package trefoil.pc.interrupt;

import java.util.Arrays;

/** 256 bits, one for each vector, as eight registers of 32 (Intel SDM volume 3, figure 11-20). */
final class VectorSet {
    private final int[] words = new int[8];

    void add(int vector) {
        words[vector >> 5] |= 1 << vector;
    }

    void remove(int vector) {
        words[vector >> 5] &= ~(1 << vector);
    }

    boolean holds(int vector) {
        return (words[vector >> 5] >>> vector & 1) != 0;
    }

    /** The highest of them, or -1. */
    int highest() {
        for (int i = words.length - 1; i >= 0; i--) {
            if (words[i] != 0) {
                return 32 * i + 31 - Integer.numberOfLeadingZeros(words[i]);
            }
        }
        return -1;
    }

    int word(int index) {
        return words[index];
    }

    void clear() {
        Arrays.fill(words, 0);
    }

    int[] toArray() {
        return words.clone();
    }

    void set(int[] from) {
        System.arraycopy(from, 0, words, 0, words.length);
    }
}
