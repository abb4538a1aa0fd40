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
 * <p>A decoder calls {@link #mark}, then reads the octets. A writer stores, then, a full fence later, looks whether there is code: so either the decoder reads what was stored, or the writer finds the mark and the decoder's listener hears
 * of it before anything that the writer does afterwards (Intel SDM Vol. 3, 9.1.3: the other processor executes what is new after it has learned of it and serialised).
 */
public final class CodePages implements MemoryListener {
    /** Hears of what happens to code; called by the thread that wrote. */
    public interface Listener {
        /** The page has got its first code: no write tag for it may remain. Called while no processor is within an instruction. */
        void becameCode(long page);

        /** Code of the page was written: what was decoded from it is void. Called under a lock: a listener takes note, and waits for nothing. */
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

    /**
     * Says that octets {@code from} to {@code to} (excluded) of the page of a physical address are being decoded. If nothing of the page was before, the caller's processor is alone for a moment: then no store that another has begun
     * is still under way, and none will be that does not come by {@link #written}.
     *
     * @param member the caller's processor, between two instructions
     */
    public void mark(long address, int from, int to, Exclusion.Member member) {
        AtomicIntegerArray chunk = chunk(address, true);
        if (chunk == null || from >= to || add(chunk, address, grains(from, to))) {
            return;
        }
        member.begin();
        try {
            publish(chunk, address, grains(from, to));
        } finally {
            member.end();
        }
    }

    /** Adds grains to a page that has some; whether it had. Under the lock, since otherwise the page might lose all of them in between. */
    private synchronized boolean add(AtomicIntegerArray chunk, long address, int bits) {
        int at = index(address);
        int before = chunk.get(at);
        if (before != 0) {
            chunk.set(at, before | bits);
        }
        return before != 0;
    }

    private synchronized void publish(AtomicIntegerArray chunk, long address, int bits) {
        int at = index(address);
        chunk.set(at, chunk.get(at) | bits);
        long page = address & -GuestMemory.PAGE_SIZE;
        memory.watch(page);
        listeners.forEach(listener -> listener.becameCode(page));
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
        if ((chunk.get(index(address)) & grains(from, to)) != 0) {
            change(chunk, address);
        }
    }

    /** Listeners hear of it before the page may be written without notice: what they decoded from it up to then is void, and they know. */
    private synchronized void change(AtomicIntegerArray chunk, long address) {
        int at = index(address);
        long page = address & -GuestMemory.PAGE_SIZE;
        chunk.incrementAndGet(at + 1);
        listeners.forEach(listener -> listener.changed(page));
        chunk.set(at, 0);
        memory.unwatch(page);
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
