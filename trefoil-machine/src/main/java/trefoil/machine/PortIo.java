package trefoil.machine;

/**
 * A device's registers in the port space, as {@link Bus} calls them: from several vCPU threads at once, with accesses that lie inside the attached
 * range, of size 1, 2 or 4. Offsets need not be multiples of the size: what a device does with the others is its data sheet's matter.
 */
public interface PortIo {
    /** The value, in the low {@code size} bytes; the bus drops the others. */
    int read(int offset, int size);

    /** {@code value} has nothing above its low {@code size} bytes. */
    void write(int offset, int size, int value);
}
