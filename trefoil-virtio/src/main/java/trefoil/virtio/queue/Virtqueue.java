package trefoil.virtio.queue;

import java.lang.invoke.VarHandle;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;

/**
 * A split virtqueue (virtio 1.2, 2.7), the device's end. Not thread-safe: a transport sets it up while the device does not run, afterwards the device uses it, by one thread at a time.
 *
 * <p>Descriptors of length 0 are taken as nothing. A chain may hold as many descriptors as the device's largest queue, even where the driver chose a smaller one.
 */
public final class Virtqueue {
    /** All that the rings in memory do not say. Addresses as the driver gave them; {@code signalled}: used index at the last decision to interrupt, −1 before the first. */
    public record State(int size, boolean enabled, long descriptors, long driver, long device, int nextAvailable, int nextUsed, int signalled, boolean armed) {}

    /** VIRTIO_F_INDIRECT_DESC (6). */
    public static final long F_INDIRECT_DESC = 1L << 28;
    /** VIRTIO_F_EVENT_IDX (6). */
    public static final long F_EVENT_IDX = 1L << 29;
    /** The largest size that any device here offers. */
    public static final int LARGEST = 1024;

    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int INDIRECT = 4;
    private static final int DESCRIPTOR = 16;
    private static final int NO_INTERRUPT = 1;
    private static final int NO_NOTIFY = 1;
    private static final int FLAGS = 0;
    private static final int INDEX = 2;
    private static final int RING = 4;
    private static final int USED_ELEMENT = 8;
    private static final long LONGEST = 1L << 32;

    private final GuestMemory memory;
    private final int maximum;
    private int size;
    private boolean enabled;
    private long descriptors;
    private long driver;
    private long device;
    private boolean indirect;
    private boolean eventIndex;
    private int nextAvailable;
    private int nextUsed;
    private int signalled;
    private boolean armed;

    /** @param maximum the size offered: a power of two, at most {@link #LARGEST} */
    public Virtqueue(GuestMemory memory, int maximum) {
        if (Integer.bitCount(maximum) != 1 || maximum > LARGEST) {
            throw new IllegalArgumentException("queue of " + maximum);
        }
        this.memory = memory;
        this.maximum = maximum;
        reset();
    }

    // ---- the transport's side ----

    /** As after the device's reset. */
    public void reset() {
        restore(new State(maximum, false, 0, 0, 0, 0, 0, -1, true));
        negotiated(0);
    }

    public int size() {
        return size;
    }

    /** Takes a size that is a power of two and not above the maximum; another is dropped. */
    public void resize(int wanted) {
        if (Integer.bitCount(wanted) == 1 && wanted > 0 && wanted <= maximum && !enabled) {
            size = wanted;
        }
    }

    public boolean isEnabled() {
        return enabled;
    }

    public void enable() {
        enabled = true;
    }

    public long descriptors() {
        return descriptors;
    }

    public long driver() {
        return driver;
    }

    public long device() {
        return device;
    }

    /** Places descriptor area, driver area (available ring) and device area (used ring), unless it is enabled. */
    public void place(long descriptorArea, long driverArea, long deviceArea) {
        if (!enabled) {
            descriptors = descriptorArea;
            driver = driverArea;
            device = deviceArea;
        }
    }

    /** Tells what was negotiated: {@link #F_INDIRECT_DESC}, {@link #F_EVENT_IDX}. */
    public void negotiated(long features) {
        indirect = (features & F_INDIRECT_DESC) != 0;
        eventIndex = (features & F_EVENT_IDX) != 0;
    }

    /** Whether the three areas are aligned as 2.7 demands and lie in memory. */
    public void check() throws QueueFault {
        if ((descriptors & 15) != 0 || (driver & 1) != 0 || (device & 3) != 0) {
            throw new QueueFault("an area is not aligned");
        }
        try {
            memory.readable(descriptors, (long) DESCRIPTOR * size, new java.util.ArrayList<>());
            memory.readable(driver, RING + 2L * size + 2, new java.util.ArrayList<>());
            memory.writable(device, RING + (long) USED_ELEMENT * size + 2, new java.util.ArrayList<>());
        } catch (GuestMemoryFault e) {
            throw new QueueFault(e.getMessage());
        }
    }

    public State state() {
        return new State(size, enabled, descriptors, driver, device, nextAvailable, nextUsed, signalled, armed);
    }

    /** What was negotiated is told anew. */
    public void restore(State state) {
        size = state.size;
        enabled = state.enabled;
        descriptors = state.descriptors;
        driver = state.driver;
        device = state.device;
        nextAvailable = state.nextAvailable;
        nextUsed = state.nextUsed;
        signalled = state.signalled;
        armed = state.armed;
    }

    // ---- the device's side ----

    /** The next chain; null if there is none, and then the driver will notify when there is one. */
    public Chain poll() throws QueueFault {
        if (!enabled) {
            return null;
        }
        try {
            if (isEmpty()) {
                arm();
                if (isEmpty()) {
                    return null;
                }
            }
            disarm();
            return take();
        } catch (GuestMemoryFault e) {
            throw new QueueFault(e.getMessage());
        }
    }

    /** Gives the last polled chains back to the available ring, as if they had never been polled. */
    public void unpoll(int chains) {
        nextAvailable = nextAvailable - chains & 0xFFFF;
    }

    private boolean isEmpty() throws GuestMemoryFault, QueueFault {
        int waiting = memory.getShortAcquire(driver + INDEX) - nextAvailable & 0xFFFF;
        if (waiting > size) {
            throw new QueueFault(waiting + " chains available in a queue of " + size);
        }
        return waiting == 0;
    }

    /** Asks for notifications (2.7.10). */
    private void arm() throws GuestMemoryFault {
        if (eventIndex) {
            memory.putShortRelease(device + RING + (long) USED_ELEMENT * size, nextAvailable);
        } else if (!armed) {
            memory.putShortRelease(device + FLAGS, 0);
        }
        armed = true;
        VarHandle.fullFence();
    }

    private void disarm() throws GuestMemoryFault {
        if (armed && !eventIndex) {
            memory.putShortRelease(device + FLAGS, NO_NOTIFY);
        }
        armed = false;
    }

    private Chain take() throws GuestMemoryFault, QueueFault {
        int head = memory.getShort(driver + RING + 2L * (nextAvailable & size - 1));
        Chain chain = new Chain(head);
        walk(chain, head);
        nextAvailable = nextAvailable + 1 & 0xFFFF;
        return chain;
    }

    private void walk(Chain chain, int head) throws GuestMemoryFault, QueueFault {
        long table = descriptors;
        int entries = size;
        int index = head;
        boolean inside = false;
        for (int count = 1; ; count++) {
            if (index >= entries || count > maximum + 1) {
                throw new QueueFault(index >= entries ? "descriptor " + index + " of " + entries : "a chain without end");
            }
            long descriptor = table + (long) DESCRIPTOR * index;
            long address = memory.getLong(descriptor);
            long length = memory.getInt(descriptor + 8) & 0xFFFF_FFFFL;
            int flags = memory.getShort(descriptor + 12);
            if ((flags & INDIRECT) != 0) {
                entries = indirectEntries(length, flags, inside);
                table = address;
                index = 0;
                inside = true;
                continue;
            }
            append(chain, address, length, (flags & WRITE) != 0);
            if ((flags & NEXT) == 0) {
                return;
            }
            index = memory.getShort(descriptor + 14);
        }
    }

    /** 2.7.5.3: a table that is the last of its chain, holds whole descriptors, and stands in no other table. */
    private int indirectEntries(long length, int flags, boolean inside) throws QueueFault {
        if (!indirect || inside || (flags & NEXT) != 0 || length == 0 || length % DESCRIPTOR != 0 || length / DESCRIPTOR > 0x1_0000) {
            throw new QueueFault("an indirect table of " + length + " bytes that may not be here");
        }
        return (int) (length / DESCRIPTOR);
    }

    private void append(Chain chain, long address, long length, boolean write) throws GuestMemoryFault, QueueFault {
        if (chain.readableLength() + chain.writableLength() + length > LONGEST) {
            throw new QueueFault("a chain of more than 4 GiB");
        }
        if (write) {
            memory.writable(address, length, chain.writableSegments());
            chain.addedWritable(address, length);
        } else if (chain.ranges().isEmpty()) {
            memory.readable(address, length, chain.readableSegments());
            chain.addedReadable(length);
        } else {
            throw new QueueFault("bytes to read behind bytes to write");
        }
    }

    /** Gives a chain back, of which {@code written} bytes were written, and makes that visible. */
    public void push(Chain chain, long written) throws QueueFault {
        fill(0, chain, written);
        publish(1);
    }

    /** Prepares to give a chain back as the {@code ahead}-th behind those that are visible. */
    public void fill(int ahead, Chain chain, long written) throws QueueFault {
        for (Chain.Range range : chain.ranges()) {
            memory.written(range.address(), range.length());
        }
        try {
            long element = device + RING + (long) USED_ELEMENT * (nextUsed + ahead & size - 1);
            memory.putInt(element, chain.head());
            memory.putInt(element + 4, (int) written);
        } catch (GuestMemoryFault e) {
            throw new QueueFault(e.getMessage());
        }
    }

    /** Makes filled elements visible to the driver, all at once. */
    public void publish(int count) throws QueueFault {
        nextUsed = nextUsed + count & 0xFFFF;
        try {
            memory.putShortRelease(device + INDEX, nextUsed);
        } catch (GuestMemoryFault e) {
            throw new QueueFault(e.getMessage());
        }
    }

    /** Whether the driver wants to be interrupted for what was published since it was asked last (2.7.7.2). */
    public boolean shouldInterrupt() throws QueueFault {
        VarHandle.fullFence();
        try {
            if (!eventIndex) {
                return (memory.getShort(driver + FLAGS) & NO_INTERRUPT) == 0;
            }
            int old = signalled;
            signalled = nextUsed;
            int event = memory.getShort(driver + RING + 2L * size);
            return old < 0 || (nextUsed - event - 1 & 0xFFFF) < (nextUsed - old & 0xFFFF);
        } catch (GuestMemoryFault e) {
            throw new QueueFault(e.getMessage());
        }
    }
}
