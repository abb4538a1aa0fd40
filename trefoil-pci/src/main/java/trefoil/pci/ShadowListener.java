package trefoil.pci;

/** Hears when a part of the memory between 0xC0000 and 0xFFFFF is to be read from, or written to, RAM instead of ROM. */
@FunctionalInterface
public interface ShadowListener {
    /** Called with the host bridge's configuration space locked. */
    void shadow(long start, long length, boolean readRam, boolean writeRam);
}
