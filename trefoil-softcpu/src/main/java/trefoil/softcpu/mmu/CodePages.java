package trefoil.softcpu.mmu;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import trefoil.machine.GuestMemory;
import trefoil.machine.MemoryListener;

/**
 * Which physical pages hold code that a processor has decoded, in grains of 128 octets. Of each page: a generation, which grows with each write into a grain that has code, and a bit for each grain.
 * While a page has code no TLB holds a tag to write it, so that all writes come by {@link #written}. Thread-safe.
 *
 * <p>A decoder calls {@link #mark}, then takes {@link #generation}, then reads the octets. What it has made of them is valid as long as the generation is the same.
 */
public final class CodePages implements MemoryListener {
    /** Hears of what happens to code; called by the thread that wrote. */
    public interface Listener {
        /** The page has got its first code: no write tag for it may remain. */
        void becameCode(long page);

        /** Code of the page was written: what was decoded from it is void. */
        void changed(long page);

        /** The map of memory was replaced: all host addresses are void. */
        void remapped();
    }

    private static final int GRAIN_SHIFT = 7;
    private static final int CHUNK_SHIFT = 12;
    private static final int CHUNK = 1 << CHUNK_SHIFT;

    /** Chunks of 16 MiB of physical addresses; two ints per page: grains and generation. */
    private final AtomicReferenceArray<AtomicIntegerArray> chunks;

    private final GuestMemory memory;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    public CodePages(GuestMemory memory) {
        this.memory = memory;
        long end = memory.regions().stream().mapToLong(region -> region.end()).max().orElse(0);
        chunks = new AtomicReferenceArray<>(Math.toIntExact((end >>> GuestMemory.PAGE_SHIFT + CHUNK_SHIFT) + 1));
        memory.listen(this);
    }

    public void add(Listener listener) {
        listeners.add(listener);
    }

    public void remove(Listener listener) {
        listeners.remove(listener);
    }

    /** Says that octets {@code from} to {@code to} (excluded) of the page of a physical address are being decoded. */
    public void mark(long address, int from, int to) {
        AtomicIntegerArray chunk = chunk(address, true);
        if (chunk == null || from >= to) {
            return;
        }
        int at = index(address);
        int bits = grains(from, to);
        int before = chunk.getAndUpdate(at, now -> now | bits);
        if (before == 0) {
            long page = address & -GuestMemory.PAGE_SIZE;
            memory.watch(page);
            listeners.forEach(listener -> listener.becameCode(page));
        }
    }

    /** Whether anything in the page of a physical address has been decoded. */
    public boolean hasCode(long address) {
        AtomicIntegerArray chunk = chunk(address, false);
        return chunk != null && chunk.get(index(address)) != 0;
    }

    /** How often code of this page has changed. */
    public int generation(long address) {
        AtomicIntegerArray chunk = chunk(address, false);
        return chunk == null ? 0 : chunk.get(index(address) + 1);
    }

    /** Octets in memory have changed: code in their grains is void. The bytes must be visible to all before the call. */
    @Override
    public void written(long address, long length) {
        for (long at = address; at < address + length; at = (at & -GuestMemory.PAGE_SIZE) + GuestMemory.PAGE_SIZE) {
            int from = (int) (at & GuestMemory.PAGE_SIZE - 1);
            long left = address + length - at;
            writtenInPage(at, from, (int) Math.min(GuestMemory.PAGE_SIZE, from + left));
        }
    }

    private void writtenInPage(long address, int from, int to) {
        AtomicIntegerArray chunk = chunk(address, false);
        if (chunk == null) {
            return;
        }
        int at = index(address);
        if ((chunk.get(at) & grains(from, to)) == 0) {
            return;
        }
        chunk.incrementAndGet(at + 1);
        chunk.set(at, 0);
        long page = address & -GuestMemory.PAGE_SIZE;
        memory.unwatch(page);
        listeners.forEach(listener -> listener.changed(page));
    }

    @Override
    public void remapped() {
        listeners.forEach(Listener::remapped);
    }

    private static int grains(int from, int to) {
        int first = from >> GRAIN_SHIFT;
        int last = to - 1 >> GRAIN_SHIFT;
        return -1 << first & -1 >>> 31 - last;
    }

    private static int index(long address) {
        return (int) (address >>> GuestMemory.PAGE_SHIFT & CHUNK - 1) * 2;
    }

    private AtomicIntegerArray chunk(long address, boolean make) {
        long number = address >>> GuestMemory.PAGE_SHIFT + CHUNK_SHIFT;
        if (number >= chunks.length()) {
            return null;
        }
        AtomicIntegerArray chunk = chunks.get((int) number);
        if (chunk == null && make) {
            chunks.compareAndSet((int) number, null, new AtomicIntegerArray(2 * CHUNK));
            chunk = chunks.get((int) number);
        }
        return chunk;
    }
}
