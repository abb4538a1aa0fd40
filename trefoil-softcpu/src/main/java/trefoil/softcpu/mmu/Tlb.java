package trefoil.softcpu.mmu;

import java.lang.foreign.Arena;
import trefoil.machine.RawMemory;

/**
 * Translations that the processor remembers, in native memory: for each of {@link #CONTEXTS} address spaces (PCIDs) and each {@link #CLASSES class} of access a direct-mapped table of {@link #ENTRIES} entries
 * <pre>
 * 0 tag for reads      8 tag for writes      16 addend: host address less linear address      24 physical page
 * </pre>
 * A tag is the linear address of a page, or -1, which none is. An access at {@code a} of {@code n} octets matches if {@code a + n - 1} cut to its page is the tag found for {@code a}: one that crosses a page never does.
 */
final class Tlb {
    static final int ENTRIES = 1024;
    static final int ENTRY = 32;
    static final int INDEX_MASK = (ENTRIES - 1) * ENTRY;
    /** Supervisor with SMAP, user, supervisor without SMAP, accesses that are checked one by one (never filled). */
    static final int CLASSES = 4;
    static final int SUPERVISOR_SMAP = 0;
    static final int USER = 1;
    static final int SUPERVISOR = 2;
    static final int CHECKED = 3;
    static final int CONTEXTS = 4;

    static final int READ = 0;
    static final int WRITE = 8;
    static final int ADDEND = 16;
    static final int PHYSICAL = 24;

    private static final int TABLE = ENTRIES * ENTRY;
    private static final int JOURNAL = 2048;

    private final long memory;
    /** Filled entries, by offset in the context, since it was flushed; more than fit means: all. */
    private final int[][] journal = new int[CONTEXTS][JOURNAL];

    private final int[] filled = new int[CONTEXTS];
    private final int[] pcid = new int[CONTEXTS];
    private final long[] epoch = new long[CONTEXTS];
    private final long[] used = new long[CONTEXTS];
    /** Linear ranges of large pages among the entries: INVLPG of an address in one drops all of its entries. */
    private final long[] largeFrom = new long[CONTEXTS];

    private final long[] largeTo = new long[CONTEXTS];
    private int current;
    private long epochs;
    private long clock;

    Tlb(Arena arena) {
        memory = arena.allocate((long) CONTEXTS * CLASSES * TABLE, 64).address();
        for (int i = 0; i < CONTEXTS; i++) {
            pcid[i] = -1;
            filled[i] = JOURNAL + 1;
            flush(i);
        }
        pcid[0] = 0;
    }

    /** Host address of the table of a class in the current context. */
    long table(int accessClass) {
        return memory + ((long) current * CLASSES + accessClass) * TABLE;
    }

    /** Changes whenever translations of the current context may have: what is derived from them is valid while it is the same. */
    long epoch() {
        return epoch[current];
    }

    /** Goes to the address space of a PCID; one that was not here lately begins empty. */
    void select(int wanted) {
        used[current] = ++clock;
        int oldest = current == 0 ? 1 : 0;
        for (int i = 0; i < CONTEXTS; i++) {
            if (pcid[i] == wanted) {
                current = i;
                return;
            }
            oldest = i != current && used[i] < used[oldest] ? i : oldest;
        }
        flush(oldest);
        pcid[oldest] = wanted;
        current = oldest;
    }

    /** Forgets the current context. */
    void flush() {
        flush(current);
    }

    /** Forgets the context of a PCID, if it is here. */
    void flushPcid(int which) {
        for (int i = 0; i < CONTEXTS; i++) {
            if (pcid[i] == which) {
                flush(i);
            }
        }
    }

    /** Forgets everything. */
    void flushAll() {
        for (int i = 0; i < CONTEXTS; i++) {
            flush(i);
            pcid[i] = i == current ? pcid[i] : -1;
        }
    }

    private void flush(int context) {
        epoch[context] = ++epochs;
        long start = memory + (long) context * CLASSES * TABLE;
        if (filled[context] > JOURNAL) {
            for (long at = start; at < start + CLASSES * TABLE; at += ENTRY) {
                RawMemory.putLong(at + READ, -1);
                RawMemory.putLong(at + WRITE, -1);
            }
        } else {
            for (int i = 0; i < filled[context]; i++) {
                RawMemory.putLong(start + journal[context][i] + READ, -1);
                RawMemory.putLong(start + journal[context][i] + WRITE, -1);
            }
        }
        filled[context] = 0;
        largeFrom[context] = -1;
        largeTo[context] = 0;
    }

    /** Enters a translation: {@code host} is the address of the page's first octet. */
    void fill(int accessClass, long page, long host, long physical, boolean writable) {
        int offset = accessClass * TABLE + offset(page);
        long at = memory + (long) current * CLASSES * TABLE + offset;
        if (RawMemory.getLong(at + READ) == -1) {
            int n = filled[current];
            if (n < JOURNAL) {
                journal[current][n] = offset;
            }
            filled[current] = Math.min(n + 1, JOURNAL + 1);
        }
        RawMemory.putLong(at + READ, page);
        RawMemory.putLong(at + WRITE, writable ? page : -1);
        RawMemory.putLong(at + ADDEND, host - page);
        RawMemory.putLong(at + PHYSICAL, physical);
    }

    /** Notes that the pages from {@code from} to {@code to} (excluded) are parts of one large page. */
    void noteLarge(long from, long to) {
        boolean none = largeTo[current] == 0;
        largeFrom[current] = none || Long.compareUnsigned(from, largeFrom[current]) < 0 ? from : largeFrom[current];
        largeTo[current] = none || Long.compareUnsigned(to - 1, largeTo[current]) > 0 ? to - 1 : largeTo[current];
    }

    /** INVLPG: global pages too, so in every context. */
    void invalidate(long address) {
        for (int i = 0; i < CONTEXTS; i++) {
            invalidate(i, address);
        }
    }

    /** INVPCID of one address in one address space. */
    void invalidateIn(int which, long address) {
        for (int i = 0; i < CONTEXTS; i++) {
            if (pcid[i] == which) {
                invalidate(i, address);
            }
        }
    }

    private void invalidate(int context, long address) {
        boolean mayBeLarge = largeTo[context] != 0 && Long.compareUnsigned(address, largeFrom[context]) >= 0 && Long.compareUnsigned(address, largeTo[context]) <= 0;
        if (mayBeLarge) {
            flush(context);
            return;
        }
        epoch[context] = ++epochs;
        for (int c = 0; c < CLASSES; c++) {
            drop(memory + ((long) context * CLASSES + c) * TABLE + offset(address));
        }
    }

    private static void drop(long entry) {
        RawMemory.putLong(entry + READ, -1);
        RawMemory.putLong(entry + WRITE, -1);
    }

    /** Takes the write tags of a physical page away, in all contexts. */
    void protect(long physical) {
        for (int context = 0; context < CONTEXTS; context++) {
            long start = memory + (long) context * CLASSES * TABLE;
            boolean all = filled[context] > JOURNAL;
            int count = all ? CLASSES * ENTRIES : filled[context];
            for (int i = 0; i < count; i++) {
                long at = start + (all ? (long) i * ENTRY : journal[context][i]);
                if (RawMemory.getLong(at + PHYSICAL) == physical) {
                    RawMemory.putLong(at + WRITE, -1);
                }
            }
        }
    }

    private static int offset(long address) {
        return (int) (address >>> 7) & INDEX_MASK;
    }
}
