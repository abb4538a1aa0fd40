package trefoil.machine;

/** What an engine that keeps anything derived from guest memory (decoded or translated code, host addresses) must hear. */
public interface MemoryListener {
    /**
     * A device has written into at least one page that is watched ({@link GuestMemory#watch}). Called by the device's thread after the bytes are
     * visible to all threads: whoever read the page's write generation, then the page, and finds the generation unchanged, has not seen half of it.
     *
     * @param address first byte, guest-physical
     */
    void written(long address, long length);

    /** The map of regions was replaced. Host addresses taken from the old one must not be used any more when this returns. */
    void remapped();
}
