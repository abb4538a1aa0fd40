package trefoil.machine;

/**
 * What lies behind a serial line: bytes in both directions, no operation blocks. Thread-safe.
 */
public interface CharBackend extends AutoCloseable {
    /** Gives bytes to the world. Returns how many were taken; the others may be offered again, or are lost as on a line without flow control. */
    int write(byte[] from, int offset, int length);

    /** Takes bytes that came in; 0 when there are none. What is not taken waits, up to the backend's bound. */
    int read(byte[] into, int offset, int length);

    /** Sets who is called, on a thread of the backend's, when there are bytes to {@link #read} where there were none, or room to {@link #write} again. */
    void listen(Runnable ready);

    /** Idempotent. */
    @Override
    void close();
}
