package trefoil.virtio.device;

import java.util.List;
import trefoil.virtio.queue.Virtqueue;

/** A virtio device without its transport. Thread-safe, but for {@link #start}, which a transport calls for a device that is stopped. */
public interface VirtioDevice extends AutoCloseable {
    /** Device type (virtio 1.2, 5). */
    int id();

    /** The device's own feature bits (below 24 and above 49, section 2.2). */
    long features();

    /** Largest size of each queue. */
    List<Integer> queueSizes();

    /** The device configuration space, little-endian; empty if it has none. */
    byte[] configuration();

    /** A driver's write into the configuration space. */
    default void configure(int offset, int size, long value) {}

    /** Lets it run: DRIVER_OK is set. */
    void start(List<Virtqueue> queues, long negotiated, Interrupt interrupt);

    /** There may be chains in this queue. Does not block. */
    void notifyQueue(int queue);

    /**
     * Ends it, as a reset does, and runs {@code then} when no thread of the device touches queues or guest memory any more: at once or, if a request is being worked on, later and on another thread. Does not block.
     */
    void stop(Runnable then);

    /** Returns when the device is at rest, between two requests; it stays so. */
    void pause();

    /** Ends {@link #pause}. */
    void resume();

    /** Ends its threads and closes its backend. Guest memory is not touched any more when this returns. Idempotent. */
    @Override
    void close();
}
