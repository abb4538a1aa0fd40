package trefoil.machine;

/**
 * A device's registers in the memory space, as {@link Bus} calls them: from several vCPU threads at once, with accesses that lie inside the attached
 * range, of size 1, 2, 4 or 8. Offsets need not be multiples of the size.
 */
public interface Mmio {
    /** The value, in the low {@code size} bytes; the bus drops the others. */
    long read(long offset, int size);

    /** {@code value} has nothing above its low {@code size} bytes. */
    void write(long offset, int size, long value);
}
