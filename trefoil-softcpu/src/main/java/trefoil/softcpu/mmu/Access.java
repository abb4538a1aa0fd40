package trefoil.softcpu.mmu;

/** What is done at an address. */
public enum Access {
    READ,
    /** Writes, and reads that a write to the same place follows. */
    WRITE,
    FETCH
}
