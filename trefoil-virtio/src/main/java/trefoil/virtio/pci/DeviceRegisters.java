package trefoil.virtio.pci;

import java.util.Arrays;
import java.util.List;
import trefoil.machine.GuestMemory;
import trefoil.virtio.device.Interrupt;
import trefoil.virtio.device.VirtioDevice;
import trefoil.virtio.queue.QueueFault;
import trefoil.virtio.queue.Virtqueue;

/**
 * The common configuration structure (virtio 1.2, 4.1.4.3) and the life that it gives a device: negotiation, status, reset (2.1, 2.2, 2.4). Thread-safe.
 *
 * <p>An access must be that of a whole field, or of one half of a 64-bit field; others read 0 and write nothing. Deviation: what a driver writes after FEATURES_OK into its features, or into an enabled queue's registers,
 * is dropped.
 */
final class DeviceRegisters {
    static final int LENGTH = 60;

    static final int ACKNOWLEDGE = 1;
    static final int DRIVER = 2;
    static final int DRIVER_OK = 4;
    static final int FEATURES_OK = 8;
    static final int NEEDS_RESET = 0x40;
    static final int FAILED = 0x80;
    static final int NO_VECTOR = 0xFFFF;

    private static final long F_VERSION_1 = 1L << 32;
    private static final long TRANSPORT_FEATURES = F_VERSION_1 | Virtqueue.F_INDIRECT_DESC | Virtqueue.F_EVENT_IDX;

    private final VirtioDevice device;
    private final int vectors;
    private final List<Virtqueue> queues;
    private final int[] queueVectors;
    private final long offered;
    private final Interrupt interrupt;
    private int deviceFeatureSelect;
    private int driverFeatureSelect;
    private long driverFeatures;
    private int configVector = NO_VECTOR;
    private int status;
    private int generation;
    private boolean generationRead;
    private int queueSelect;
    private boolean started;
    private boolean resetting;

    /** @param vectors of MSI-X */
    DeviceRegisters(VirtioDevice device, GuestMemory memory, int vectors, Interrupt interrupt) {
        this.device = device;
        this.vectors = vectors;
        this.queues = device.queueSizes().stream().map(size -> new Virtqueue(memory, size)).toList();
        this.queueVectors = new int[queues.size()];
        this.offered = device.features() | TRANSPORT_FEATURES;
        this.interrupt = interrupt;
        Arrays.fill(queueVectors, NO_VECTOR);
    }

    // ---- registers ----

    synchronized long read(long offset, int size) {
        return switch ((int) offset << 4 | size) {
            case 0x004 -> deviceFeatureSelect;
            case 0x044 -> word(offered, deviceFeatureSelect);
            case 0x084 -> driverFeatureSelect;
            case 0x0C4 -> word(driverFeatures, driverFeatureSelect);
            case 0x102 -> configVector;
            case 0x122 -> queues.size();
            case 0x141 -> status;
            case 0x151 -> readGeneration();
            case 0x162 -> queueSelect;
            default -> selected() == null ? 0 : readQueue((int) offset, size);
        };
    }

    private static int word(long features, int select) {
        return select == 0 ? (int) features : select == 1 ? (int) (features >>> 32) : 0;
    }

    private int readGeneration() {
        generationRead = true;
        return generation & 0xFF;
    }

    private Virtqueue selected() {
        return queueSelect < queues.size() ? queues.get(queueSelect) : null;
    }

    private long readQueue(int offset, int size) {
        Virtqueue queue = selected();
        return switch (offset << 4 | size) {
            case 0x182 -> queue.size();
            case 0x1A2 -> queueVectors[queueSelect];
            case 0x1C2 -> queue.isEnabled() ? 1 : 0;
            case 0x1E2 -> queueSelect;
            default -> {
                long area = offset < 0x28 ? queue.descriptors() : offset < 0x30 ? queue.driver() : queue.device();
                boolean inside = offset >= 0x20 && offset < 0x38;
                yield !inside ? 0 : size == 8 && (offset & 7) == 0 ? area : size == 4 && (offset & 3) == 0 ? area >>> 8 * (offset & 4) & 0xFFFF_FFFFL : 0;
            }
        };
    }

    synchronized void write(long offset, int size, long value) {
        if (resetting) {
            return;
        }
        int wide = (int) value;
        switch ((int) offset << 4 | size) {
            case 0x004 -> deviceFeatureSelect = wide;
            case 0x084 -> driverFeatureSelect = wide;
            case 0x0C4 -> writeFeatures(wide & 0xFFFF_FFFFL);
            case 0x102 -> configVector = vector(wide);
            case 0x141 -> writeStatus(wide);
            case 0x162 -> queueSelect = wide;
            default -> {
                if (selected() != null) {
                    writeQueue((int) offset, size, value);
                }
            }
        }
    }

    /** 4.1.5.1.2: a vector that is not there reads back as none. */
    private int vector(int value) {
        return value < vectors ? value : NO_VECTOR;
    }

    private void writeFeatures(long value) {
        if ((status & FEATURES_OK) != 0) {
            return;
        }
        if (driverFeatureSelect == 0) {
            driverFeatures = driverFeatures & 0xFFFF_FFFF_0000_0000L | value;
        } else if (driverFeatureSelect == 1) {
            driverFeatures = driverFeatures & 0xFFFF_FFFFL | value << 32;
        }
    }

    private void writeQueue(int offset, int size, long value) {
        Virtqueue queue = selected();
        switch (offset << 4 | size) {
            case 0x182 -> queue.resize((int) value);
            case 0x1A2 -> queueVectors[queueSelect] = vector((int) value);
            case 0x1C2 -> {
                if (value == 1) {
                    queue.enable();
                }
            }
            default -> placeQueue(queue, offset, size, value);
        }
    }

    private static void placeQueue(Virtqueue queue, int offset, int size, long value) {
        boolean whole = size == 8 && (offset & 7) == 0;
        if (offset < 0x20 || offset >= 0x38 || !whole && (size != 4 || (offset & 3) != 0)) {
            return;
        }
        long descriptors = queue.descriptors();
        long driver = queue.driver();
        long device = queue.device();
        switch (offset & ~7) {
            case 0x20 -> queue.place(merged(descriptors, offset, size, value), driver, device);
            case 0x28 -> queue.place(descriptors, merged(driver, offset, size, value), device);
            default -> queue.place(descriptors, driver, merged(device, offset, size, value));
        }
    }

    private static long merged(long old, int offset, int size, long value) {
        int shift = 8 * (offset & 4);
        return size == 8 ? value : old & ~(0xFFFF_FFFFL << shift) | value << shift;
    }

    // ---- status ----

    private void writeStatus(int value) {
        if (value == 0) {
            reset();
            return;
        }
        int added = value & ~status & ~NEEDS_RESET;
        if ((added & FEATURES_OK) != 0 && ((driverFeatures & ~offered) != 0 || (driverFeatures & F_VERSION_1) == 0)) {
            added &= ~FEATURES_OK;
        }
        status |= added;
        if ((added & DRIVER_OK) != 0) {
            start();
        }
    }

    private void start() {
        if ((status & FEATURES_OK) == 0 || !queuesAreGood()) {
            // The driver is told on another thread: interrupts take locks that come before this one.
            Thread.ofVirtual().start(interrupt::needsReset);
            status |= NEEDS_RESET;
            return;
        }
        started = true;
        device.start(queues, driverFeatures, interrupt);
    }

    private boolean queuesAreGood() {
        for (Virtqueue queue : queues) {
            queue.negotiated(driverFeatures);
            try {
                if (queue.isEnabled()) {
                    queue.check();
                }
            } catch (QueueFault e) {
                return false;
            }
        }
        return true;
    }

    /** Begins a reset; while the device finishes its request, registers read as before and cannot be written. */
    synchronized void reset() {
        if (resetting) {
            return;
        }
        resetting = true;
        if (started) {
            device.stop(this::clear);
        } else {
            clear();
        }
    }

    private synchronized void clear() {
        queues.forEach(Virtqueue::reset);
        Arrays.fill(queueVectors, NO_VECTOR);
        deviceFeatureSelect = 0;
        driverFeatureSelect = 0;
        driverFeatures = 0;
        configVector = NO_VECTOR;
        queueSelect = 0;
        status = 0;
        started = false;
        resetting = false;
        notifyAll();
    }

    /** Resets, and returns when that is done. */
    synchronized void resetAndWait() throws InterruptedException {
        reset();
        while (resetting) {
            wait();
        }
    }

    // ---- the device's side ----

    /** A queue's vector, {@link #NO_VECTOR} if it has none; negative while a reset is under way. */
    synchronized int vectorOf(int queue) {
        return resetting || !started ? -1 : queueVectors[queue];
    }

    /** The vector for changes of the configuration. */
    synchronized int configVector() {
        return configVector;
    }

    /** A driver that has read the generation will see another (4.1.4.3.1). */
    synchronized void changed() {
        if (generationRead) {
            generation++;
            generationRead = false;
        }
    }

    /** Sets DEVICE_NEEDS_RESET; whether the driver is to be told (2.1.2). */
    synchronized boolean fail() {
        status |= NEEDS_RESET;
        return (status & DRIVER_OK) != 0;
    }

    synchronized boolean isNotified(int queue) {
        return started && !resetting && queue < queues.size();
    }

    // ---- state ----

    /** Called while the device is at rest. */
    synchronized VirtioPci.Registers state() {
        return new VirtioPci.Registers(
                deviceFeatureSelect, driverFeatureSelect, driverFeatures, configVector, status, generation, queueSelect, started, queueVectors.clone(),
                queues.stream().map(Virtqueue::state).toList());
    }

    /** Called while the device is at rest and not started. */
    synchronized void restore(VirtioPci.Registers state) {
        deviceFeatureSelect = state.deviceFeatureSelect();
        driverFeatureSelect = state.driverFeatureSelect();
        driverFeatures = state.driverFeatures();
        configVector = state.configVector();
        status = state.status();
        generation = state.generation();
        generationRead = true;
        queueSelect = state.queueSelect();
        started = state.started();
        System.arraycopy(state.queueVectors(), 0, queueVectors, 0, queueVectors.length);
        for (int i = 0; i < queues.size(); i++) {
            queues.get(i).restore(state.queues().get(i));
            queues.get(i).negotiated(driverFeatures);
        }
        if (started && (status & NEEDS_RESET) == 0) {
            device.start(queues, driverFeatures, interrupt);
        }
    }
}
