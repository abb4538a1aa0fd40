package trefoil.machine;

/** Hears of accesses that no device claimed. Called by the vCPU's thread; must be quick. */
public interface BusTrace {
    void unclaimedRead(Bus.Space space, long address, int size);

    void unclaimedWrite(Bus.Space space, long address, int size, long value);
}
