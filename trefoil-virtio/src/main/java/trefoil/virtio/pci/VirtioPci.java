package trefoil.virtio.pci;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import trefoil.machine.Bus;
import trefoil.machine.GuestMemory;
import trefoil.machine.InterruptLine;
import trefoil.machine.Mmio;
import trefoil.machine.MsiSink;
import trefoil.pci.Bar;
import trefoil.pci.ConfigSpace;
import trefoil.pci.Msix;
import trefoil.virtio.device.Interrupt;
import trefoil.virtio.device.VirtioDevice;
import trefoil.virtio.queue.Virtqueue;

/**
 * A virtio device as a function of PCI (virtio 1.2, 4.1). Thread-safe.
 *
 * <p>There is one MSI-X vector for each queue and one for the configuration. While MSI-X is off, the ISR status (4.1.4.5) drives the interrupt pin. Deviations: the device reads and writes memory whether or not it
 * may master the bus; no transitional interface, no notification data, no reset of single queues.
 */
public final class VirtioPci implements Mmio, AutoCloseable {
    /** Common configuration registers and queues. */
    public record Registers(
            int deviceFeatureSelect, int driverFeatureSelect, long driverFeatures, int configVector, int status, int generation, int queueSelect, boolean started,
            int[] queueVectors, List<Virtqueue.State> queues) {}

    /** All but what the device itself remembers. */
    public record State(Registers registers, int isr, Msix.State msix, ConfigSpace.State config) {}

    static final int COMMON = 0x0000;
    static final int ISR = 0x1000;
    static final int DEVICE = 0x2000;
    static final int NOTIFY = 0x3000;
    static final int SIZE = 0x4000;

    private static final int PAGE = 0x1000;
    private static final int REGISTERS_BAR = 0;
    private static final int MSIX_BAR = 2;
    private static final int NOTIFY_MULTIPLIER = 4;
    private static final int VENDOR_CAPABILITY = 0x09;
    private static final int COMMON_CFG = 1;
    private static final int NOTIFY_CFG = 2;
    private static final int ISR_CFG = 3;
    private static final int DEVICE_CFG = 4;
    private static final int PCI_CFG = 5;
    private static final int ISR_QUEUE = 1;
    private static final int ISR_CONFIG = 2;

    private final VirtioDevice device;
    private final ConfigSpace config;
    private final Msix msix;
    private final DeviceRegisters common;
    private int window;
    /** True while {@link #restore} puts bytes back, which are no accesses. Guarded by the configuration space. */
    private boolean settling;
    /** Guarded by the configuration space, whose pin follows it. */
    private int isr;

    /** @param line of INTA# */
    public VirtioPci(VirtioDevice device, GuestMemory memory, Bus bus, MsiSink sink, InterruptLine line) {
        this.device = device;
        this.config = new ConfigSpace(new ConfigSpace.Identity(0x1AF4, 0x1040 + device.id(), 1, classCode(device.id()), 0x1AF4, 0x1100));
        int vectors = device.queueSizes().size() + 1;
        this.common = new DeviceRegisters(device, memory, vectors, new Signals());
        addCapabilities();
        this.msix = new Msix(config, vectors, MSIX_BAR, 0, sink);
        config.memoryBar(REGISTERS_BAR, Bar.Kind.MEMORY_64, SIZE, this, bus);
        config.memoryBar(MSIX_BAR, Bar.Kind.MEMORY_32, Math.max(PAGE, Integer.highestOneBit(2 * msix.length() - 1)), msix, bus);
        config.intx(1, line);
    }

    private static int classCode(int id) {
        return switch (id) {
            case 1 -> 0x020000;
            case 2 -> 0x018000;
            case 3 -> 0x078000;
            default -> 0x00FF00;
        };
    }

    // ---- capabilities (4.1.4) ----

    private void addCapabilities() {
        capability(COMMON_CFG, COMMON, DeviceRegisters.LENGTH, -1);
        capability(ISR_CFG, ISR, 1, -1);
        int length = device.configuration().length;
        if (length > 0) {
            capability(DEVICE_CFG, DEVICE, length, -1);
        }
        capability(NOTIFY_CFG, NOTIFY, NOTIFY_MULTIPLIER * device.queueSizes().size(), NOTIFY_MULTIPLIER);
        window = capability(PCI_CFG, 0, 0, 0);
        config.allow(window + 4, 1, 0xFF).allow(window + 8, 8, -1L).allow(window + 16, 4, -1L);
        config.refresh(window + 16, 4, this::readWindow).watch(window + 16, 4, this::writeWindow);
    }

    private int capability(int type, int offset, int length, int extra) {
        ByteBuffer body = ByteBuffer.allocate(extra < 0 ? 14 : 18).order(ByteOrder.LITTLE_ENDIAN);
        body.put((byte) (body.capacity() + 2)).put((byte) type).put((byte) REGISTERS_BAR).put((byte) 0).putShort((short) 0).putInt(offset).putInt(length);
        if (extra >= 0) {
            body.putInt(extra);
        }
        return config.capability(VENDOR_CAPABILITY, body.array());
    }

    /** 4.1.4.9: pci_cfg_data is a window to what bar, offset and length say; those are right if they name whole registers of this device. */
    private boolean windowIsGood() {
        long offset = config.get(window + 8, 4);
        long length = config.get(window + 12, 4);
        return config.get(window + 4, 1) == REGISTERS_BAR && (length == 1 || length == 2 || length == 4) && offset % length == 0 && offset + length <= SIZE;
    }

    private void readWindow() {
        if (windowIsGood()) {
            config.put(window + 16, 4, read(config.get(window + 8, 4), (int) config.get(window + 12, 4)));
        }
    }

    private void writeWindow() {
        if (!settling && windowIsGood()) {
            int length = (int) config.get(window + 12, 4);
            write(config.get(window + 8, 4), length, config.get(window + 16, length));
        }
    }

    /** To be put into a slot. */
    public ConfigSpace config() {
        return config;
    }

    // ---- registers ----

    @Override
    public long read(long offset, int size) {
        int at = (int) offset % PAGE;
        return switch ((int) offset / PAGE) {
            case COMMON / PAGE -> common.read(at, size);
            case ISR / PAGE -> at == 0 ? takeIsr() : 0;
            case DEVICE / PAGE -> readDevice(at, size);
            default -> 0;
        };
    }

    private long takeIsr() {
        synchronized (config) {
            int taken = isr;
            isr = 0;
            config.interrupt(false);
            return taken;
        }
    }

    private long readDevice(int at, int size) {
        byte[] bytes = device.configuration();
        long value = 0;
        for (int i = 0; i < size && at + i < bytes.length; i++) {
            value |= (bytes[at + i] & 0xFFL) << 8 * i;
        }
        return value;
    }

    @Override
    public void write(long offset, int size, long value) {
        int at = (int) offset % PAGE;
        switch ((int) offset / PAGE) {
            case COMMON / PAGE -> writeCommon(at, size, value);
            case DEVICE / PAGE -> device.configure(at, size, value);
            case NOTIFY / PAGE -> notifyQueue(at / NOTIFY_MULTIPLIER);
            default -> {}
        }
    }

    private void writeCommon(int at, int size, long value) {
        common.write(at, size, value);
        if (at == 0x14 && size == 1 && value == 0) {
            clearIsr();
        }
    }

    private void clearIsr() {
        synchronized (config) {
            isr = 0;
            config.interrupt(false);
        }
    }

    private void notifyQueue(int queue) {
        if (common.isNotified(queue)) {
            device.notifyQueue(queue);
        }
    }

    // ---- interrupts (4.1.4.5, 4.1.5.3, 4.1.5.4) ----

    private final class Signals implements Interrupt {
        @Override
        public void used(int queue) {
            int vector = common.vectorOf(queue);
            if (vector >= 0) {
                signal(vector, ISR_QUEUE);
            }
        }

        @Override
        public void configurationChanged() {
            common.changed();
            signal(common.configVector(), ISR_CONFIG);
        }

        @Override
        public void needsReset() {
            if (common.fail()) {
                signal(common.configVector(), ISR_CONFIG);
            }
        }
    }

    private void signal(int vector, int bit) {
        if (msix.isEnabled()) {
            msix.signal(vector);
            return;
        }
        synchronized (config) {
            isr |= bit;
            config.interrupt(true);
        }
    }

    // ---- life ----

    /** As after power-up; returns when the device has let go of guest memory. */
    public void reset() throws InterruptedException {
        common.resetAndWait();
        clearIsr();
        msix.reset();
        config.reset();
    }

    /** Returns when the device is at rest; only then is {@link #state} meaningful. */
    public void pause() {
        device.pause();
    }

    public void resume() {
        device.resume();
    }

    public State state() {
        synchronized (config) {
            return new State(common.state(), isr, msix.state(), config.state());
        }
    }

    /** Into a device that has not been started and is {@linkplain #pause paused}; what the device itself remembers is restored before. */
    public void restore(State state) {
        synchronized (config) {
            isr = state.isr;
            msix.restore(state.msix);
            settling = true;
            config.restore(state.config);
            settling = false;
            common.restore(state.registers);
        }
    }

    @Override
    public void close() {
        device.close();
    }
}
