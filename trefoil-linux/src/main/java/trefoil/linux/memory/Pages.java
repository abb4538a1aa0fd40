package trefoil.linux.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import trefoil.linux.ErrnoException;

/** Anonymous pages at an address of the caller's choice. They begin writable; whoever wants to execute what was written says so. Nothing that is mapped there already is ever replaced. */
public final class Pages implements AutoCloseable {
    private static final int READ_EXECUTE = 5;
    private static final int ALL = 7;
    private static final long PAGE = 4096;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    /**
     * Maps zeroed pages, readable and writable.
     *
     * @param address a multiple of 4096
     * @param size a multiple of 4096
     * @throws ErrnoException EEXIST if something is there
     */
    public Pages(long address, long size) throws ErrnoException {
        if (address % PAGE != 0 || size % PAGE != 0 || size <= 0) {
            throw new IllegalArgumentException("not whole pages: " + address + ", " + size);
        }
        int flags = Mapping.PRIVATE | Mapping.ANONYMOUS | Mapping.FIXED_NO_REPLACE;
        memory = Mapping.segment(Mapping.map(address, size, Mapping.READ_WRITE, flags, -1), size, arena);
    }

    /** The pages' memory, until {@link #close}. */
    public MemorySegment memory() {
        return memory;
    }

    /** From now on they can be executed, and no longer written. */
    public Pages executable() throws ErrnoException {
        Mapping.protect(memory.address(), memory.byteSize(), READ_EXECUTE);
        return this;
    }

    /** From now on they can be executed and written. */
    public Pages executableAndWritable() throws ErrnoException {
        Mapping.protect(memory.address(), memory.byteSize(), ALL);
        return this;
    }

    /** munmap(2). */
    @Override
    public void close() {
        arena.close();
    }
}
