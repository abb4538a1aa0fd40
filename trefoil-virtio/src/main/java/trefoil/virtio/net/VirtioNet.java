package trefoil.virtio.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import trefoil.machine.NetBackend;
import trefoil.machine.NetBackend.Offload;
import trefoil.virtio.device.QueueDevice;
import trefoil.virtio.queue.Chain;
import trefoil.virtio.queue.QueueFault;
import trefoil.virtio.queue.Virtqueue;

/**
 * A network card (virtio 1.2, 5.1) with VIRTIO_NET_F_MAC, MTU, STATUS and MRG_RXBUF, and the offloads of its backend; no control queue.
 *
 * <p>A frame for which the driver has no buffers waits until it has; meanwhile the backend's queue fills up and drops. While the driver is not there, frames are dropped, as is one that is held while the device is saved. When the network is gone for good, the driver sees the cable pulled.
 */
public final class VirtioNet extends QueueDevice {
    /** Whether there is a carrier. */
    public record State(boolean link) {}

    public static final long F_CSUM = 1L;
    public static final long F_GUEST_CSUM = 1L << 1;
    public static final long F_MTU = 1L << 3;
    public static final long F_MAC = 1L << 5;
    public static final long F_GUEST_TSO4 = 1L << 7;
    public static final long F_GUEST_TSO6 = 1L << 8;
    public static final long F_HOST_TSO4 = 1L << 11;
    public static final long F_HOST_TSO6 = 1L << 12;
    public static final long F_MRG_RXBUF = 1L << 15;
    public static final long F_STATUS = 1L << 16;
    public static final long F_GUEST_USO4 = 1L << 54;
    public static final long F_GUEST_USO6 = 1L << 55;
    public static final long F_HOST_USO = 1L << 56;

    static final int RECEIVE = 0;
    static final int TRANSMIT = 1;
    /** {@code virtio_net_hdr} with {@code num_buffers} (5.1.6). */
    static final int HEADER = 12;

    private static final int QUEUE_SIZE = 256;
    private static final int NUM_BUFFERS = 10;
    private static final int LONGEST = HEADER + 14 + 4 + 0x1_0000;
    private static final long ANY_OFFLOAD = F_CSUM | F_GUEST_CSUM;
    private static final int LINK_UP = 1;

    private final NetBackend backend;
    private final byte[] mac;
    private final int mtu;
    private final int backendHeader;
    private final MemorySegment scratch = Arena.ofAuto().allocate(LONGEST, 8);
    private final MemorySegment noOffloads = Arena.ofAuto().allocate(HEADER, 8);
    private volatile Thread pump;
    private volatile boolean link = true;

    /** @param mac 6 bytes */
    public VirtioNet(NetBackend backend, byte[] mac, int mtu) {
        if (mac.length != 6) {
            throw new IllegalArgumentException("a hardware address of " + mac.length + " bytes");
        }
        this.backend = backend;
        this.mac = mac.clone();
        this.mtu = mtu;
        this.backendHeader = backend.headerLength();
    }

    @Override
    public int id() {
        return 1;
    }

    /** An offload goes both ways or is not offered; those of segments need that of checksums (5.1.3.1). */
    @Override
    public long features() {
        Set<Offload> offloads = backend.offloads();
        long features = F_MAC | F_MTU | F_STATUS | F_MRG_RXBUF;
        if (backendHeader == 0 || !offloads.contains(Offload.CHECKSUM)) {
            return features;
        }
        features |= F_CSUM | F_GUEST_CSUM;
        features |= offloads.contains(Offload.TSO4) ? F_HOST_TSO4 | F_GUEST_TSO4 : 0;
        features |= offloads.contains(Offload.TSO6) ? F_HOST_TSO6 | F_GUEST_TSO6 : 0;
        return features | (offloads.contains(Offload.USO) ? F_HOST_USO | F_GUEST_USO4 | F_GUEST_USO6 : 0);
    }

    @Override
    public List<Integer> queueSizes() {
        return List.of(QUEUE_SIZE, QUEUE_SIZE);
    }

    /** 5.1.4. */
    @Override
    public byte[] configuration() {
        ByteBuffer fields = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        return fields.put(0, mac).putShort(6, (short) (link ? LINK_UP : 0)).putShort(8, (short) 1).putShort(10, (short) mtu).array();
    }

    /** Plugs the cable in, or pulls it. */
    public void link(boolean up) {
        if (link != up) {
            link = up;
            configurationChanged();
        }
    }

    // ---- life ----

    @Override
    protected void started() {
        Set<Offload> accepted = EnumSet.noneOf(Offload.class);
        add(accepted, Offload.CHECKSUM, F_GUEST_CSUM);
        add(accepted, Offload.TSO4, F_GUEST_TSO4);
        add(accepted, Offload.TSO6, F_GUEST_TSO6);
        if (has(F_GUEST_USO4) && has(F_GUEST_USO6)) {
            accepted.add(Offload.USO);
        }
        if (backendHeader > 0) {
            backend.accept(has(F_GUEST_CSUM) ? accepted : Set.of());
        }
        if (pump == null) {
            pump = Thread.ofPlatform().daemon().name("virtio-net-receive").start(this::pump);
        }
    }

    private void add(Set<Offload> accepted, Offload offload, long feature) {
        if (has(feature)) {
            accepted.add(offload);
        }
    }

    @Override
    protected void nudged() {
        LockSupport.unpark(pump);
    }

    @Override
    public void notifyQueue(int queue) {
        if (queue == RECEIVE) {
            nudged();
        } else {
            wake();
        }
    }

    // ---- from the guest ----

    @Override
    protected boolean serve(int index) throws QueueFault {
        if (index != TRANSMIT) {
            return false;
        }
        Chain chain = queue(index).poll();
        if (chain == null) {
            return false;
        }
        if (chain.writableLength() > 0 || chain.readableLength() < HEADER) {
            throw new QueueFault("a frame to send of " + chain.readableLength() + " bytes");
        }
        if (link && chain.readableLength() <= LONGEST) {
            backend.send(frame(chain));
        }
        push(index, chain, 0);
        return true;
    }

    /** The frame with such a header as the backend wants; of a driver that has negotiated no offload an empty one. */
    private List<MemorySegment> frame(Chain chain) {
        List<MemorySegment> frame = new ArrayList<>();
        if (has(ANY_OFFLOAD)) {
            frame.addAll(chain.readable(0, backendHeader));
        } else if (backendHeader > 0) {
            frame.add(noOffloads.asSlice(0, backendHeader).asReadOnly());
        }
        frame.addAll(chain.readable(HEADER, chain.readableLength() - HEADER));
        return frame;
    }

    // ---- to the guest ----

    private void pump() {
        MemorySegment room = scratch.asSlice(HEADER - backendHeader);
        int length = backend.receive(List.of(room));
        while (length >= 0 && !isClosed()) {
            if (length > backendHeader && link) {
                deliverWhenPossible(HEADER + length - backendHeader);
            }
            length = backend.receive(List.of(room));
        }
        if (!isClosed()) {
            link(false);
        }
    }

    /** Waits while the driver has no buffers or the device is paused. */
    private void deliverWhenPossible(int length) {
        while ((isRunning() || isPaused()) && !isClosed() && !inTurn(() -> deliver(length))) {
            LockSupport.park(this);
        }
    }

    private boolean deliver(int length) throws QueueFault {
        Virtqueue queue = queue(RECEIVE);
        List<Chain> chains = new ArrayList<>();
        long room = 0;
        int most = has(F_MRG_RXBUF) ? queue.size() : 1;
        while (room < length && chains.size() < most) {
            Chain chain = queue.poll();
            if (chain == null) {
                queue.unpoll(chains.size());
                return false;
            }
            checkBuffer(chain, chains.isEmpty());
            chains.add(chain);
            room += chain.writableLength();
        }
        if (room < length) {
            queue.unpoll(chains.size());
            return true;
        }
        fill(queue, chains, length);
        return true;
    }

    private static void checkBuffer(Chain chain, boolean first) throws QueueFault {
        if (chain.readableLength() > 0 || chain.writableLength() < (first ? HEADER : 1)) {
            throw new QueueFault("a buffer of " + chain.writableLength() + " bytes to receive into");
        }
    }

    private void fill(Virtqueue queue, List<Chain> chains, int length) throws QueueFault {
        if (backendHeader == 0) {
            scratch.asSlice(0, HEADER).fill((byte) 0);
        }
        scratch.set(java.lang.foreign.ValueLayout.JAVA_BYTE, NUM_BUFFERS, (byte) chains.size());
        scratch.set(java.lang.foreign.ValueLayout.JAVA_BYTE, NUM_BUFFERS + 1, (byte) (chains.size() >> 8));
        int done = 0;
        for (int i = 0; i < chains.size(); i++) {
            int written = chains.get(i).write(0, scratch.asSlice(done, length - done));
            queue.fill(i, chains.get(i), written);
            done += written;
        }
        queue.publish(chains.size());
        interruptIfWanted(RECEIVE);
    }

    // ---- state ----

    public State state() {
        return new State(link);
    }

    public void restore(State state) {
        link = state.link;
    }

    /** Returns when no frame is under way from or to the guest's memory. */
    @Override
    public void close() {
        pause();
        super.close();
        backend.close();
    }
}
