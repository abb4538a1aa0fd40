package trefoil.machine;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * What lies behind a network card: Ethernet frames without their check sequence, each preceded by {@link #headerLength} bytes of offload header. Thread-safe; one thread sends and one
 * receives at a time.
 */
public interface NetBackend extends AutoCloseable {
    /** What the other side may leave to be done, in terms of the header {@code virtio_net_hdr} (virtio 1.2, 5.1.6). */
    enum Offload {
        /** A checksum that is not filled in. */
        CHECKSUM,
        /** TCP over IPv4 that is not segmented. */
        TSO4,
        /** TCP over IPv6 that is not segmented. */
        TSO6,
        /** UDP that is not segmented. */
        USO
    }

    /** Bytes before each frame, in both directions: 0 (none), 10, or 12 ({@code virtio_net_hdr} without and with {@code num_buffers}). */
    int headerLength();

    /** What frames from the guest may leave undone: empty without a header. */
    Set<Offload> offloads();

    /** Chooses what frames to the guest may leave undone; a subset of {@link #offloads}. */
    void accept(Set<Offload> offloads);

    /** Sends one frame, header first. May drop it, as networks do; blocks for no longer than the host's queue takes. */
    IoStatus send(List<MemorySegment> frame);

    /**
     * Waits for a frame and puts it, header first, into the vector; what does not fit is lost.
     *
     * @return the frame's length with header, or −1 after {@link #close} or when the network is gone
     */
    int receive(List<MemorySegment> into);

    /** Lets go, and wakes who waits in {@link #receive}. Idempotent. */
    @Override
    void close();
}
